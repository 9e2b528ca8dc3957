// The day of the clinic: every page of its providers, in one answer that stays true.

import { useEffect, useState } from "preact/hooks";
import { pipe, subscribe } from "wonka";

import { client } from "../../data/client";
import type { VariablesOf } from "../../data/graphql";
import type { Column } from "../../data/visits";
import { Day } from "../../operations";

type Variables = VariablesOf<typeof Day>;

export interface DayAnswer {
  columns: Column[] | undefined;
  error: string | undefined;
  again: () => void;
}

interface Pages {
  of: string;
  pages: Column[][];
  error: string | undefined;
}

export function useDay(variables: Omit<Variables, "after">): DayAnswer {
  const key = JSON.stringify(variables);
  const [tries, setTries] = useState(0);
  const [held, setHeld] = useState<Pages>({ of: key, pages: [], error: undefined });
  useEffect(() => {
    const subscriptions: (() => void)[] = [];
    const asked = new Set<string | null>();
    const ask = (after: string | null, page: number) => {
      asked.add(after);
      const requestPolicy = tries > 0 ? "network-only" : "cache-and-network";
      const { unsubscribe } = pipe(
        client.query(Day, { ...variables, after }, { requestPolicy }),
        subscribe(({ data, error }) => {
          const providers = data?.providers;
          const { hasNextPage = false, endCursor = null } = providers?.pageInfo ?? {};
          setHeld((before) => {
            const pages = before.of === key ? [...before.pages] : [];
            if (providers) pages[page] = providers.nodes;
            const message = providers ? undefined : (error?.graphQLErrors[0]?.message ?? error?.message);
            return { of: key, pages, error: message };
          });
          if (hasNextPage && !asked.has(endCursor)) ask(endCursor, page + 1);
        }),
      );
      subscriptions.push(unsubscribe);
    };
    ask(null, 0);
    return () => {
      for (const unsubscribe of subscriptions) unsubscribe();
    };
  }, [key, tries]);
  const isOfThese = held.of === key && held.pages.length > 0;
  return {
    columns: isOfThese ? held.pages.flat() : undefined,
    error: held.of === key ? held.error : undefined,
    again: () => setTries((count) => count + 1),
  };
}
