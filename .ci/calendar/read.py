"""Reads what the test calendar::oracle has written down, with the package icalendar, and compares it with what is expected.

  python read.py calendars.jsonl
"""

import json
import sys
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from icalendar import Calendar


def instant(value):
    assert value.dt.tzinfo is not None, "a floating time"
    return value.dt.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def party(address):
    if address is None:
        return None
    assert isinstance(address, str), "several addresses"
    return {"name": str(address.params["CN"]), "email": str(address).removeprefix("mailto:")}


def read(event):
    zone = ZoneInfo(event["zone"])
    found = event["found"]
    return {
        "uid": str(found["UID"]),
        "sequence": int(found["SEQUENCE"]),
        "status": str(found["STATUS"]),
        "start": instant(found["DTSTART"]),
        "end": instant(found["DTEND"]),
        "stamp": instant(found["DTSTAMP"]),
        "created": instant(found["CREATED"]),
        "modified": instant(found["LAST-MODIFIED"]),
        "summary": str(found["SUMMARY"]),
        "local": found["DTSTART"].dt.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S"),
        "zone": event["zone"],
        "organizer": party(found["ORGANIZER"]),
        "attendee": party(found.get("ATTENDEE")),
    }


def differences(file):
    calendar = Calendar.from_ical(file["text"])
    if calendar.errors or any(component.errors for component in calendar.walk()):
        yield f"errors: {calendar.errors}"
    if str(calendar["METHOD"]) != file["method"] or str(calendar["VERSION"]) != "2.0":
        yield "the method or the version"
    events = calendar.walk("VEVENT")
    if len(events) != len(file["events"]):
        yield f"{len(events)} events"
    for found, expected in zip(events, file["events"]):
        told = read({"zone": expected["zone"], "found": found})
        for name, value in expected.items():
            if told[name] != value:
                yield f"{name}: {told[name]!r} is not {value!r}"
        # Whoever was expected and is there by another version of the visit is the same entry.
        if str(found["CLASS"]) != "PRIVATE":
            yield "the class"
        if (str(found["TRANSP"]) == "TRANSPARENT") != (expected["status"] == "CANCELLED"):
            yield "whether the time is free"


def main(path):
    files, events, wrong, sequences = 0, 0, [], {}
    with open(path, encoding="utf-8", newline="\n") as lines:
        for line in lines:
            file = json.loads(line)
            files += 1
            events += len(file["events"])
            wrong.extend(f"file {files}: {what}" for what in differences(file))
            if file["method"] != "PUBLISH":
                for event in file["events"]:
                    last = sequences.get(event["uid"], 0)
                    if event["sequence"] <= last:
                        wrong.append(f"file {files}: the sequence went from {last} to {event['sequence']}")
                    sequences[event["uid"]] = event["sequence"]
    for what in wrong[:20]:
        print(what)
    print(f"icalendar: {files} files, {events} events, {len(wrong)} differences")
    return 1 if wrong or events < 4000 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
