"""Puts values that mean something into half of what Schemathesis makes up.

Text at random never names a state or an appointment, so that nothing past the first check would run.
"""

import json
import os
import random
import re
import urllib.request
from collections import deque
from datetime import datetime, timedelta, timezone

import graphql
import schemathesis

NAMES = {
    "state": ["CT", "Connecticut", "NY", "ca", "PR"],
    "insurance": ["Aetna", "aetna", "Cigna", "Medicare"],
    "name": ["John Doe", "Jane Roe", "Žofie Nováková"],
    "email": ["john@example.com", "jane@example.com"],
    "search": ["o", "john", "%"],
    "idempotencyKey": [f"key-{number}" for number in range(50)],
}
LENGTHS = [5, 15, 30, 45, 480]
# Where it needs other signs than letters and digits, Schemathesis writes a header as if it had no pattern.
ENTITY_TAGS = ["*", '"1"', '"2"', 'W/"2"', '"1", "2","x"']

# What answers have shown so far.
ids: dict[str, deque[str]] = {kind: deque(maxlen=50) for kind in ("prv", "pat", "apt")}
cursors: deque[str] = deque(maxlen=50)

LEARN = """mutation ($input: BookAppointmentInput!) {
  bookAppointment(input: $input) {
    appointment { id patient { id appointments { edges { cursor } } } provider { id } }
  }
}"""


def _remember(text: str) -> None:
    for known, kind in re.findall(r'"((prv|pat|apt)_[0-9a-z]{26})"', text):
        ids[kind].append(known)
    cursors.extend(re.findall(r'"(?:cursor|endCursor|startCursor|next_cursor)":"([^"]+)"', text))


def _learn() -> None:
    """Books some visits, so that there is something to ask for from the beginning."""
    headers = {"Content-Type": "application/json"}
    if "API_TOKEN" in os.environ:
        headers["Authorization"] = f"Bearer {os.environ['API_TOKEN']}"
    for name in ["Ann", "Bob", "Cid", "Dee", "Eve"]:
        patient = {"name": name, "email": f"{name}@example.com", "state": "CT", "insurance": "Aetna"}
        body = {"query": LEARN, "variables": {"input": {"patient": patient}}}
        request = urllib.request.Request(
            f"{os.environ['CLINIC_URL']}/graphql", json.dumps(body).encode(), headers
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            _remember(answer.read().decode())


_learn()


@schemathesis.hook
def after_call(
    ctx: schemathesis.HookContext, case: schemathesis.Case, response: schemathesis.Response
) -> None:
    _remember(response.content.decode("utf-8", "replace"))


@schemathesis.hook
def before_call(ctx: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict) -> None:
    # What is meant to be wrong stays wrong, and what follows from an answer before stays with it.
    meta = case.meta
    if meta is not None and (meta.generation.mode.is_negative or meta.phase.name == "stateful"):
        return
    # The same case is changed the same way, so that a failure can be found again.
    chance = random.Random(repr((case.body, case.query, case.path_parameters)))
    if hasattr(case.operation.schema, "client_schema"):
        document = graphql.parse(case.body)
        case.body = graphql.print_ast(graphql.visit(document, _Replace(chance)))
        return
    if "If-Match" in (case.headers or {}):
        case.headers["If-Match"] = chance.choice(ENTITY_TAGS)
    body = case.body if isinstance(case.body, dict) else {}
    patient = body.get("patient") if isinstance(body.get("patient"), dict) else {}
    for given in (body, patient, case.query, case.path_parameters):
        for name in given or {}:
            if chance.random() < 0.5 and isinstance(given[name], str):
                given[name] = _text(chance, name, given[name])


def _text(chance: random.Random, name: str, old: str) -> str:
    """Something that fits where a text stands under this name."""
    if re.match(r"\d{4}-\d\d-\d\dT", old):
        start = datetime.now(timezone.utc).replace(second=0, microsecond=0)
        start += timedelta(minutes=15 * chance.randint(-100, 2000))
        return start.strftime("%Y-%m-%dT%H:%M:%SZ")
    if name in {"from", "to"}:
        day = datetime.now(timezone.utc).date() + timedelta(days=chance.randint(-2, 30))
        return day.isoformat()
    # In GraphQL `after` is an instant in some fields and a cursor in others.
    if name in {"after", "before", "cursor"} and cursors:
        return chance.choice(cursors)
    if name in {"id", "providerId", "patientId", "provider_id"}:
        # An `id` alone may be of any kind; most often an appointment's.
        kinds = {"provider": ["prv"], "patient": ["pat"]}.get(name[:-2].rstrip("_").lower())
        return chance.choice(ids[chance.choice(kinds or ["prv", "pat", "apt", "apt"])] or [old])
    return chance.choice(NAMES.get(name, [old]))


class _Replace(graphql.Visitor):
    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance

    def enter(self, node: graphql.Node, *_: object) -> graphql.Node | None:
        named = isinstance(node, (graphql.ArgumentNode, graphql.ObjectFieldNode))
        if not named or self.chance.random() < 0.5:
            return None
        value = self._value(node.name.value, node.value)
        return None if value is None else type(node)(name=node.name, value=value)

    def _value(self, name: str, old: graphql.ValueNode) -> graphql.ValueNode | None:
        if name == "durationMinutes" and isinstance(old, graphql.IntValueNode):
            return graphql.IntValueNode(value=str(self.chance.choice(LENGTHS)))
        if name in {"first", "last"} and isinstance(old, graphql.IntValueNode):
            return graphql.IntValueNode(value=str(self.chance.randint(0, 5)))
        if isinstance(old, graphql.StringValueNode):
            return graphql.StringValueNode(value=_text(self.chance, name, old.value))
        return None
