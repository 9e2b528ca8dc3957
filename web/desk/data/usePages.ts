// A question whose answer comes in pages, all of them, each of which stays true.

import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useCallback, useEffect, useState } from "preact/hooks";
import { pipe, subscribe } from "wonka";

import { client, live } from "./client";
import { BACKGROUND } from "./fetching";
import { useStore } from "./store";
import { useAgainWhenLive } from "./useAgainWhenLive";

interface Page<Item> {
  item: Item;
  hasNextPage: boolean;
  endCursor: string | null;
}

export interface PagesAnswer<Item> {
  /** The pages that there are so far; undefined until the first is there. */
  pages: Item[] | undefined;
  error: string | undefined;
  again: () => void;
}

interface Held<Item> {
  of: string;
  pages: Item[];
  error: string | undefined;
}

/** Asks page by page, after a cursor. `read` finds the page in an answer, and is always the same. */
export function usePages<Data, Variables extends AnyVariables & { after?: string | null }, Item>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables | null,
  read: (data: Data) => Page<Item> | null,
): PagesAnswer<Item> {
  const key = variables === null ? "" : JSON.stringify(variables);
  const [tries, setTries] = useState(0);
  const resets = useStore(live.resets);
  const [held, setHeld] = useState<Held<Item>>({ of: key, pages: [], error: undefined });
  useEffect(() => {
    if (variables === null) return undefined;
    const subscriptions: (() => void)[] = [];
    // Who asks again is the page itself.
    const fetchOptions = tries > 0 ? { headers: BACKGROUND } : {};
    const asked = new Set<string | null>();
    const ask = (after: string | null, place: number) => {
      asked.add(after);
      const { unsubscribe } = pipe(
        client.query(document, { ...variables, after }, { requestPolicy: "cache-and-network", fetchOptions }),
        subscribe(({ data, error }) => {
          const page = data ? read(data) : null;
          setHeld((before) => {
            const pages = before.of === key ? before.pages.slice(0, page && !page.hasNextPage ? place : undefined) : [];
            if (page) pages[place] = page.item;
            const told = page || (data && !error) ? undefined : (error?.graphQLErrors[0]?.message ?? error?.message);
            return { of: key, pages, error: told };
          });
          if (page?.hasNextPage && !asked.has(page.endCursor)) ask(page.endCursor, place + 1);
        }),
      );
      subscriptions.push(unsubscribe);
    };
    ask(null, 0);
    return () => {
      for (const unsubscribe of subscriptions) unsubscribe();
    };
  }, [document, key, tries, resets]);
  const isOfThese = held.of === key;
  const again = useCallback(() => setTries((count) => count + 1), []);
  useAgainWhenLive(isOfThese && held.error !== undefined, again);
  return {
    pages: isOfThese && held.pages.length > 0 ? held.pages : undefined,
    error: isOfThese ? held.error : undefined,
    again,
  };
}
