// In which window somebody waits: as a form has it, and as the API wants it.

import type { VariablesOf } from "../../data/graphql";
import type { Join } from "../../operations";
import { addDays, type Day, instantOf, isDay, type Weekday } from "../../time/zone";

type Input = VariablesOf<typeof Join>["input"];

/** Who waits and for what, without when. */
export type Wished = Omit<Input, "earliest" | "latest" | "weekdays" | "localFrom" | "localUntil" | "idempotencyKey">;

export interface Fields {
  earliest: string;
  latest: string;
  /** None is any. */
  weekdays: Weekday[];
  from: string;
  until: string;
}

export const ANY_TIME: Fields = { earliest: "", latest: "", weekdays: [], from: "", until: "" };

/** The last minute of a day, before that moment if one is said. */
function endOf(day: Day | null, zone: string, before: string | undefined): string | null {
  const ends = day === null ? Infinity : instantOf(addDays(day, 1), 0, zone);
  const cut = Math.min(ends, before === undefined ? Infinity : Date.parse(before));
  return cut === Infinity ? null : new Date(cut - 60_000).toISOString();
}

/** The window on a clock; what is before `before` alone, where that is said. */
export function windowOf({ earliest, latest, weekdays, from, until }: Fields, zone: string, before?: string) {
  return {
    earliest: isDay(earliest) ? new Date(instantOf(earliest, 0, zone)).toISOString() : null,
    latest: endOf(isDay(latest) ? latest : null, zone, before),
    weekdays: weekdays.length > 0 ? weekdays : null,
    localFrom: from || null,
    localUntil: until || null,
  };
}
