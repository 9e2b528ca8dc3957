// Clocks. An instant is a number of milliseconds, a day is "2027-01-15", and what a clock shows is
// minutes since its midnight. Only here is one turned into another.

export type Day = string;

/** What a clock in a zone shows at an instant. */
export interface Shown {
  day: Day;
  minutes: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let known = formats.get(zone);
  if (!known) {
    const fields = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" } as const;
    known = new Intl.DateTimeFormat("en-CA", { ...fields, timeZone: zone, hourCycle: "h23" });
    formats.set(zone, known);
  }
  return known;
}

export function shown(instant: number, zone: string): Shown {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of format(zone).formatToParts(instant)) parts[type] = value;
  return {
    day: `${parts.year}-${parts.month}-${parts.day}`,
    minutes: Number(parts.hour) * 60 + Number(parts.minute),
  };
}

/** How far the clock of a zone is from UTC, in minutes. */
export function offset(instant: number, zone: string): number {
  const { day, minutes } = shown(instant, zone);
  return Math.round((Date.parse(`${day}T00:00:00Z`) - instant) / 60_000) + minutes;
}

/**
 * When a clock shows this. A time that the clock leaves out in spring is taken for as much later, and one
 * that comes twice in autumn for the first.
 */
export function instantOf(day: Day, minutes: number, zone: string): number {
  const asUtc = Date.parse(`${day}T00:00:00Z`) + minutes * 60_000;
  const before = asUtc - offset(asUtc - 86_400_000, zone) * 60_000;
  const after = asUtc - offset(asUtc + 86_400_000, zone) * 60_000;
  const shows = (instant: number) => instant + offset(instant, zone) * 60_000 === asUtc;
  if (shows(before)) return before;
  return shows(after) ? after : before;
}

export function addDays(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

export const WEEKDAYS = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export function weekdayOf(day: Day): Weekday {
  return WEEKDAYS[new Date(`${day}T00:00:00Z`).getUTCDay()] ?? "SUNDAY";
}

/** The Monday of a day's week. */
export function mondayOf(day: Day): Day {
  return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
}

/** Whether a text is a day that there is, of a year that anybody at a desk means. */
export function isDay(text: string | null): text is Day {
  if (text === null || !/^(19|2\d)\d{2}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(text);
  // Some engines take February 31 for March 3.
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** Minutes of "09:30"; "24:00" ends a day. */
export function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

export const here = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
