// Where the logs stand now.

import type { Client } from "@urql/core";

import { BACKGROUND } from "../data/fetching";
import { Newest } from "../operations";
import type { LogName } from "./messages";

/** What stands before the first event of each log. */
const BEGINNING: Record<LogName, string> = { visits: "evt_000000000000", roster: "rst_000000000000" };

export async function newest(client: Client): Promise<Record<LogName, string>> {
  const context = { requestPolicy: "network-only", fetchOptions: { headers: BACKGROUND } } as const;
  const { data, error } = await client.query(Newest, {}, context).toPromise();
  // A log that is not for the caller is left out; one that can't be read just now is not empty.
  const isTold = error?.graphQLErrors.every(({ extensions }) => extensions.code === "FORBIDDEN") ?? true;
  if (!data || error?.networkError || !isTold) {
    throw error ?? new Error("The server did not say where its logs stand");
  }
  return {
    visits: data.events?.nodes[0]?.cursor ?? BEGINNING.visits,
    roster: data.rosterEvents?.nodes[0]?.cursor ?? BEGINNING.roster,
  };
}
