// The day of the clinic: a column for each provider.

import { useCallback, useMemo, useState } from "preact/hooks";

import { useClinic } from "../../data/clinic";
import type { Column } from "../../data/visits";
import { Note } from "../../parts/Note";
import { go, linkTo, OWN_ZONES, type Route } from "../../route";
import { abbreviation, zoneInWords } from "../../time/words";
import { type Day, instantOf } from "../../time/zone";
import { Board, type BoardLane } from "./Board";
import { type Drop, letDrag } from "./drag";
import { Dropped } from "./Dropped";
import type { ShownDay } from "./useShownDay";

interface Props {
  route: Route;
  shown: ShownDay;
  onBook: (providerId: string, startsAt: number) => void;
}

export function DayView({ route, shown, onBook }: Props) {
  const { providers, may } = useClinic();
  const { day, zone, noon, columns, looked, error, again } = shown;
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

  return (
    <>
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
          label={`Day of the clinic, ${zone === OWN_ZONES ? "each provider on their own clock" : zoneInWords(noon, zone)}`}
          axis={zone === OWN_ZONES ? "Own clocks" : abbreviation(noon, zone)}
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
      <p>
        An administrator adds providers by the API, or with <code>clinic roster apply</code>.
      </p>
    </Note>
  ) : (
    <Note title="No provider fits these filters">
      <p>
        {route.provider
          ? "The provider that the address names is not here."
          : "Nobody here is licensed in that state and takes that insurance."}
      </p>
      <button
        type="button"
        onClick={() => go({ state: "", insurance: "", visitType: "", provider: "" }, { replace: true })}
      >
        Clear filters
      </button>
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
      </>
    ),
  };
}
