// What somebody waits for.

import { clockOf, type Entry } from "../../data/waitlist";
import { linkTo } from "../../route";
import { abbreviation, dateOf, momentOf, sentence, timeOf, zoneInWords } from "../../time/words";
import { instantOf, minutesOf, shown } from "../../time/zone";

/** Minutes of a day. */
const DAY = 1440;

/** On which days: all, or their names. */
function daysOf(weekdays: Entry["weekdays"]): string {
  return weekdays.length === 7 ? "Any day" : weekdays.map((day) => sentence(day).slice(0, 3)).join(", ");
}

/** 9:00 AM, of what the API writes as 09:00. */
const inWords = (time: string): string => timeOf(instantOf("2027-01-01", minutesOf(time), "UTC"), "UTC");

/** In which hours of a day. */
function hoursOf({ localFrom, localUntil }: Entry): string {
  const [isFromMorning, isToNight] = [localFrom === "00:00", localUntil === "24:00"];
  if (isFromMorning && isToNight) return "any time";
  if (isToNight) return `from ${inWords(localFrom)} on`;
  return isFromMorning ? `before ${inWords(localUntil)}` : `${inWords(localFrom)} to ${inWords(localUntil)}`;
}

/** Thu, Dec 3, 2:15 PM – Fri, Dec 18: of whole days without the time. */
function windowOf(from: number, to: number, zone: string): string {
  const [first, last] = [shown(from, zone), shown(to, zone)];
  const at = (instant: number, isEdge: boolean) =>
    isEdge ? dateOf(instant, zone) : `${dateOf(instant, zone)}, ${timeOf(instant, zone)}`;
  const [begins, ends] = [at(from, first.minutes === 0), at(to, last.minutes === DAY - 1)];
  return begins === ends ? begins : `${begins} – ${ends}`;
}

export function Wish({ entry, zone }: { entry: Entry; zone: string }) {
  const { provider, visitType, durationMinutes, state, insurance, insteadOf } = entry;
  const [from, to] = [Date.parse(entry.earliest), Date.parse(entry.latest)];
  const own = clockOf(entry);
  const clock = own ?? zone;
  const movesAt = insteadOf && Date.parse(insteadOf.startsAt);
  return (
    <dl class="facts">
      <dt>With</dt>
      <dd>{provider?.name ?? "Anybody who fits"}</dd>
      <dt>For</dt>
      <dd>
        {visitType?.name ?? "A visit"}, {durationMinutes} minutes
        <small>
          {state} · {insurance}
        </small>
      </dd>
      <dt>When</dt>
      <dd>
        {windowOf(from, to, clock)}
        <small>
          {daysOf(entry.weekdays)}, {hoursOf(entry)}
        </small>
        <small>
          {own ? `The patient’s clock: ${zoneInWords(to, own)}` : `Days by ${zoneInWords(to, zone)}, hours by ${state}`}
        </small>
      </dd>
      {insteadOf && movesAt !== null && (
        <>
          <dt>Instead of</dt>
          <dd>
            <a href={linkTo({ visit: insteadOf.id })} data-link>
              {momentOf(movesAt, clock)} {abbreviation(movesAt, clock)}
            </a>
            <small>with {insteadOf.provider.name}</small>
          </dd>
        </>
      )}
      <dt>Since</dt>
      <dd>
        {momentOf(Date.parse(entry.createdAt), zone)} {abbreviation(Date.parse(entry.createdAt), zone)}
      </dd>
    </dl>
  );
}
