// Days with hours of their own, in the place of those of every week; or with none.

import { useState } from "preact/hooks";

import { dayInWords } from "../../time/words";
import { isDay } from "../../time/zone";
import type { Calendar, Edit } from "./useEdit";
import { Clock } from "./WeeklyHours";

interface Props {
  overrides: Calendar["overrides"];
  firstDay: string;
  edit: Edit;
}

export function Overrides({ overrides, firstDay, edit }: Props) {
  const [date, setDate] = useState("");
  const [works, setWorks] = useState(true);
  const [opensAt, setOpens] = useState("09:00");
  const [closesAt, setCloses] = useState("12:00");
  const isBusy = edit.verdict.state === "busy";
  return (
    <form
      class="framed hours-part"
      aria-label="Single days"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isDay(date)) return;
        const hours = works ? [{ opensAt, closesAt }] : [];
        void edit.ask({ kind: "override", what: `other hours on ${dayInWords(date)}`, date, hours });
      }}
    >
      <h2>Single days</h2>
      {overrides.length === 0 && <p class="hint">Every day is as every week.</p>}
      <ul role="list" class="kept">
        {overrides.map((override) => (
          <li key={override.date}>
            <span>
              <b>{dayInWords(override.date)}</b>
              <small>
                {override.hours.length === 0
                  ? "Does not work"
                  : override.hours.map((span) => `${span.opensAt} – ${span.closesAt}`).join(", ")}
              </small>
            </span>
            <button
              type="button"
              disabled={isBusy}
              onClick={() =>
                void edit.ask({
                  kind: "override",
                  what: `${dayInWords(override.date)} is as every week`,
                  date: override.date,
                  hours: null,
                })
              }
            >
              As every week
            </button>
          </li>
        ))}
      </ul>
      <div class="pair">
        <label>
          Day
          <input
            type="date"
            required
            min={firstDay}
            value={date}
            onInput={({ currentTarget }) => setDate(currentTarget.value)}
          />
        </label>
        <label>
          That day
          <select
            value={works ? "works" : "off"}
            onChange={({ currentTarget }) => setWorks(currentTarget.value === "works")}
          >
            <option value="works">Works other hours</option>
            <option value="off">Does not work</option>
          </select>
        </label>
      </div>
      {works && (
        <div class="span-fields">
          <Clock label="Opens that day" value={opensAt} onSet={setOpens} />
          <span aria-hidden="true">–</span>
          <Clock label="Closes that day" value={closesAt} onSet={setCloses} />
        </div>
      )}
      <div class="actions">
        <button type="submit" class="primary" disabled={isBusy}>
          Set the day
        </button>
      </div>
    </form>
  );
}
