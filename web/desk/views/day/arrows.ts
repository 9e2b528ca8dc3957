// Arrow keys go from visit to visit: up and down in a lane, left and right to the one nearest in time.

const visitsIn = (lane: Element): HTMLElement[] =>
  [...lane.querySelectorAll<HTMLElement>("[data-visit]")].sort((a, b) => topOf(a) - topOf(b));

const topOf = (visit: HTMLElement): number => Number(visit.style.getPropertyValue("--from"));

function beside(lanes: Element[], from: number, step: 1 | -1, top: number): HTMLElement | undefined {
  for (let at = from + step; at >= 0 && at < lanes.length; at += step) {
    const lane = lanes[at];
    const [nearest] = (lane ? visitsIn(lane) : []).sort((a, b) => Math.abs(topOf(a) - top) - Math.abs(topOf(b) - top));
    if (nearest) return nearest;
  }
  return undefined;
}

export function moveByArrows(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const visit = (event.target as HTMLElement).closest<HTMLElement>("[data-visit]");
  const lane = visit?.closest("[data-lane]");
  if (!visit || !lane) return;
  const visits = visitsIn(lane);
  const lanes = [...event.currentTarget.querySelectorAll("[data-lane]")];
  const [at, laneAt] = [visits.indexOf(visit), lanes.indexOf(lane)];
  const next = {
    ArrowUp: visits[at - 1],
    ArrowDown: visits[at + 1],
    ArrowLeft: beside(lanes, laneAt, -1, topOf(visit)),
    ArrowRight: beside(lanes, laneAt, 1, topOf(visit)),
    Home: visits[0],
    End: visits.at(-1),
  }[event.key];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
