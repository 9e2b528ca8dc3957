// The week of one provider: a lane for each day.

import { useCallback, useMemo, useState } from "preact/hooks";

import { type Provider, useClinic } from "../../data/clinic";
import type { ResultOf } from "../../data/graphql";
import { useRosterChange } from "../../data/useLive";
import { usePages } from "../../data/usePages";
import { once } from "../../data/visits";
import { Week } from "../../operations";
import { Note } from "../../parts/Note";
import { go, linkTo, OWN_ZONES, type Route } from "../../route";
import { abbreviation, shortDay, zoneInWords } from "../../time/words";
import { addDays, type Day, instantOf, mondayOf } from "../../time/zone";
import { Board, type BoardLane } from "../day/Board";
import { type Drop, letDrag } from "../day/drag";
import { Dropped } from "../day/Dropped";

type Page = NonNullable<ResultOf<typeof Week>["provider"]>;

const read = ({ provider }: ResultOf<typeof Week>) =>
  provider?.appointments ? { item: provider, ...provider.appointments.pageInfo } : null;

interface Props {
  route: Route;
  provider: Provider;
  day: Day;
  today: Day;
  onBook: (providerId: string, startsAt: number) => void;
}

export function WeekView({ route, provider, day, today, onBook }: Props) {
  const { withPatients, zone: clinicZone, may } = useClinic();
  const zone = route.zone === OWN_ZONES ? provider.timeZone : (route.zone ?? clinicZone);
  const monday = mondayOf(day);
  const sunday = addDays(monday, 6);
  const { pages, error, again } = usePages(
    Week,
    {
      id: provider.id,
      from: new Date(instantOf(monday, 0, zone)).toISOString(),
      to: new Date(instantOf(addDays(monday, 7), 0, zone)).toISOString(),
      firstDay: addDays(monday, -1),
      lastDay: addDays(sunday, 1),
      withPatients,
    },
    read,
  );
  useRosterChange((id) => (id === null || id === provider.id) && again(), [provider.id, monday, zone]);
  const lanes = useMemo(() => (pages ? lanesOf(pages, monday, zone, today) : null), [pages, monday, zone, today]);
  const [drop, setDrop] = useState<Drop | null>(null);
  const canBook = may("BOOK");
  const onBoard = useCallback((board: HTMLElement) => letDrag(board, setDrop), []);
  const onTime = useCallback(
    (key: string, minutes: number) => onBook(provider.id, instantOf(key, minutes, zone)),
    [provider.id, zone, onBook],
  );
  if (error && !lanes) {
    return (
      <Note title="The week could not be loaded" isWrong>
        <p>{error}</p>
        <button type="button" onClick={again}>
          Try again
        </button>
      </Note>
    );
  }
  if (!lanes) return <div class="board skeleton" aria-busy="true" aria-label="Loading the week" />;
  const noon = instantOf(monday, 720, zone);
  return (
    <>
      <Board
        label={`Week of ${provider.name}, ${zoneInWords(noon, zone)}`}
        axis={abbreviation(noon, zone)}
        lanes={lanes}
        state={route.state}
        insurance={route.insurance}
        visitType={route.visitType}
        isOpenToBook={canBook}
        onVisit={(visit) => go({ visit })}
        onTime={onTime}
        {...(canBook && { onBoard })}
      />
      {drop && <Dropped drop={drop} lanes={lanes} onClose={() => setDrop(null)} />}
    </>
  );
}

function lanesOf(pages: Page[], monday: Day, zone: string, today: Day): BoardLane[] {
  const [provider] = pages;
  if (!provider) return [];
  const visits = once(pages.flatMap(({ appointments }) => appointments?.nodes ?? []));
  const { timeZone, schedules: weekly, overrides, timeOff } = provider;
  const calendar = { timeZone, weekly, overrides, timeOff };
  return [0, 1, 2, 3, 4, 5, 6].map((step) => {
    const day = addDays(monday, step);
    return {
      lane: { key: day, providerId: provider.id, day, zone },
      name: shortDay(day),
      isToday: day === today,
      visits,
      calendar,
      rules: provider.rules,
      head: (
        <h2>
          <a href={linkTo({ view: "day", day: day === today ? null : day, provider: "", visit: "" })} data-link>
            {shortDay(day)}
          </a>
        </h2>
      ),
    };
  });
}
