// The day that the address names, on the clock that it names, and the columns that are looked for: what
// the board and the list of a day both show.

import { useMemo } from "preact/hooks";

import { type Provider, useClinic } from "../../data/clinic";
import { type Column, fits, holdsTime, isPending, type Visit } from "../../data/visits";
import { OWN_ZONES, type Route, type ShownZone } from "../../route";
import { addDays, type Day, instantOf, shown } from "../../time/zone";
import { useDay } from "./useDay";

export interface ShownDay {
  day: Day;
  today: Day;
  zone: ShownZone;
  /** An instant in the middle of the day. */
  noon: number;
  columns: Column[] | undefined;
  /** The columns that are looked for. */
  looked: Column[];
  /** What is counted of them. */
  summary: string;
  error: string | undefined;
  again: () => void;
}

/** The window that has this day of every clock that is shown. */
function dayWindow(day: Day, zones: string[]) {
  const from = Math.min(...zones.map((zone) => instantOf(day, 0, zone)));
  const to = Math.max(...zones.map((zone) => instantOf(addDays(day, 1), 0, zone)));
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), day };
}

function isLookedFor(provider: Provider | undefined, { provider: only, state, insurance }: Route): boolean {
  if (!provider) return false;
  if (only) return provider.id === only;
  return (
    (state === "" || provider.states.includes(state)) && (insurance === "" || provider.insurances.includes(insurance))
  );
}

function summaryOf(visits: Visit[]): string {
  const pending = visits.filter(isPending).length;
  const count = `${visits.length} ${visits.length === 1 ? "visit" : "visits"}`;
  return pending > 0 ? `${count}, ${pending} pending outside` : count;
}

export function useShownDay(route: Route): ShownDay {
  const { zone: clinicZone, providers, withPatients } = useClinic();
  const zone = route.zone ?? clinicZone;
  const today = shown(Date.now(), zone === OWN_ZONES ? clinicZone : zone).day;
  const day = route.day ?? today;
  const own = [...new Set(providers.map(({ timeZone }) => timeZone))];
  const zones = zone !== OWN_ZONES ? [zone] : own.length > 0 ? own : [clinicZone];
  const { columns, error, again } = useDay({ ...dayWindow(day, zones), withPatients });
  const known = useMemo(() => new Map(providers.map((provider) => [provider.id, provider])), [providers]);
  const looked = (columns ?? []).filter(({ id, appointments }) => {
    const provider = known.get(id);
    // Who works here no more has a column as long as there is something in it.
    return isLookedFor(provider, route) && (provider?.active !== false || (appointments?.nodes.length ?? 0) > 0);
  });
  const visits = looked.flatMap(({ appointments }) => appointments?.nodes ?? []).filter(holdsTime);
  return {
    day,
    today,
    zone,
    noon: instantOf(day, 720, zone === OWN_ZONES ? clinicZone : zone),
    columns,
    looked,
    summary: columns ? summaryOf(visits.filter((visit) => fits(visit, route))) : "",
    error,
    again,
  };
}
