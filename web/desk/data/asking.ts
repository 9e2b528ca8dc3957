// Questions that are asked once, whatever is known already: of what has no events, so that no cache stays true of it.

import type { AnyVariables, TypedDocumentNode } from "@urql/core";

import { client } from "./client";
import { BACKGROUND } from "./fetching";

/** Asks the server. What the page repeats by itself keeps no session alive. */
export async function ask<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  isRepeated: boolean,
): Promise<Data> {
  const fetchOptions = isRepeated ? { headers: BACKGROUND } : {};
  const context = { requestPolicy: "network-only", fetchOptions } as const;
  const { data, error } = await client.query(document, variables, context).toPromise();
  if (data && !error) return data;
  throw new Error(error?.graphQLErrors[0]?.message ?? error?.message ?? "The server did not answer");
}

interface Page<Item> {
  nodes: Item[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

export interface Latest<Item> {
  items: Item[];
  hasMore: boolean;
}

/** How many the server answers at once. */
const PAGE = 100;

/** The first items of a list, as many as are wanted. */
export async function askLatest<Item>(
  wanted: number,
  askPage: (place: { first: number; after: string | null }) => Promise<Page<Item> | null>,
): Promise<Latest<Item>> {
  const items: Item[] = [];
  let after: string | null = null;
  for (;;) {
    const page: Page<Item> | null = await askPage({ first: Math.min(PAGE, wanted - items.length), after });
    items.push(...(page?.nodes ?? []));
    const hasMore = page?.pageInfo.hasNextPage ?? false;
    if (!hasMore || items.length >= wanted) return { items, hasMore };
    after = page?.pageInfo.endCursor ?? null;
  }
}
