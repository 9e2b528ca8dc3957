"""Holds the names and labels of metrics in rules, dashboard and documentation to what a server has served.

names.py SERVED RULES… DASHBOARD docs/metrics.md: SERVED is what /metrics said, once or several times.
"""

import json
import re
import sys

WORDS = {"by", "without", "on", "ignoring", "group_left", "group_right", "offset", "and", "or", "unless", "bool", "inf", "nan"}
OF_PROMETHEUS = {"up", "ALERTS"}
ITS_LABELS = {"job", "instance", "le"}

problems = []


def served_by(text):
    """What is served: the type of each metric, and the labels of each."""
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    labels = {name: set() for name in types}
    for name, inside in re.findall(r"^([a-z_:]+)(?:\{(.*)\})? \S+$", text, re.M):
        labels[base_of(name, types)].update(re.findall(r'([a-z_]+)="', inside))
    return types, {name: found - {"le"} for name, found in labels.items()}


def base_of(name, types):
    """The metric that a series belongs to: that of a bucket is its histogram."""
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    return base if types.get(base) == "histogram" else name


def expressions_of_rules(text):
    """Each `expr:` of a file of rules, those over several lines too."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        found = re.match(r"( *)expr: *(.*)", line)
        if not found:
            continue
        if found[2] not in ("|", ">"):
            yield found[2]
            continue
        block = []
        for more in lines[at + 1 :]:
            if more.strip() and len(more) - len(more.lstrip()) <= len(found[1]):
                break
            block.append(more)
        yield "\n".join(block)


def expressions_of_dashboard(dashboard):
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"]
    for variable in dashboard["templating"]["list"]:
        yield re.fullmatch(r"label_values\((.*), *\w+\)", variable["definition"])[1]


def used_in(expression):
    """The metrics of an expression, each with the labels that it is asked for."""
    plain = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expression)
    # The insides of a pair of braces are known by its place among all of them.
    insides = re.findall(r"\{([^}]*)\}", plain)
    plain = re.sub(r"\{[^}]*\}", "{}", plain)
    plain = re.sub(r"\[[^\]]*\]", "", plain)
    plain = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", plain)
    insides = iter(insides)
    for found in re.finditer(r"(?<![\w.:])([a-zA-Z_:][\w:]*)(\s*\()?(\{\})?", plain):
        inside = next(insides) if found[3] else ""
        if found[2] or found[1].lower() in WORDS:
            continue
        yield found[1], set(re.findall(r"(\w+)\s*(?:=|!)", inside))


def check(where, expression, types, labels, recorded):
    for name, asked in used_in(expression):
        if name in OF_PROMETHEUS or name in recorded:
            continue
        base = base_of(name, types)
        if base not in types or (types[base] == "histogram" and base == name):
            problems.append(f"{where} names {name}, which the server does not serve")
        elif unknown := asked - labels[base] - ITS_LABELS:
            problems.append(f"{where} asks {name} for {', '.join(sorted(unknown))}, which it does not have")


def check_documentation(text, types, labels):
    """Every metric has a row: its name, its type and its labels."""
    rows = {}
    for name, kind, told in re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*)\|", text, re.M):
        rows[name] = (kind, set(re.findall(r"`(\w+)`", told)))
    for name in sorted(types.keys() - rows.keys()):
        problems.append(f"docs/metrics.md has no row for {name}")
    for name in sorted(set(re.findall(r"\bclinic_\w+", text)) - types.keys()):
        if base_of(name, types) not in types:
            problems.append(f"docs/metrics.md names {name}, which the server does not serve")
    for name in sorted(types.keys() & rows.keys()):
        if rows[name] != (types[name], labels[name]):
            known = f"{types[name]} with the labels {sorted(labels[name])}"
            problems.append(f"docs/metrics.md says {rows[name][0]} with {sorted(rows[name][1])} of {name}, which is a {known}")


def main():
    served, *rules, dashboard, documentation = sys.argv[1:]
    types, labels = served_by(open(served).read())
    recorded, count = set(), 0
    for path in rules:
        recorded.update(re.findall(r"- record: *(\S+)", open(path).read()))
    for path in rules:
        for expression in expressions_of_rules(open(path).read()):
            check(path, expression, types, labels, recorded)
            count += 1
    for expression in expressions_of_dashboard(json.load(open(dashboard))):
        check(dashboard, expression, types, labels, recorded)
        count += 1
    check_documentation(open(documentation).read(), types, labels)
    for problem in sorted(set(problems)):
        print(problem)
    print(f"{len(types)} metrics, {count} expressions")
    sys.exit(1 if problems else 0)


main()
