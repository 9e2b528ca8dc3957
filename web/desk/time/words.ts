// Times and days in words, always on a clock that is named.

import { type Day, shown } from "./zone";

/** The words of the whole page are English, whatever the browser speaks: so are its times. */
const LOCALE = "en-US";

const memory = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, fields: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(fields);
  let known = memory.get(key);
  if (!known) {
    known = new Intl.DateTimeFormat(LOCALE, { ...fields, timeZone: zone });
    memory.set(key, known);
  }
  return known;
}

/** 9:30 AM */
export const timeOf = (instant: number, zone: string): string =>
  format(zone, { hour: "numeric", minute: "2-digit" }).format(instant);

/** 9:30 – 10:00 AM */
export function spanOf(from: number, to: number, zone: string): string {
  // Across midnight the format would write out both dates.
  if (shown(from, zone).day !== shown(to, zone).day) return `${timeOf(from, zone)} – ${timeOf(to, zone)}, next day`;
  return format(zone, { hour: "numeric", minute: "2-digit" }).formatRange(from, to);
}

/** Fri, Jan 15 */
export const dateOf = (instant: number, zone: string): string =>
  format(zone, { weekday: "short", month: "short", day: "numeric" }).format(instant);

/** Fri, Jan 15, 2027, 9:30 AM */
export const momentOf = (instant: number, zone: string): string =>
  format(zone, {
    weekday: "short",
    month: "short",
    day: "numeric",
    year: "numeric",
    hour: "numeric",
    minute: "2-digit",
  }).format(instant);

/** 9:30 AM where it is today; else with its day. */
export const soonOf = (instant: number, zone: string): string =>
  shown(instant, zone).day === shown(Date.now(), zone).day ? timeOf(instant, zone) : momentOf(instant, zone);

/** How often something was tried, and when it is again: 2 attempts, the next at 9:30 AM */
export function attemptsOf(
  { attempts, nextAttemptAt }: { attempts: number; nextAttemptAt: string | null },
  zone: string,
): string {
  const tried = `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  return nextAttemptAt ? `${tried}, the next at ${soonOf(Date.parse(nextAttemptAt), zone)}` : tried;
}

/** Friday, January 15, 2027 */
export const dayInWords = (day: Day): string =>
  format("UTC", { weekday: "long", month: "long", day: "numeric", year: "numeric" }).format(Date.parse(day));

/** Fri 15 */
export const shortDay = (day: Day): string =>
  `${format("UTC", { weekday: "short" }).format(Date.parse(day))} ${Number(day.slice(8))}`;

/** Jan 15, 2027 */
export const plainDate = (day: Day): string =>
  format("UTC", { month: "short", day: "numeric", year: "numeric" }).format(Date.parse(day));

/** 9 AM, for the axis of a day. */
export const hourInWords = (hour: number): string => {
  const half = hour % 24 < 12 ? "AM" : "PM";
  return `${hour % 12 === 0 ? 12 : hour % 12} ${half}`;
};

/** EST */
export function abbreviation(instant: number, zone: string): string {
  const parts = format(zone, { timeZoneName: "short" }).formatToParts(instant);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? zone;
}

/** America/New_York (EST) */
export const zoneInWords = (instant: number, zone: string): string => {
  const plain = zone.replaceAll("_", " ");
  return plain === "UTC" ? plain : `${plain} (${abbreviation(instant, zone)})`;
};

/** New York */
export const placeOf = (zone: string): string => (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");

/** 09:30, as the API and inputs write it. */
export const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/** CHECKED_IN as Checked in. */
export const sentence = (code: string): string => {
  const words = code.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};
