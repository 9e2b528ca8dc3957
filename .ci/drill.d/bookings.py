"""Clients of the drill, and what they hold a restored database to. Part of .ci/drill.

  bookings.py book URL NOTES STOP CLIENTS     books until the file STOP is there; a line for each booking that was acknowledged
  bookings.py judge NOTES HELD BEFORE AFTER RECONCILED LOST
                                              HELD: the ids of the visits in the restored database, in hexadecimal; LOST is written
  bookings.py again URL LOST                  books what was lost for the same patients, at the same times
"""

import json
import pathlib
import re
import sys
import threading
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
BOOK = """mutation Book($input: BookAppointmentInput!) { bookAppointment(input: $input) {
  appointment { id status startsAt provider { id } } error { code message } } }"""


def hexadecimal(name):
    """The id as the database holds it: TypeID's base 32 is the 128 bits."""
    bits = 0
    for digit in name.removeprefix("apt_"):
        bits = bits << 5 | ALPHABET.index(digit)
    return f"{bits:032x}"


def ask(url, variables):
    body = json.dumps({"query": BOOK, "variables": {"input": variables}}).encode()
    request = urllib.request.Request(url + "/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)["data"]["bookAppointment"]


def patient(name):
    return {"name": f"Drill {name}", "email": f"{name}@example.com", "state": "CT", "insurance": "Aetna"}


def book(url, notes, stop, clients):
    stop, lock = pathlib.Path(stop), threading.Lock()
    # Not what begins while the drill goes on: what has begun is not compared with the scheduling service.
    after = (datetime.now(timezone.utc) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def client(number, file):
        count = 0
        while not stop.exists():
            count += 1
            who, sent = patient(f"c{number}-{count}"), time.time()
            try:
                payload = ask(url, {"patient": who, "after": after})
            except (OSError, urllib.error.URLError, TypeError, KeyError):
                time.sleep(0.1)
                continue
            visit = payload["appointment"]
            if visit is None or visit["status"] not in ("CONFIRMED", "PENDING"):
                continue
            line = {"sent": sent, "acknowledged": time.time(), "id": visit["id"], "startsAt": visit["startsAt"],
                    "providerId": visit["provider"]["id"], "patient": who}
            with lock:
                file.write(json.dumps(line) + "\n")
                file.flush()
            time.sleep(0.02)

    with open(notes, "w", encoding="utf-8") as file:
        threads = [threading.Thread(target=client, args=(number, file)) for number in range(int(clients))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def read(notes):
    return [json.loads(line) for line in pathlib.Path(notes).read_text(encoding="utf-8").splitlines()]


def judge(notes, held, before, after, reconciled, lost):
    noted = read(notes)
    held = set(pathlib.Path(held).read_text(encoding="utf-8").lower().split())
    before, after = float(before), float(after)
    due = [one for one in noted if one["acknowledged"] < before]
    late = [one for one in noted if one["sent"] > after]
    if not due or not late:
        sys.exit("no bookings before, or none after: nothing was tried")
    gone = [one["id"] for one in due if hexadecimal(one["id"]) not in held]
    if gone:
        sys.exit(f"LOST: {len(gone)} of {len(due)} that were acknowledged before are not there, such as {gone[0]}")
    early = [one["id"] for one in late if hexadecimal(one["id"]) in held]
    if early:
        sys.exit(f"{len(early)} that were asked for after it are there, such as {early[0]}")
    if reconciled == "-":
        return
    missing = [one for one in noted if hexadecimal(one["id"]) not in held]
    report = pathlib.Path(reconciled).read_text(encoding="utf-8")
    found = re.findall(r"^(apt_\w+): held outside as .*, not known here$", report, re.MULTILINE)
    others = re.findall(r"^apt_\w+: (?!held outside as .*, not known here$).*$", report, re.MULTILINE)
    if others:
        sys.exit(f"reconcile finds what nobody did: {others[0]}")
    if sorted(found) != sorted(one["id"] for one in missing):
        sys.exit(f"reconcile finds {len(found)} that were forgotten; {len(missing)} were")
    with open(lost, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in missing)
    print(f"   {len(due)} acknowledged before it are there, {len(late)} asked for after it are not;"
          f" reconcile finds exactly the {len(missing)} that are held outside alone")


def again(url, lost):
    for one in read(lost):
        payload = ask(url, {key: one[key] for key in ("patient", "providerId", "startsAt")})
        visit = payload["appointment"]
        if visit is None or visit["status"] != "CONFIRMED" or visit["startsAt"] != one["startsAt"]:
            sys.exit(f"{one['id']} can't be booked again: {payload}")


if __name__ == "__main__":
    {"book": book, "judge": judge, "again": again}[sys.argv[1]](*sys.argv[2:])
