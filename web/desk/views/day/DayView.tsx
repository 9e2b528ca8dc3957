// The day of the clinic: a column for each provider.

import { useCallback, useEffect, useMemo, useState } from "preact/hooks";

import { live } from "../../data/client";
import { useClinic } from "../../data/clinic";
import { useStore } from "../../data/store";
import { type Column, fits, holdsTime, isPending } from "../../data/visits";
import { Note } from "../../parts/Note";
import { go, linkTo, OWN_ZONES, type Route } from "../../route";
import { abbreviation, zoneInWords } from "../../time/words";
import { addDays, type Day, instantOf, shown } from "../../time/zone";
import { Board, type BoardLane } from "./Board";
import { type Drop, letDrag } from "./drag";
import { Dropped } from "./Dropped";
import { useDay } from "./useDay";

interface Props {
  route: Route;
  onBook: (providerId: string, startsAt: number) => void;
  children: (day: Day, today: Day, summary: string) => preact.ComponentChildren;
}

/** The window that has this day of every clock that is shown. */
export function dayWindow(day: Day, zones: string[]) {
  const from = Math.min(...zones.map((zone) => instantOf(day, 0, zone)));
  const to = Math.max(...zones.map((zone) => instantOf(addDays(day, 1), 0, zone)));
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), day };
}

/** Whether a provider's column is among those looked for. */
export function isLookedFor(
  provider: { id: string; states: string[]; insurances: string[] } | undefined,
  { provider: only, state, insurance }: Route,
): boolean {
  if (!provider) return only === "";
  if (only) return provider.id === only;
  return (state === "" || provider.states.includes(state)) && (insurance === "" || provider.insurances.includes(insurance));
}

export function DayView({ route, onBook, children }: Props) {
  const { zone: clinicZone, providers, withPatients, may } = useClinic();
  const zone = route.zone ?? clinicZone;
  const today = shown(Date.now(), zone === OWN_ZONES ? clinicZone : zone).day;
  const day = route.day ?? today;
  const zones = zone === OWN_ZONES ? [...new Set(providers.map(({ timeZone }) => timeZone))] : [zone];
  const window = dayWindow(day, zones.length > 0 ? zones : [clinicZone]);
  const { columns, error, again } = useDay({ ...window, withPatients });
  const resets = useStore(live.resets);
  useEffect(() => {
    if (resets > 0) again();
  }, [resets]);

  const known = useMemo(() => new Map(providers.map((provider) => [provider.id, provider])), [providers]);
  const looked = (columns ?? []).filter(
    (column) =>
      isLookedFor(known.get(column.id), route) &&
      (known.get(column.id)?.active !== false || (column.appointments?.nodes.length ?? 0) > 0),
  );
  const lanes = useLanes(looked, day, zone);
  const [drop, setDrop] = useState<Drop | null>(null);
  const canBook = may("BOOK");
  const onBoard = useCallback((board: HTMLElement) => letDrag(board, setDrop), []);
  const onTime = useCallback(
    (key: string, minutes: number) => {
      const lane = lanes.find((it) => it.lane.key === key)?.lane;
      if (lane) onBook(lane.providerId, instantOf(lane.day, minutes, lane.zone));
    },
    [lanes, onBook],
  );

  const visits = looked.flatMap(({ appointments }) => appointments?.nodes ?? []).filter(holdsTime);
  const found = visits.filter((visit) => fits(visit, route));
  const pending = found.filter(isPending).length;
  const summary = columns
    ? `${found.length} ${found.length === 1 ? "visit" : "visits"}${pending > 0 ? `, ${pending} pending outside` : ""}`
    : "";
  const at = Date.parse(window.from) + 12 * 3_600_000;

  return (
    <>
      {children(day, today, summary)}
      {error && !columns ? (
        <Note title="The day could not be loaded" isWrong>
          <p>{error}</p>
          <button type="button" onClick={again}>
            Try again
          </button>
        </Note>
      ) : !columns ? (
        <div class="board skeleton" aria-busy="true" aria-label="Loading the day" />
      ) : lanes.length === 0 ? (
        <Nobody route={route} isEmpty={providers.length === 0} />
      ) : (
        <Board
          label={`Day of the clinic, ${zone === OWN_ZONES ? "each provider on their own clock" : zoneInWords(at, zone)}`}
          axis={zone === OWN_ZONES ? "Own clocks" : abbreviation(at, zone)}
          lanes={lanes}
          state={route.state}
          insurance={route.insurance}
          visitType={route.visitType}
          isOpenToBook={canBook}
          onVisit={(visit) => go({ visit })}
          onTime={onTime}
          {...(canBook && { onBoard })}
        />
      )}
      {drop && <Dropped drop={drop} lanes={lanes} onClose={() => setDrop(null)} />}
    </>
  );
}

function Nobody({ route, isEmpty }: { route: Route; isEmpty: boolean }) {
  return isEmpty ? (
    <Note title="Nobody works here yet">
      <p>An administrator adds providers by the API, or with <code>clinic roster apply</code>.</p>
    </Note>
  ) : (
    <Note title="No provider fits these filters">
      <p>Nobody here is licensed in that state and takes that insurance.</p>
      <button type="button" onClick={() => go({ state: "", insurance: "", visitType: "", provider: "" }, { replace: true })}>
        Clear filters
      </button>
      {route.provider && <a href={linkTo({ provider: "" })}>Show all providers</a>}
    </Note>
  );
}

/** A lane for each column, on its clock. Lanes of columns that are the same stay the same. */
function useLanes(columns: Column[], day: Day, zone: string): BoardLane[] {
  const memory = useMemo(() => new WeakMap<Column, BoardLane>(), [day, zone]);
  return columns.map((column) => {
    const before = memory.get(column);
    if (before) return before;
    const lane = laneOf(column, day, zone === OWN_ZONES ? column.timeZone : zone);
    memory.set(column, lane);
    return lane;
  });
}

function laneOf(column: Column, day: Day, zone: string): BoardLane {
  const { id, name, credentials, timeZone, workingHours, overrides, timeOff, appointments, rules } = column;
  const more = appointments?.pageInfo.hasNextPage ?? false;
  const at = instantOf(day, 720, timeZone);
  return {
    lane: { key: id, providerId: id, day, zone },
    name,
    visits: appointments?.nodes ?? [],
    calendar: { timeZone, weekly: workingHours, overrides, timeOff },
    rules,
    head: (
      <>
        <h2>
          <a href={linkTo({ view: "week", provider: id, visit: "" })} data-link>
            {name}
          </a>
        </h2>
        <p>
          {credentials && `${credentials} · `}
          {timeZone === zone ? abbreviation(at, zone) : `works on ${abbreviation(at, timeZone)}`}
        </p>
        {more && <p class="more">There are more visits than fit here: see the list.</p>}
      </>
    ),
  };
}
