// The board: lanes side by side under their heads, hours along the left.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { Narrowing } from "../../data/visits";
import { hourInWords } from "../../time/words";
import { useNow } from "../../time/now";
import { shown } from "../../time/zone";
import { moveByArrows } from "./arrows";
import { LaneColumn, type LaneContent } from "./LaneColumn";

export interface BoardLane extends LaneContent {
  head: ComponentChildren;
  /** Marks today among other days. */
  isToday?: boolean;
}

interface Props extends Narrowing {
  label: string;
  lanes: BoardLane[];
  /** What the hours along the left are: a zone, or that each lane has its own. */
  axis: string;
  isOpenToBook: boolean;
  onVisit: (visitId: string) => void;
  onTime: (laneKey: string, minutes: number) => void;
  /** Lets visits be dragged; answers how to stop that. */
  onBoard?: (board: HTMLElement) => () => void;
}

const HOURS = Array.from({ length: 23 }, (_, hour) => hour + 1);

/** Fewer lanes than these are no wider for it. */
const FEW = 4;

/** Times that are clicked are taken for the quarter of an hour they are in. */
const CLICKED_MINUTES = 15;

export function Board({ label, lanes, axis, isOpenToBook, onVisit, onTime, onBoard, ...narrowing }: Props) {
  const board = useRef<HTMLDivElement>(null);
  const now = useNow();
  const firstLane = lanes[0]?.lane;

  useEffect(() => {
    // To the beginning of work, or to now, where there is most to see.
    if (!board.current || !firstLane) return;
    const at = shown(Date.now(), firstLane.zone);
    const minutes = at.day === firstLane.day ? Math.max(at.minutes - 90, 0) : 7.5 * 60;
    board.current.scrollTop = minutes * Number(getComputedStyle(board.current).getPropertyValue("--px-a-minute"));
  }, [firstLane?.day, firstLane?.zone]);

  useEffect(() => (board.current && onBoard ? onBoard(board.current) : undefined), [onBoard]);

  const click = (event: MouseEvent) => {
    const target = event.target as HTMLElement;
    const visit = target.closest<HTMLElement>("[data-visit]");
    if (visit?.dataset.visit) return onVisit(visit.dataset.visit);
    const lane = target.closest<HTMLElement>("[data-lane]");
    if (!isOpenToBook || !lane?.dataset.lane) return undefined;
    const { top, height } = lane.getBoundingClientRect();
    const minutes = ((event.clientY - top) / height) * 1440;
    return onTime(lane.dataset.lane, Math.floor(minutes / CLICKED_MINUTES) * CLICKED_MINUTES);
  };

  return (
    <div
      class={lanes.length < FEW ? "board few" : "board"}
      ref={board}
      role="region"
      aria-label={label}
      tabIndex={0}
      style={{ "--lanes": lanes.length }}
      onClick={click}
      onKeyDown={moveByArrows}
    >
      <div class="corner">{axis}</div>
      {lanes.map(({ lane, head, isToday = false }) => (
        <div class="lane-head" key={lane.key} data-today={isToday ? "" : undefined}>
          {head}
        </div>
      ))}
      <div class="hours" aria-hidden="true">
        {HOURS.map((hour) => (
          <span key={hour} style={{ "--from": hour * 60 }}>
            {hourInWords(hour)}
          </span>
        ))}
      </div>
      {lanes.map(({ head: _head, isToday: _today, ...content }) => (
        <LaneColumn key={content.lane.key} {...content} {...narrowing} now={now} isOpenToBook={isOpenToBook} />
      ))}
    </div>
  );
}
