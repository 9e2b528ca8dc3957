"""Prints the trace of a booking as Rotel's debug log has it; exit code 1 unless it goes from the caller to the outside service."""

import re
import sys

CALLER = "00f067aa0ba902b7"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
FIELD = re.compile(r"\s*(Trace ID|Parent ID|ID|Name|Start time|End time)\s*: ?(.*)")
SERVICE = re.compile(r"\s*-> service\.name: Str\((.*)\)")

spans, service = [], ""
for line in open(sys.argv[1], encoding="utf-8"):
    named = SERVICE.match(line)
    if named:
        service = named[1]
    if line.startswith("ResourceSpans"):
        service = ""
    if line.startswith("Span #"):
        spans.append({"service": service})
    field = FIELD.match(line)
    if field and spans:
        spans[-1][field[1]] = field[2].strip()

spans = [span for span in spans if span.get("Trace ID") == TRACE and "End time" in span]


def below(parent):
    found = [span for span in spans if span["Parent ID"] == parent]
    return sorted(found, key=lambda span: int(span["Start time"]))


def paths(parent, above, depth):
    for span in below(parent):
        took = (int(span["End time"]) - int(span["Start time"])) / 1e6
        print(f"{span['service']:22} {'  ' * depth}{span['Name']:<{44 - 2 * depth}} {took:8.2f} ms")
        path = [*above, (span["service"], span["Name"])]
        yield path
        yield from paths(span["ID"], path, depth + 1)


there = list(paths(CALLER, [], 0))
door = ("clinic", "POST /appointment")
wanted = [
    [door, ("clinic", "transaction hold"), ("clinic", "INSERT appointment")],
    [door, ("clinic", "transaction hold"), ("clinic", "COMMIT")],
    [door, ("clinic", "POST /appointments"), ("clinic-mock-scheduler", "POST /appointments")],
]
missing = [path for path in wanted if path not in there]
for path in missing:
    print("missing:", " > ".join(name for _, name in path))
sys.exit(bool(missing))
