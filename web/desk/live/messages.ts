// What the tabs of a browser tell each other: one of them follows the server, for all.

import type { ExecutionResult } from "@urql/core";

/** The two logs of the server. */
export type LogName = "visits" | "roster";

/** How near the page is to what is so now. */
export type Status =
  | { state: "connecting" }
  /** All that has happened is shown. */
  | { state: "live" }
  /** Cut off: what is shown is of `since`. */
  | { state: "away"; since: number }
  /** Back, and on the way through what was missed. */
  | { state: "catching-up"; since: number };

export interface Told {
  log: LogName;
  cursor: string;
  result: ExecutionResult;
}

export type Message =
  | ({ type: "event" } & Told)
  | { type: "status"; status: Status }
  /** Whoever follows is there, and hears the server. */
  | { type: "beat" }
  /** A tab has opened and would like to know how it stands. */
  | { type: "hello" }
  /** What the page has seen does not continue: load everything anew. */
  | { type: "reset" };
