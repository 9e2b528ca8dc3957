// Follows the server for all tabs of the browser: two streams, begun again wherever they were cut.

import type { Client, ExecutionResult } from "@urql/core";

import { isSignedOut } from "../data/fetching";
import type { Log } from "./log";
import type { LogName, Status, Told } from "./messages";
import { newest } from "./newest";
import { type Subscribing, stream } from "./stream";

interface Following {
  client: Client;
  logs: Record<LogName, Log>;
  asked: Record<LogName, Subscribing>;
  tell: (told: Told) => void;
  say: (status: Status) => void;
  beat: () => void;
  /** The logs do not go on from where we were. */
  lost: () => void;
  signal: AbortSignal;
}

const NAMES: LogName[] = ["visits", "roster"];

/** How often the server is asked where its logs stand: one that has lost its database hears nothing, and goes on beating. */
const ASK_MS = 10_000;

/** The cursor of an event, whichever log it is of. */
function cursorOf(result: ExecutionResult): string | undefined {
  const event = result.data?.appointmentChanged ?? result.data?.rosterChanged;
  return event?.cursor;
}

const refusesCursor = ({ errors = [] }: ExecutionResult): boolean =>
  errors.some((error) => "extensions" in error && (error.extensions as { code?: string }).code === "INVALID_INPUT");

/** A growing pause, cut short when the network is back. */
export function pause(failures: number, signal: AbortSignal): Promise<void> {
  const milliseconds = Math.min(8000, 400 * 2 ** failures) * (0.75 + Math.random() / 2);
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      removeEventListener("online", wake);
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    addEventListener("online", wake);
    signal.addEventListener("abort", wake);
  });
}

export async function follow(following: Following): Promise<void> {
  const { client, logs, asked, tell, say, beat, lost, signal } = following;
  const open = new Set<LogName>();
  let since: number | null = null;
  let known = Date.now();
  let isLive = false;
  let isTold = true;

  const report = () => {
    isLive = false;
    if (open.size < NAMES.length || !isTold) {
      since ??= known;
      say({ state: "away", since });
    } else if (NAMES.every((name) => logs[name].isThere)) {
      since = null;
      isLive = true;
      say({ state: "live" });
    } else {
      say({ state: "catching-up", since: since ?? Date.now() });
    }
  };

  /** Asks how far there is to go, while both streams run, and whether that can be told at all. */
  const aim = async () => {
    try {
      const began = Date.now();
      const ends = await newest(client);
      // Who is live hears of it by itself.
      if (!isLive) for (const name of NAMES) logs[name].aim(ends[name]);
      known = began;
      isTold = true;
    } catch {
      isTold = false;
    }
    report();
  };
  const asking = setInterval(() => {
    if (open.size === NAMES.length && !isSignedOut.value) void aim();
  }, ASK_MS);
  signal.addEventListener("abort", () => clearInterval(asking));

  const keepOpen = async (name: LogName) => {
    let failures = 0;
    while (!signal.aborted) {
      const cut = new AbortController();
      const offline = () => cut.abort();
      addEventListener("offline", offline);
      try {
        const ears = {
          opened: () => {
            failures = 0;
            open.add(name);
            if (open.size === NAMES.length) void aim();
          },
          heard: beat,
          signal: AbortSignal.any([signal, cut.signal]),
        };
        const { query, variables } = asked[name];
        const after = logs[name].cursor;
        for await (const result of stream({ query, variables: { ...variables, after } }, ears)) {
          const cursor = cursorOf(result);
          if (cursor === undefined) {
            if (refusesCursor(result)) lost();
            break;
          }
          tell({ log: name, cursor, result });
          if (open.size === NAMES.length) report();
        }
      } catch {
        // Cut off: why does not matter, it is begun again from the last cursor.
      }
      removeEventListener("offline", offline);
      open.delete(name);
      if (signal.aborted) return;
      report();
      // Nobody is signed in any more: there is nothing to follow.
      if (isSignedOut.value) return;
      await pause(failures, signal);
      failures += 1;
    }
  };
  await Promise.all(NAMES.map(keepOpen));
}
