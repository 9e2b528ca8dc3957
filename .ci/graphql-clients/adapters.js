// Each client behind one face:
//   run(document, variables, headers) -> { data, errors }, for queries and mutations
//   watch(document, variables, { next, end }) -> stop(); `end` is told why, null at the stream's own end
//   reconnects: whether it goes on by itself after its connection was cut
//   close()

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import relay from "relay-runtime";
import WebSocket from "ws";

import { artifactOf } from "./relay-artifact.js";

const socketOf = (url) =>
  createWs({
    url: `${url.replace(/^http/, "ws")}/ws`,
    webSocketImpl: WebSocket,
    retryAttempts: 5,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 20)),
    shouldRetry: () => true,
    // As people write the header's name.
    connectionParams: { Authorization: `Bearer ${process.env.API_TOKEN ?? "none"}` },
  });

const eventsOf = (url) =>
  createSse({ url, retryAttempts: 5, retry: () => new Promise((resolve) => setTimeout(resolve, 20)) });

/** The one answer of a client that speaks of streams only. */
const only = (client, request) =>
  new Promise((resolve, reject) => {
    let answer;
    client.subscribe(request, {
      next: (value) => (answer = value),
      // graphql-ws tells what was refused so.
      error: (error) => (Array.isArray(error) ? resolve({ errors: error }) : reject(error)),
      complete: () => resolve(answer),
    });
  });

/** graphql-ws or graphql-sse by itself. */
function plain(name, client) {
  return {
    name,
    reconnects: true,
    run: (query, variables) => only(client, { query, variables }),
    watch: (query, variables, { next, end }) =>
      client.subscribe({ query, variables }, { next, error: (error) => end(error), complete: () => end(null) }),
    close: () => client.dispose(),
  };
}

function apollo(name, url, subscriptions, reconnects, close = () => {}) {
  const http = new HttpLink({ uri: url });
  const link = subscriptions
    ? ApolloLink.split(({ operationType }) => operationType === "subscription", subscriptions, http)
    : http;
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const answer = ({ data, error }) => {
    if (error && !CombinedGraphQLErrors.is(error)) throw error;
    return { data, errors: error?.errors };
  };
  return {
    name,
    reconnects,
    headers: true,
    run: async (document, variables, headers = {}) => {
      const query = gql(document);
      const how = { variables, errorPolicy: "all", context: { headers } };
      return answer(
        query.definitions[0].operation === "mutation"
          ? await client.mutate({ ...how, mutation: query })
          : await client.query({ ...how, query, fetchPolicy: "network-only" }),
      );
    },
    watch: (query, variables, { next, end }) => {
      const watched = client.subscribe({ query: gql(query), variables, errorPolicy: "all" }).subscribe({
        next: (told) => (told.error && !CombinedGraphQLErrors.is(told.error) ? end(told.error) : next(answer(told))),
        error: end,
        complete: () => end(null),
      });
      return () => watched.unsubscribe();
    },
    close: () => {
      client.stop();
      close();
    },
  };
}

function urql(name, url, forward, reconnects, close = () => {}) {
  const exchanges = [fetchExchange];
  if (forward) exchanges.unshift(subscriptionExchange({ forwardSubscription: forward }));
  const client = new Client({ url, exchanges, fetchSubscriptions: !forward, preferGetMethod: false });
  const answer = ({ data, error }) => {
    if (error?.networkError) throw error.networkError;
    return { data, errors: error?.graphQLErrors };
  };
  return {
    name,
    reconnects,
    headers: true,
    run: async (document, variables, headers = {}) => {
      const how = { fetchOptions: { headers }, requestPolicy: "network-only" };
      const run = document.startsWith("mutation") ? client.mutation : client.query;
      return answer(await run.call(client, document, variables, how).toPromise());
    },
    watch: (document, variables, { next, end }) => {
      const { unsubscribe } = client.subscription(document, variables).subscribe((told) => {
        if (told.error?.networkError) end(told.error.networkError);
        else if (told.data || told.error) next(answer(told));
        if (told.hasNext === false) end(null);
      });
      return unsubscribe;
    },
    close,
  };
}

/** Relay's runtime, its store included; queries by fetch, subscriptions over graphql-ws. */
function relayOver(name, url) {
  const { Environment, Network, Observable, RecordSource, Store } = relay;
  const socket = socketOf(url);
  let last;
  const fetchFn = async ({ text }, variables, { metadata }) => {
    const headers = { "Content-Type": "application/json", Accept: "application/graphql-response+json", ...metadata?.headers };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query: text, variables }) });
    return (last = await answer.json());
  };
  const subscribeFn = ({ text: query }, variables) =>
    Observable.create((sink) => socket.subscribe({ query, variables }, sink));
  const environment = new Environment({
    network: Network.create(fetchFn, subscribeFn),
    store: new Store(new RecordSource()),
  });
  return {
    name,
    reconnects: true,
    run: async (document, variables) => {
      const request = artifactOf(document);
      const ran = request.params.operationKind === "mutation"
        ? new Promise((onCompleted, onError) =>
            relay.commitMutation(environment, { mutation: request, variables, onCompleted, onError }))
        : relay.fetchQuery(environment, request, variables, { networkCacheConfig: { force: true } }).toPromise();
      // What is refused as a whole is an error of its own kind, which does not keep the codes.
      const data = await ran.catch((error) => {
        if (!last?.errors) throw error;
      });
      return { data, errors: last.errors };
    },
    watch: (document, variables, { next, end }) => {
      const watched = relay.requestSubscription(environment, {
        subscription: artifactOf(document),
        variables,
        onNext: (data) => next({ data }),
        onError: end,
        onCompleted: () => end(null),
      });
      return () => watched.dispose();
    },
    close: () => socket.dispose(),
  };
}

/** The clients, each reaching the endpoint under a URL of its own. */
export const CLIENTS = [
  (url) => plain("graphql-ws", socketOf(url)),
  (url) => plain("graphql-sse", eventsOf(url)),
  (url) => apollo("Apollo Client, multipart", url, null, false),
  (url) => {
    const socket = socketOf(url);
    return apollo("Apollo Client, graphql-ws", url, new GraphQLWsLink(socket), true, () => socket.dispose());
  },
  (url) => urql("urql, server-sent events by fetch", url, null, false),
  (url) => {
    const socket = socketOf(url);
    const forward = (request) => ({ subscribe: (sink) => ({ unsubscribe: socket.subscribe(request, sink) }) });
    return urql("urql, graphql-ws", url, forward, true, () => socket.dispose());
  },
  (url) => {
    const events = eventsOf(url);
    const forward = (request) => ({ subscribe: (sink) => ({ unsubscribe: events.subscribe(request, sink) }) });
    return urql("urql, graphql-sse", url, forward, true, () => events.dispose());
  },
  (url) => relayOver("Relay's runtime, graphql-ws", url),
];
