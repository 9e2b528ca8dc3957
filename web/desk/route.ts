// What is shown stands in the address: it can be sent to a colleague, and back and forward work.

import { Store, useStore } from "./data/store";
import { type Day, isDay } from "./time/zone";

export type View = "day" | "week" | "list" | "patients" | "hours";
const VIEWS: View[] = ["day", "week", "list", "patients", "hours"];

/** The zone that times are shown in: a name, or each provider's own. */
export type ShownZone = string;
export const OWN_ZONES: ShownZone = "own";

export interface Filters {
  state: string;
  insurance: string;
  visitType: string;
  /** The provider whose column, week, list or hours it is; all unless given. */
  provider: string;
}

export interface Route extends Filters {
  view: View;
  /** Null is today, also tomorrow. */
  day: Day | null;
  /** Null is the clinic's. */
  zone: ShownZone | null;
  /** The visit whose panel is open. */
  visit: string;
  /** The patient whose page it is. */
  patient: string;
}

const NAMES = ["provider", "state", "insurance", "visitType", "zone", "visit", "patient"] as const;

function read(): Route {
  const said = new URLSearchParams(location.search);
  const text = (name: string) => said.get(name) ?? "";
  const view = VIEWS.find((known) => known === text("view")) ?? "day";
  const day = said.get("day");
  const [provider, state, insurance, visitType, zone, visit, patient] = NAMES.map(text) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const known = isZone(zone) ? zone : null;
  return { view, day: isDay(day) ? day : null, provider, state, insurance, visitType, zone: known, visit, patient };
}

function isZone(zone: string): boolean {
  if (zone === "") return false;
  if (zone === OWN_ZONES) return true;
  try {
    return Intl.DateTimeFormat("en", { timeZone: zone }) !== null;
  } catch {
    return false;
  }
}

function write(route: Route): string {
  const said = new URLSearchParams();
  if (route.day) said.set("day", route.day);
  if (route.view !== "day") said.set("view", route.view);
  for (const name of NAMES) if (route[name]) said.set(name, route[name]);
  const text = said.toString();
  return text === "" ? location.pathname : `?${text}`;
}

const current = new Store(read());
addEventListener("popstate", () => current.set(read()));

export const useRoute = (): Route => useStore(current);
export const route = (): Route => current.value;

/** Shows something else. What only narrows what is shown takes no step of its own back. */
export function go(change: Partial<Route>, { replace = false } = {}): void {
  const next = { ...current.value, ...change };
  const url = write(next);
  if (replace) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  current.set(next);
}

/** The address of something else, for a link. */
export const linkTo = (change: Partial<Route>): string => write({ ...current.value, ...change });

/** Shows what a link of this page leads to. */
export function follow(url: string): void {
  history.pushState(null, "", url);
  current.set(read());
}
