// A lane: one day of one provider on one clock. Says where on it an instant is, and what it holds.

import { holdsTime, type Visit } from "../../data/visits";
import type { Calendar } from "../../time/hours";
import { working } from "../../time/hours";
import { addDays, type Day, instantOf, shown } from "../../time/zone";
import { minus, type Span } from "../../time/spans";

export const DAY_MINUTES = 1440;

export interface Lane {
  /** Names it among the lanes shown. */
  key: string;
  providerId: string;
  day: Day;
  /** The clock that it is on. */
  zone: string;
}

export const windowOf = ({ day, zone }: Pick<Lane, "day" | "zone">): Span => ({
  from: instantOf(day, 0, zone),
  to: instantOf(addDays(day, 1), 0, zone),
});

/** Where an instant is on a lane: minutes since its midnight, on its clock. */
export function placeOf(instant: number, { day, zone }: Pick<Lane, "day" | "zone">): number {
  const at = shown(instant, zone);
  if (at.day < day) return 0;
  return at.day > day ? DAY_MINUTES : at.minutes;
}

/** A stretch of a lane in minutes, for the style sheet to place. */
export interface Stretch {
  from: number;
  length: number;
}

export function stretchOf(span: Span, lane: Pick<Lane, "day" | "zone">): Stretch {
  const from = placeOf(span.from, lane);
  return { from, length: Math.max(placeOf(span.to, lane) - from, 0) };
}

export interface Held {
  visit: Visit;
  span: Span;
  stretch: Stretch;
  /** The time that a move on its way has taken as well. */
  isGhost: boolean;
}

/** The visits of a lane, with the new times of those that are being moved on it. */
export function heldOn(lane: Lane, visits: Visit[]): Held[] {
  const window = windowOf(lane);
  const inside = ({ from, to }: Span) => from < window.to && to > window.from;
  return visits.filter(holdsTime).flatMap((visit) => {
    const span = { from: Date.parse(visit.startsAt), to: Date.parse(visit.endsAt) };
    const held: Held[] = [{ visit, span, stretch: stretchOf(span, lane), isGhost: false }];
    if (visit.pendingStartsAt !== null) {
      const from = Date.parse(visit.pendingStartsAt);
      const ghost = { from, to: from + span.to - span.from };
      held.push({ visit, span: ghost, stretch: stretchOf(ghost, lane), isGhost: true });
    }
    return held.filter(({ span: taken }) => inside(taken));
  });
}

export interface Shade extends Stretch {
  why: string;
}

/** What of a lane is not worked. */
export function shadesOf(lane: Lane, calendar: Calendar, closedDays: Map<Day, string>): Shade[] {
  const window = windowOf(lane);
  const days = [-1, 0, 1].map((step) => addDays(lane.day, step));
  const { open, away } = working(window, days, calendar, closedDays);
  const named = away.map((span) => ({ ...stretchOf(span, lane), why: span.why }));
  const rest = minus([window], [...open, ...away]).map((span) => ({ ...stretchOf(span, lane), why: "" }));
  return [...rest, ...named].filter(({ length }) => length > 0);
}

export interface Buffers {
  bufferBeforeMinutes: number;
  bufferAfterMinutes: number;
}

/** What is kept free around a visit: its type's minutes or its provider's, whichever are more. */
export function buffersOf(held: Held, own: Buffers, type: Buffers | undefined): Stretch[] {
  const before = Math.max(own.bufferBeforeMinutes, type?.bufferBeforeMinutes ?? 0);
  const after = Math.max(own.bufferAfterMinutes, type?.bufferAfterMinutes ?? 0);
  const { from, length } = held.stretch;
  return [
    { from: from - before, length: before },
    { from: from + length, length: after },
  ].filter(({ length: minutes }) => minutes > 0);
}
