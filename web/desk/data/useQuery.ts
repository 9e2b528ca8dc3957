// A question to the API that stays answered: from the cache at once where it can be, and again whenever
// what it is about changes.

import type { AnyVariables, CombinedError, OperationContext, TypedDocumentNode } from "@urql/core";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { pipe, subscribe } from "wonka";

import { client } from "./client";
import { useAgainWhenLive } from "./useAgainWhenLive";

export interface Answer<Data> {
  data: Data | undefined;
  error: CombinedError | undefined;
  isFetching: boolean;
  /** Asks the server again. */
  again: () => void;
}

type Held<Data> = Omit<Answer<Data>, "again"> & { of: string };

/** Asks while `variables` are not null. An answer to other variables is never shown for these. */
export function useQuery<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables | null,
  context?: Partial<OperationContext>,
): Answer<Data> {
  const key = variables === null ? "" : JSON.stringify(variables);
  const nothing: Held<Data> = { of: key, data: undefined, error: undefined, isFetching: variables !== null };
  const [held, setHeld] = useState<Held<Data>>(nothing);
  const [tries, setTries] = useState(0);
  const policy = useRef(context);
  useEffect(() => {
    if (variables === null) return undefined;
    const requestPolicy = tries > 0 ? "network-only" : (policy.current?.requestPolicy ?? "cache-first");
    const { unsubscribe } = pipe(
      client.query(document, variables, { ...policy.current, requestPolicy }),
      subscribe(({ data, error, stale }) => setHeld({ of: key, data, error, isFetching: stale })),
    );
    return unsubscribe;
  }, [document, key, tries]);
  const again = useCallback(() => setTries((count) => count + 1), []);
  useAgainWhenLive(held.of === key && held.error?.networkError !== undefined, again);
  const { of, ...current } = held.of === key ? held : nothing;
  return { ...current, again };
}
