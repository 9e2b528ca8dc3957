// The hours of every week: a row for each span.

import { useState } from "preact/hooks";

import { sentence } from "../../time/words";
import { WEEKDAYS, type Weekday } from "../../time/zone";
import type { Calendar, Edit } from "./useEdit";

interface Row {
  weekday: Weekday;
  opensAt: string;
  closesAt: string;
  effectiveFrom: string | null;
  effectiveUntil: string | null;
}

/** From Monday on, as the API counts. */
const WEEK: Weekday[] = [...WEEKDAYS.slice(1), "SUNDAY"];

const inOrder = (rows: Row[]) =>
  [...rows].sort((a, b) => WEEK.indexOf(a.weekday) - WEEK.indexOf(b.weekday) || a.opensAt.localeCompare(b.opensAt));

export function WeeklyHours({ hours, edit }: { hours: Calendar["schedules"]; edit: Edit }) {
  const [rows, setRows] = useState<Row[]>(() => inOrder(hours));
  const set = (place: number, changed: Partial<Row>) =>
    setRows((before) => before.map((row, at) => (at === place ? { ...row, ...changed } : row)));
  const add = () =>
    setRows((before) => {
      const last = before.at(-1);
      const next = WEEK[(WEEK.indexOf(last?.weekday ?? "SUNDAY") + 1) % 7] ?? "MONDAY";
      return [
        ...before,
        { weekday: next, opensAt: "09:00", closesAt: "17:00", effectiveFrom: null, effectiveUntil: null },
      ];
    });
  return (
    <form
      class="framed hours-part"
      aria-label="Every week"
      onSubmit={(event) => {
        event.preventDefault();
        const workingHours = rows.map(({ weekday, opensAt, closesAt, effectiveFrom, effectiveUntil }) => ({
          weekday,
          opensAt,
          closesAt,
          effectiveFrom,
          effectiveUntil,
        }));
        void edit.ask({ kind: "hours", what: "hours changed", workingHours });
      }}
    >
      <h2>Every week</h2>
      {rows.length === 0 && <p class="hint">No hours: nobody can book.</p>}
      <div class="hours-names" aria-hidden="true">
        <span>Weekday</span>
        <span>Opens – closes</span>
        <span>From, if not always</span>
        <span>Until, if it ends</span>
      </div>
      <ul role="list" class="hours-rows">
        {rows.map((row, place) => (
          <li key={place}>
            <div
              class="hours-row"
              role="group"
              aria-label={`${sentence(row.weekday)}, ${row.opensAt} to ${row.closesAt}`}
            >
              <select
                aria-label="Weekday"
                value={row.weekday}
                onChange={({ currentTarget }) => set(place, { weekday: currentTarget.value as Weekday })}
              >
                {WEEK.map((weekday) => (
                  <option key={weekday} value={weekday}>
                    {sentence(weekday)}
                  </option>
                ))}
              </select>
              <Clock label="Opens" value={row.opensAt} onSet={(opensAt) => set(place, { opensAt })} />
              <span aria-hidden="true">–</span>
              <Clock label="Closes" value={row.closesAt} onSet={(closesAt) => set(place, { closesAt })} />
              <input
                type="date"
                aria-label="From, if not always"
                title="From, if not always"
                value={row.effectiveFrom ?? ""}
                onChange={({ currentTarget }) => set(place, { effectiveFrom: currentTarget.value || null })}
              />
              <input
                type="date"
                aria-label="Until, if it ends"
                title="Until, if it ends"
                value={row.effectiveUntil ?? ""}
                onChange={({ currentTarget }) => set(place, { effectiveUntil: currentTarget.value || null })}
              />
              <button
                type="button"
                class="icon"
                aria-label={`Remove ${sentence(row.weekday)}, ${row.opensAt}`}
                onClick={() => setRows((before) => before.filter((_, at) => at !== place))}
              >
                ✕
              </button>
            </div>
          </li>
        ))}
      </ul>
      <div class="actions">
        <button type="button" onClick={add}>
          Add hours
        </button>
        <button type="submit" class="primary" disabled={edit.verdict.state === "busy"}>
          Save the week
        </button>
      </div>
    </form>
  );
}

/** A time as the API writes it: 24:00 ends a day, which inputs for times do not know. */
export function Clock({ label, value, onSet }: { label: string; value: string; onSet: (value: string) => void }) {
  return (
    <input
      class="clock"
      aria-label={label}
      required
      pattern="([01][0-9]|2[0-3]):[0-5][0-9]|24:00"
      title="Such as 09:00; 24:00 is the end of the day"
      inputMode="numeric"
      maxLength={5}
      value={value}
      onInput={({ currentTarget }) => onSet(currentTarget.value)}
    />
  );
}
