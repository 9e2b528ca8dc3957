// Drags a visit to another time, or to another lane. Only mice and pens drag: a finger scrolls, and moves
// by the form.

import { instantOf } from "../../time/zone";
import { timeOf, abbreviation } from "../../time/words";

export interface Drop {
  visitId: string;
  fromLane: string;
  toLane: string;
  /** Where it was let go: minutes of that lane's clock. */
  minutes: number;
  /** And where on the screen, for what has to be said of it. */
  at: { x: number; y: number };
}

const SNAP_MINUTES = 5;
/** What is moved less is a click. */
const SLACK_PX = 5;
/** Nearer to the edge than this the board scrolls along. */
const EDGE_PX = 48;

interface Drag {
  block: HTMLElement;
  ghost: HTMLElement;
  /** Where in the block it was taken, in pixels. */
  grip: number;
  lane: HTMLElement;
  minutes: number;
}

export function letDrag(board: HTMLElement, onDrop: (drop: Drop) => void): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  let pressed: { block: HTMLElement; x: number; y: number } | null = null;
  let drag: Drag | null = null;
  let scrolling = 0;

  const end = () => {
    cancelAnimationFrame(scrolling);
    drag?.ghost.remove();
    drag?.block.classList.remove("dragged");
    board.classList.remove("dragging");
    pressed = null;
    drag = null;
  };

  const begin = (block: HTMLElement, y: number): Drag | null => {
    const lane = block.closest<HTMLElement>("[data-lane]");
    if (!lane) return null;
    const ghost = document.createElement("div");
    ghost.className = "drag-ghost";
    ghost.style.setProperty("--length", block.style.getPropertyValue("--length"));
    block.classList.add("dragged");
    board.classList.add("dragging");
    return { block, ghost, grip: y - block.getBoundingClientRect().top, lane, minutes: 0 };
  };

  const follow = (x: number, y: number) => {
    if (!drag) return;
    const below = document.elementsFromPoint(x, y).find((element) => element.closest("[data-lane]"));
    drag.lane = below?.closest<HTMLElement>("[data-lane]") ?? drag.lane;
    const { top, height } = drag.lane.getBoundingClientRect();
    const length = Number(drag.block.style.getPropertyValue("--length"));
    const minutes = Math.round((((y - drag.grip - top) / height) * 1440) / SNAP_MINUTES) * SNAP_MINUTES;
    drag.minutes = Math.min(Math.max(minutes, 0), 1440 - length);
    drag.ghost.style.setProperty("--from", String(drag.minutes));
    const { day = "", zone = "UTC" } = drag.lane.dataset;
    const instant = instantOf(day, drag.minutes, zone);
    drag.ghost.textContent = `${timeOf(instant, zone)} ${abbreviation(instant, zone)}`;
    if (drag.ghost.parentElement !== drag.lane) drag.lane.append(drag.ghost);
  };

  const scroll = (x: number, y: number) => {
    cancelAnimationFrame(scrolling);
    const { left, right, top, bottom } = board.getBoundingClientRect();
    const pull = (at: number, low: number, high: number) => (at < low + EDGE_PX ? -1 : at > high - EDGE_PX ? 1 : 0);
    const [across, along] = [pull(x, left, right), pull(y, top, bottom)];
    if (across === 0 && along === 0) return;
    board.scrollBy(across * 12, along * 8);
    follow(x, y);
    scrolling = requestAnimationFrame(() => scroll(x, y));
  };

  board.addEventListener(
    "pointerdown",
    (event) => {
      const block = (event.target as HTMLElement).closest<HTMLElement>("[data-movable]");
      if (block && event.button === 0 && event.pointerType !== "touch") {
        pressed = { block, x: event.clientX, y: event.clientY };
      }
    },
    { signal },
  );
  addEventListener(
    "pointermove",
    (event) => {
      if (!pressed) return;
      const { clientX: x, clientY: y } = event;
      if (!drag && Math.hypot(x - pressed.x, y - pressed.y) > SLACK_PX) drag = begin(pressed.block, pressed.y);
      if (!drag) return;
      event.preventDefault();
      follow(x, y);
      scroll(x, y);
    },
    { signal },
  );
  addEventListener(
    "pointerup",
    ({ clientX: x, clientY: y }) => {
      const dropped = drag;
      const from = dropped?.block.closest<HTMLElement>("[data-lane]")?.dataset.lane;
      end();
      if (!dropped || from === undefined) return;
      // The click that follows, if one does, opens no panel.
      const swallow = (click: Event) => click.stopPropagation();
      addEventListener("click", swallow, { capture: true });
      setTimeout(() => removeEventListener("click", swallow, { capture: true }));
      const [visitId, toLane] = [dropped.block.dataset.visit ?? "", dropped.lane.dataset.lane ?? ""];
      if (toLane === from && String(dropped.minutes) === dropped.block.style.getPropertyValue("--from")) return;
      onDrop({ visitId, fromLane: from, toLane, minutes: dropped.minutes, at: { x, y } });
    },
    { signal },
  );
  addEventListener("pointercancel", end, { signal });
  addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !drag) return;
      event.stopPropagation();
      end();
    },
    { signal, capture: true },
  );
  return () => {
    end();
    stop.abort();
  };
}
