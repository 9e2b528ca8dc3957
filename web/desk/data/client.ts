// The one client of the page, and what it hears live.

import { Client, fetchExchange, getOperationName, subscriptionExchange } from "@urql/core";

import { Live } from "../live/live";
import { GRAPHQL } from "./address";
import { cache } from "./cache";
import { fetchAsUser } from "./fetching";
import { newestKnownExchange } from "./newestKnown";

export const client: Client = new Client({
  url: GRAPHQL,
  fetch: fetchAsUser,
  preferGetMethod: false,
  exchanges: [
    cache(),
    newestKnownExchange({ arrived: (askedAt) => live.tellAgain(askedAt) }),
    subscriptionExchange({
      forwardSubscription: ({ query = "", variables = {} }, operation) => ({
        subscribe: (sink) => {
          const log = getOperationName(operation.query) === "RosterChanges" ? "roster" : "visits";
          const detach = live.attach(log, { query, variables }, (result) => sink.next(result));
          return { unsubscribe: detach };
        },
      }),
    }),
    fetchExchange,
  ],
});

export const live = new Live(client);
