// One lane: shades where nobody works, the visits, what is kept free around them, and the line of now.

import { useMemo } from "preact/hooks";

import { memo } from "../../parts/memo";
import { useClinic } from "../../data/clinic";
import { fits, type Narrowing, type Visit } from "../../data/visits";
import type { Calendar } from "../../time/hours";
import { timeOf } from "../../time/words";
import { shown } from "../../time/zone";
import { type Buffers, buffersOf, heldOn, type Lane, placeOf, shadesOf } from "./lane";
import { VisitBlock } from "./VisitBlock";

export interface LaneContent {
  lane: Lane;
  name: string;
  visits: Visit[];
  calendar: Calendar;
  rules: Buffers;
}

interface Props extends LaneContent, Narrowing {
  now: number;
  /** Whether visits may be moved here, and times clicked to book. */
  isOpenToBook: boolean;
}

function LaneColumnOfDay({ lane, name, visits, calendar, rules, now, isOpenToBook, ...narrowing }: Props) {
  const { visitTypes, closedDays } = useClinic();
  const shades = useMemo(() => shadesOf(lane, calendar, closedDays), [lane, calendar, closedDays]);
  const held = useMemo(() => heldOn(lane, visits), [lane, visits]);
  const isToday = shown(now, lane.zone).day === lane.day;
  return (
    <section
      class="lane"
      data-lane={lane.key}
      data-provider={lane.providerId}
      data-day={lane.day}
      data-zone={lane.zone}
      aria-label={name}
    >
      {shades.map(({ from, length, why }) => (
        <div key={`${from}-${why}`} class={why ? "shade away" : "shade"} style={{ "--from": from, "--length": length }}>
          {why && <span>{why}</span>}
        </div>
      ))}
      {held.flatMap((it) =>
        buffersOf(it, rules, visitTypes.get(it.visit.visitType?.id ?? "")).map(({ from, length }) => (
          <div key={`${it.visit.id}-${from}`} class="buffer" style={{ "--from": from, "--length": length }} />
        )),
      )}
      <ol>
        {held.map(({ visit, span, stretch, isGhost }) => (
          <li key={visit.id + (isGhost ? "-ghost" : "")}>
            <VisitBlock
              visit={visit}
              from={span.from}
              to={span.to}
              length={stretch.length}
              offset={stretch.from}
              zone={lane.zone}
              isGhost={isGhost}
              isFaint={!fits(visit, narrowing)}
              canMove={
                isOpenToBook && visit.status === "CONFIRMED" && visit.pendingStartsAt === null && span.from > now
              }
            />
          </li>
        ))}
      </ol>
      {isToday && (
        <div class="now" style={{ "--from": placeOf(now, lane) }}>
          <span class="hidden">It is {timeOf(now, lane.zone)}</span>
        </div>
      )}
    </section>
  );
}

export const LaneColumn = memo(LaneColumnOfDay);
