// The waitlist: who waits for a time, in the order of joining, and what they are offered.

import { useRef } from "preact/hooks";

import { useClinic } from "../../data/clinic";
import { type Entry, nameOf, standingOf, WAITS } from "../../data/waitlist";
import { Note } from "../../parts/Note";
import { go, linkTo, OWN_ZONES, type Route } from "../../route";
import { Answers } from "./Answers";
import { Offers } from "./Offers";
import { LAST, useWaitlist } from "./useWaitlist";
import { Wish } from "./Wish";

export function WaitlistView({ route }: { route: Route }) {
  const { zone: clinicZone } = useClinic();
  const isOver = route.over !== "";
  const { entries, hasOlder, error, again } = useWaitlist(isOver);
  const heading = useRef<HTMLHeadingElement>(null);
  const zone = route.zone && route.zone !== OWN_ZONES ? route.zone : clinicZone;
  const done = () => {
    again();
    // What had the focus may be there no more.
    if (!document.querySelector("dialog[open]")) heading.current?.focus();
  };
  return (
    <div class="page waitlist">
      <header class="waitlist-head">
        <h1 ref={heading} tabIndex={-1}>
          Waitlist
        </h1>
        <label class="select">
          <span class="hidden">Shown</span>
          <select
            value={isOver ? "yes" : ""}
            onChange={({ currentTarget }) => go({ over: currentTarget.value }, { replace: true })}
          >
            <option value="">Who waits</option>
            <option value="yes">Who waits no more</option>
          </select>
        </label>
        <p class="summary" aria-live="polite">
          {entries && counted(entries.length, isOver)}
        </p>
      </header>
      {error && !entries ? (
        <Note title="The waitlist could not be loaded" isWrong>
          <p>{error}</p>
          <button type="button" onClick={again}>
            Try again
          </button>
        </Note>
      ) : (
        <Entries entries={entries} isOver={isOver} zone={zone} onDone={done} />
      )}
      {hasOlder && <p class="hint">There are older ones than these {LAST}.</p>}
    </div>
  );
}

function counted(count: number, isOver: boolean): string {
  if (isOver) return `${count} ${count === 1 ? "waits" : "wait"} no more`;
  return `${count} ${count === 1 ? "waits" : "wait"}, in the order of joining`;
}

interface EntriesProps {
  entries: Entry[] | undefined;
  isOver: boolean;
  zone: string;
  onDone: () => void;
}

function Entries({ entries, isOver, zone, onDone }: EntriesProps) {
  const { may } = useClinic();
  if (!entries) return <p aria-busy="true">Loading …</p>;
  if (entries.length === 0) {
    return isOver ? (
      <Note title="Nobody has waited yet" />
    ) : (
      <Note title="Nobody waits">
        <p>
          {may("BOOK") ? "Put somebody on the waitlist where you book, in the step When." : "No time is looked for."}
        </p>
      </Note>
    );
  }
  return (
    <ol class="waiting" aria-label={isOver ? "Who waits no more" : "Who waits"}>
      {entries.map((entry) => (
        <li key={entry.id} data-entry={entry.id} data-status={entry.status}>
          <header>
            <h2>
              {entry.patient ? (
                <a href={linkTo({ view: "patients", patient: entry.patient.id, visit: "" })} data-link>
                  {entry.patient.name}
                </a>
              ) : (
                nameOf(entry)
              )}
            </h2>
            <span class="pill">{standingOf(entry)}</span>
          </header>
          <Wish entry={entry} zone={zone} />
          <div class="waiting-offers">
            <Offers entry={entry} zone={zone} />
            {may("BOOK") && WAITS.includes(entry.status) && <Answers entry={entry} zone={zone} onDone={onDone} />}
          </div>
        </li>
      ))}
    </ol>
  );
}
