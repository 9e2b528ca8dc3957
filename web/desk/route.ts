// What is shown stands in the address: it can be sent to a colleague, and back and forward work.

import "./data/address";
import { Store, useStore } from "./data/store";
import { type Day, isDay } from "./time/zone";

export type View = "day" | "week" | "list" | "waitlist" | "patients" | "mail" | "hours" | "webhooks";
const VIEWS: View[] = ["day", "week", "list", "waitlist", "patients", "mail", "hours", "webhooks"];

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
  /** Of the waitlist: said where those are shown who wait no more. */
  over: string;
  /** Of the webhooks: the endpoint whose deliveries are shown. */
  endpoint: string;
  /** The mail that is open. */
  mail: string;
  /** Of the mail: where it stands, and the visit that it is about; all unless given. */
  mailStatus: string;
  mailOf: string;
}

/** What is open of a view or over it: another view begins without. */
export const NOTHING_OPEN = { visit: "", patient: "", endpoint: "", mail: "", mailOf: "" } as const;

const NAMES = [
  "provider",
  "state",
  "insurance",
  "visitType",
  "zone",
  "visit",
  "patient",
  "over",
  "endpoint",
  "mail",
  "mailStatus",
  "mailOf",
] as const;

/** What opens over a view: Back closes it. */
const OVER_A_VIEW = ["visit", "mail"] as const;
type OverAView = (typeof OVER_A_VIEW)[number];

function read(): Route {
  const said = new URLSearchParams(location.search);
  const texts = Object.fromEntries(NAMES.map((name) => [name, said.get(name) ?? ""]));
  const { zone, ...rest } = texts as Record<(typeof NAMES)[number], string>;
  const view = VIEWS.find((known) => known === said.get("view")) ?? "day";
  const day = said.get("day");
  return { ...rest, view, day: isDay(day) ? day : null, zone: isZone(zone) ? zone : null };
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

/** What an entry of the browser's history was made for. */
interface Entry {
  /** A visit or a mail was opened over what the entry before shows. */
  opened?: true;
  /** Something is over the page that the address does not name: a form, say. */
  over?: true;
}

const entry = (): Entry => (history.state as Entry | null) ?? {};

const current = new Store(read());

/** What is to be done once the browser has gone back, while it does: it goes in its own time, over what is pushed meanwhile. */
let afterwards: (() => void)[] | null = null;

addEventListener("popstate", () => {
  current.set(read());
  const waiting = afterwards ?? [];
  afterwards = null;
  for (const change of waiting) onceBack(change);
});

function goBack(): void {
  afterwards = [];
  history.back();
}

/** Changes the history now, or once the browser has gone back. */
function onceBack(change: () => void): void {
  if (afterwards) afterwards.push(change);
  else change();
}

export const useRoute = (): Route => useStore(current);
export const route = (): Route => current.value;

/** Shows something else. What only narrows what is shown takes no step of its own back. */
export function go(change: Partial<Route>, { replace = false } = {}): void {
  if (afterwards) return onceBack(() => go(change, { replace }));
  const next = { ...current.value, ...change };
  const url = write(next);
  const isOne = (what: OverAView) => Object.keys(change).every((name) => name === what);
  const opens = OVER_A_VIEW.some((what) => isOne(what) && !current.value[what] && next[what]);
  const made: Entry | null = opens && !entry().over ? { opened: true } : null;
  if (replace || entry().over) history.replaceState(made, "", url);
  else history.pushState(made, "", url);
  current.set(next);
}

/** Closes the visit or the mail that is open. Back does not open it again. */
export function close(what: OverAView): void {
  if (afterwards) return onceBack(() => close(what));
  if (!entry().opened) return go({ [what]: "" }, { replace: true });
  current.set({ ...current.value, [what]: "" });
  return goBack();
}

/** Makes Back close what opens over the page now. Answers how to tell that it has closed by itself. */
export function closeOnBack(close: () => void): () => void {
  let isOpen = true;
  let isPushed = false;
  const back = () => {
    isOpen = false;
    close();
  };
  onceBack(() => {
    if (!isOpen) return;
    history.pushState({ over: true } satisfies Entry, "");
    isPushed = true;
    addEventListener("popstate", back, { once: true });
  });
  return () => {
    removeEventListener("popstate", back);
    if (isOpen && isPushed) {
      onceBack(() => {
        if (entry().over) goBack();
      });
    }
    isOpen = false;
  };
}

/** The address of something else, for a link. */
export const linkTo = (change: Partial<Route>): string => write({ ...current.value, ...change });

/** Shows what a link of this page leads to. */
export function follow(url: string): void {
  onceBack(() => {
    history.pushState(null, "", url);
    current.set(read());
  });
}
