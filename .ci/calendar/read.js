// Reads what the test calendar::oracle has written down, with ical.js, and compares it with what is expected.
//
//   node read.js calendars.jsonl

import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import ICAL from "ical.js";

const instant = (time) => {
  if (time.zone !== ICAL.Timezone.utcTimezone) throw new Error(`not in UTC: ${time}`);
  return time.toJSDate().toISOString().replace(".000Z", "Z");
};

const party = (property) =>
  property && {
    name: property.getParameter("cn"),
    email: property.getFirstValue().replace(/^mailto:/, ""),
  };

const clocks = new Map();

/** What the clock of a zone shows then. */
const local = (time, zone) => {
  if (!clocks.has(zone)) {
    const options = { timeZone: zone, dateStyle: "short", timeStyle: "medium", hourCycle: "h23" };
    clocks.set(zone, new Intl.DateTimeFormat("sv-SE", options));
  }
  return clocks.get(zone).format(time.toJSDate()).replace(" ", "T");
};

const read = (found, zone) => {
  const value = (name) => found.getFirstPropertyValue(name);
  return {
    uid: value("uid"),
    sequence: value("sequence"),
    status: value("status"),
    start: instant(value("dtstart")),
    end: instant(value("dtend")),
    stamp: instant(value("dtstamp")),
    created: instant(value("created")),
    modified: instant(value("last-modified")),
    summary: value("summary"),
    local: local(value("dtstart"), zone),
    zone,
    organizer: party(found.getFirstProperty("organizer")),
    attendee: party(found.getFirstProperty("attendee")),
  };
};

const differences = ({ text, method, events }) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const wrong = [];
  if (calendar.getFirstPropertyValue("method") !== method) wrong.push("the method");
  const found = calendar.getAllSubcomponents("vevent");
  if (found.length !== events.length) wrong.push(`${found.length} events`);
  for (const [index, expected] of events.entries()) {
    const told = read(found[index], expected.zone);
    for (const [name, value] of Object.entries(expected)) {
      if (!isDeepStrictEqual(told[name] ?? null, value)) {
        wrong.push(`${name}: ${JSON.stringify(told[name])} is not ${JSON.stringify(value)}`);
      }
    }
  }
  return wrong;
};

const files = readFileSync(process.argv[2], "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
const wrong = files.flatMap((file, index) => differences(file).map((what) => `file ${index + 1}: ${what}`));
const events = files.reduce((sum, file) => sum + file.events.length, 0);
for (const what of wrong.slice(0, 20)) console.log(what);
console.log(`ical.js: ${files.length} files, ${events} events, ${wrong.length} differences`);
process.exitCode = wrong.length > 0 || events < 4000 ? 1 : 0;
