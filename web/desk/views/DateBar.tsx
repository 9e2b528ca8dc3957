// Which day, or which week; and the way to others.

import { go, type Route } from "../route";
import { dayInWords, plainDate } from "../time/words";
import { addDays, type Day, isDay, mondayOf } from "../time/zone";

interface Props {
  route: Route;
  day: Day;
  today: Day;
  /** What is counted beside the day: how many visits, say. */
  summary?: string;
}

export function DateBar({ route, day, today, summary }: Props) {
  const isWeek = route.view === "week";
  const step = isWeek ? 7 : 1;
  const unit = isWeek ? "week" : "day";
  const to = (next: Day) => go({ day: next === today ? null : next });
  const title = isWeek ? `Week of ${plainDate(mondayOf(day))}` : dayInWords(day);
  return (
    <div class="date-bar">
      <div class="steps">
        <button
          type="button"
          class="icon"
          data-step="previous"
          aria-label={`Previous ${unit}`}
          onClick={() => to(addDays(day, -step))}
        >
          ‹
        </button>
        <button type="button" data-step="today" aria-pressed={day === today} onClick={() => to(today)}>
          Today
        </button>
        <button
          type="button"
          class="icon"
          data-step="next"
          aria-label={`Next ${unit}`}
          onClick={() => to(addDays(day, step))}
        >
          ›
        </button>
      </div>
      <h1>{title}</h1>
      <label class="date-input">
        <span class="hidden">Go to a day</span>
        <input
          type="date"
          id="go-to-day"
          value={day}
          onChange={({ currentTarget }) => {
            if (isDay(currentTarget.value)) to(currentTarget.value);
          }}
        />
      </label>
      {summary && <p class="summary">{summary}</p>}
    </div>
  );
}
