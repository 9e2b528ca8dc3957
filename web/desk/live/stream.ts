// A subscription over server-sent events, which ends when the server has not been heard for long.

import { createClient } from "graphql-sse";
import type { ExecutionResult } from "@urql/core";

import { GRAPHQL } from "../data/address";
import { fetchAsUser } from "../data/fetching";

/** The server says something every 12 seconds, if only a colon. */
const SILENCE_MS = 30_000;

export interface Subscribing {
  query: string;
  variables: Record<string, unknown>;
}

interface Ears {
  /** The server has taken the subscription. */
  opened: () => void;
  /** Something came, perhaps only a sign of life. */
  heard: () => void;
  signal: AbortSignal;
}

/** Each event as it comes. Ends, or throws, when the stream does. */
export async function* stream(asked: Subscribing, ears: Ears): AsyncGenerator<ExecutionResult> {
  const silence = new AbortController();
  let timer = 0;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(new Error("The server has not been heard")), SILENCE_MS);
    ears.heard();
  };
  const listening = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      heard();
      controller.enqueue(chunk);
    },
  });
  const fetchFn: typeof fetch = async (input, init) => {
    heard();
    const signal = AbortSignal.any([ears.signal, silence.signal, ...(init?.signal ? [init.signal] : [])]);
    const response = await fetchAsUser(input, { ...init, signal });
    if (!response.ok || !response.body) return response;
    ears.opened();
    return new Response(response.body.pipeThrough(listening), response);
  };
  // Its own way of trying again would begin at the first cursor: ours goes on from the last.
  const client = createClient({ url: GRAPHQL, retryAttempts: 0, fetchFn });
  try {
    for await (const result of client.iterate(asked)) yield result as ExecutionResult;
  } finally {
    clearTimeout(timer);
    client.dispose();
  }
}
