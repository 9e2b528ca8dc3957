"""Loaded by Schemathesis: registers what the two modules define."""

import checks  # noqa: F401
import values  # noqa: F401
