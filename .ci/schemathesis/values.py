"""Puts values that mean something into half of what Schemathesis makes up.

Text at random never names a state or an appointment, so that nothing past the first check would run.
"""

import random
import re
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
IDS = {"id", "providerId", "patientId", "provider_id"}
LENGTHS = [5, 15, 30, 45, 480]

# What answers have shown so far.
ids: deque[str] = deque(maxlen=200)
cursors: deque[str] = deque(maxlen=50)


@schemathesis.hook
def after_call(
    ctx: schemathesis.HookContext, case: schemathesis.Case, response: schemathesis.Response
) -> None:
    text = response.content.decode("utf-8", "replace")
    ids.extend(re.findall(r'"((?:prv|pat|apt)_[0-9a-z]{26})"', text))
    cursors.extend(re.findall(r'"(?:cursor|endCursor|startCursor|next_cursor)":"([^"]+)"', text))


@schemathesis.hook
def before_call(ctx: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict) -> None:
    # What is meant to be wrong stays wrong.
    if case.meta is not None and case.meta.generation.mode.is_negative:
        return
    # The same case is changed the same way, so that a failure can be found again.
    chance = random.Random(repr((case.body, case.query, case.path_parameters)))
    if hasattr(case.operation.schema, "client_schema"):
        document = graphql.parse(case.body)
        case.body = graphql.print_ast(graphql.visit(document, _Replace(chance)))
        return
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
    # In GraphQL `after` is an instant in some fields and a cursor in others.
    if name in {"after", "before", "cursor"} and cursors:
        return chance.choice(cursors)
    if name in IDS and ids:
        return chance.choice(ids)
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
