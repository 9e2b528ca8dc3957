// When a provider works: the hours of every week, a day's own hours in their place, and neither on time
// off nor when the clinic is closed.

import { minus, type Span } from "./spans";
import { addDays, type Day, instantOf, minutesOf, type Weekday, weekdayOf } from "./zone";

interface Hours {
  opensAt: string;
  closesAt: string;
}

export interface Calendar {
  timeZone: string;
  /** As every week; where days limit them, these are told. */
  weekly: (Hours & { weekday: Weekday; effectiveFrom?: Day | null; effectiveUntil?: Day | null })[];
  overrides: { date: Day; hours: Hours[] }[];
  timeOff: { startsAt: string; endsAt: string }[];
}

export interface Away extends Span {
  why: string;
}

/** The hours of one local day, on the provider's clock. */
function hoursOf(day: Day, { weekly, overrides }: Calendar): Hours[] {
  const own = overrides.find(({ date }) => date === day);
  if (own) return own.hours;
  return weekly.filter(
    ({ weekday, effectiveFrom, effectiveUntil }) =>
      weekday === weekdayOf(day) &&
      (!effectiveFrom || effectiveFrom <= day) &&
      (!effectiveUntil || day <= effectiveUntil),
  );
}

/** What keeps the provider away on a local day, whatever the hours of that day. */
function daysOff(day: Day, calendar: Calendar, closedDays: Map<Day, string>): Away[] {
  const own = calendar.overrides.find(({ date }) => date === day);
  const whole = { from: instantOf(day, 0, calendar.timeZone), to: instantOf(addDays(day, 1), 0, calendar.timeZone) };
  if (own) return own.hours.length === 0 ? [{ ...whole, why: "Does not work this day" }] : [];
  const closed = closedDays.get(day);
  return closed === undefined ? [] : [{ ...whole, why: `Clinic closed: ${closed}` }];
}

/** What of a window is worked, and why what is not worked is not, where more is known than the hours. */
export function working(
  window: Span,
  days: Day[],
  calendar: Calendar,
  closedDays: Map<Day, string>,
): { open: Span[]; away: Away[] } {
  const zone = calendar.timeZone;
  const away: Away[] = [
    ...days.flatMap((day) => daysOff(day, calendar, closedDays)),
    ...calendar.timeOff.map(({ startsAt, endsAt }) => ({
      from: Date.parse(startsAt),
      to: Date.parse(endsAt),
      why: "Time off",
    })),
  ];
  const hours = days.flatMap((day) =>
    hoursOf(day, calendar).map(({ opensAt, closesAt }) => ({
      from: instantOf(day, minutesOf(opensAt), zone),
      to: instantOf(day, minutesOf(closesAt), zone),
    })),
  );
  const cut = <T extends Span>(span: T): T => ({
    ...span,
    from: Math.max(span.from, window.from),
    to: Math.min(span.to, window.to),
  });
  const inside = ({ from, to }: Span) => from < to;
  return {
    open: minus(hours, away).map(cut).filter(inside),
    away: away.map(cut).filter(inside),
  };
}
