// Days of the week to choose from.

import { sentence } from "../../time/words";
import { WEEKDAYS, type Weekday } from "../../time/zone";

interface Props {
  chosen: Weekday[];
  onChoose: (days: Weekday[]) => void;
}

/** From Monday on. */
const DAYS = [...WEEKDAYS.slice(1), WEEKDAYS[0]];

export function WeekdayBoxes({ chosen, onChoose }: Props) {
  const toggle = (day: Weekday) => onChoose(DAYS.filter((it) => chosen.includes(it) !== (it === day)));
  return (
    <fieldset class="weekdays">
      <legend>
        Days of the week <i>any, unless some are chosen</i>
      </legend>
      {DAYS.map((day) => (
        <label key={day}>
          <input
            type="checkbox"
            aria-label={sentence(day)}
            checked={chosen.includes(day)}
            onChange={() => toggle(day)}
          />
          {sentence(day).slice(0, 3)}
        </label>
      ))}
    </fieldset>
  );
}
