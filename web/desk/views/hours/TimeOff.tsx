// Time off: what is taken, and more.

import { useState } from "preact/hooks";

import { momentOf } from "../../time/words";
import { addDays, instantOf, isDay, minutesOf } from "../../time/zone";
import type { Calendar, Edit } from "./useEdit";

interface Props {
  timeOff: Calendar["timeOff"];
  zone: string;
  edit: Edit;
}

export function TimeOff({ timeOff, zone, edit }: Props) {
  const [firstDay, setFirstDay] = useState("");
  const [lastDay, setLastDay] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [reason, setReason] = useState("");
  const isBusy = edit.verdict.state === "busy";
  const submit = (event: Event) => {
    event.preventDefault();
    const last = lastDay || firstDay;
    if (!isDay(firstDay) || !isDay(last)) return;
    // Whole days unless times are given.
    const starts = instantOf(firstDay, from ? minutesOf(from) : 0, zone);
    const ends = to ? instantOf(last, minutesOf(to), zone) : instantOf(addDays(last, 1), 0, zone);
    void edit.ask({
      kind: "timeOff",
      what: "time off added",
      startsAt: new Date(starts).toISOString(),
      endsAt: new Date(ends).toISOString(),
      reason: reason.trim() || null,
    });
  };
  return (
    <form class="framed hours-part" aria-label="Time off" onSubmit={submit}>
      <h2>Time off</h2>
      {timeOff.length === 0 && <p class="hint">None is to come.</p>}
      <ul role="list" class="kept">
        {timeOff.map((off) => (
          <li key={off.id}>
            <span>
              <b>
                {momentOf(Date.parse(off.startsAt), zone)} – {momentOf(Date.parse(off.endsAt), zone)}
              </b>
              {off.reason && <small>{off.reason}</small>}
            </span>
            <button
              type="button"
              disabled={isBusy}
              onClick={() => void edit.ask({ kind: "noTimeOff", what: "time off removed", id: off.id })}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      <div class="pair">
        <label>
          First day
          <input
            type="date"
            required
            value={firstDay}
            onInput={({ currentTarget }) => setFirstDay(currentTarget.value)}
          />
        </label>
        <label>
          From <i>if not all day</i>
          <input type="time" value={from} onInput={({ currentTarget }) => setFrom(currentTarget.value)} />
        </label>
        <label>
          Last day <i>if another</i>
          <input
            type="date"
            min={firstDay}
            value={lastDay}
            onInput={({ currentTarget }) => setLastDay(currentTarget.value)}
          />
        </label>
        <label>
          Until <i>if not all day</i>
          <input type="time" value={to} onInput={({ currentTarget }) => setTo(currentTarget.value)} />
        </label>
      </div>
      <label>
        Why <i>for those who may change hours</i>
        <input maxLength={1000} value={reason} onInput={({ currentTarget }) => setReason(currentTarget.value)} />
      </label>
      <div class="actions">
        <button type="submit" class="primary" disabled={isBusy}>
          Add time off
        </button>
      </div>
    </form>
  );
}
