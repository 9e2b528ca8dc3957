// What happens to appointments, as it happens, with nothing lost and nothing repeated, however often
// the connection is.

import { setTimeout as pause } from "node:timers/promises";

import { type Client, createClient } from "graphql-ws";
// Browsers, and Node.js from 22 on, have a WebSocket of their own.
import WebSocket from "ws";

import { type ClinicOptions, type GraphQLError, QueryFailed, type Run } from "./client.js";
import type { WatchSubscription } from "./generated/graphql.js";
import { graphql } from "./generated/index.js";

const Watch = graphql(`
  subscription Watch($providerId: ID, $state: String, $after: String) {
    appointmentChanged(providerId: $providerId, state: $state, after: $after) {
      cursor
      kind
      at
      appointment {
        id
        status
        localStartsAt
        provider {
          name
        }
      }
    }
  }
`);

export type AppointmentEvent = WatchSubscription["appointmentChanged"];

const Newest = graphql(`
  query Newest {
    events(last: 1) {
      nodes {
        cursor
      }
    }
  }
`);

/**
 * Where the log of events ends now. For a list that stays true: take this, then load the list, then
 * watch from here. What happened in between comes twice, once in the list and once as an event.
 */
export async function endOfEvents(run: Run): Promise<string> {
  const { events } = await run(Newest, {});
  // Before the first event ever.
  return events?.nodes[0]?.cursor ?? "evt_000000000000";
}

export interface WatchOptions extends ClinicOptions {
  /** The cursor of the last event seen, or `endOfEvents`. */
  after: string;
  providerId?: string;
  /** Such as `CT` or `Connecticut`. */
  state?: string;
  /** Ends it. */
  signal?: AbortSignal;
}

/** All events after a cursor, across lost connections and restarts of the server. */
export async function* watch(options: WatchOptions): AsyncGenerator<AppointmentEvent> {
  const { providerId = null, state = null, signal } = options;
  let { after } = options;
  const client = connectSocket(options);
  const end = () => client.dispose();
  signal?.addEventListener("abort", end);
  try {
    for (let tries = 1; !signal?.aborted; tries += 1) {
      try {
        const variables = { providerId, state, after };
        const answers = client.iterate<WatchSubscription>({ query: Watch.toString(), variables });
        for await (const { data, errors } of answers) {
          if (errors) throw errors;
          if (!data) continue;
          tries = 0;
          yield data.appointmentChanged;
          // Only now: whoever asks for the next one has dealt with this one.
          after = data.appointmentChanged.cursor;
        }
      } catch (error) {
        if (isGraphQL(error)) throw new QueryFailed(error);
        if (isRefusal(error)) throw new Error(`${error.code}: ${error.reason}`, { cause: error });
      }
      // Lost. Longer each time, and not all clients at once.
      if (!signal?.aborted) await pause(Math.min(10_000, 200 * 2 ** tries) * (0.5 + Math.random()));
    }
  } finally {
    signal?.removeEventListener("abort", end);
    await client.dispose();
  }
}

function connectSocket({ url, token, timeout = 10_000 }: ClinicOptions): Client {
  let unanswered: NodeJS.Timeout | undefined;
  const client = createClient({
    url: new URL("/graphql/ws", url.replace(/^http/, "ws")).href,
    webSocketImpl: WebSocket,
    connectionParams: token ? { authorization: `Bearer ${token}` } : {},
    // The library would send the old cursor again.
    retryAttempts: 0,
    connectionAckWaitTimeout: timeout,
    // A connection can be gone without a word: ask, and take silence for an answer.
    keepAlive: timeout,
    on: {
      ping: (received) => {
        if (!received) unanswered = setTimeout(() => client.terminate(), timeout);
      },
      pong: (received) => {
        if (received) clearTimeout(unanswered);
      },
      closed: () => clearTimeout(unanswered),
    },
  });
  return client;
}

/** What is wrong with the operation: a filter or a cursor that is not one, say. */
const isGraphQL = (error: unknown): error is GraphQLError[] => Array.isArray(error);

/** The server's word that another try will fare no better; 4408 says only that we were slow. */
const isRefusal = (error: unknown): error is { code: number; reason: string } => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "number" && (code === 1009 || (code >= 4400 && code < 4500 && code !== 4408));
};
