// The libraries that people build on, each by one common script against a running server:
// `CLINIC_URL=http://127.0.0.1:8080 npm test`. It books, with demo data.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, test } from "node:test";

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { Client, fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";

import { CLIENTS } from "./adapters.js";
import { BOOK, NEWEST, PROVIDERS, WATCH, WRONG } from "./documents.js";
import { cuttable } from "./proxy.js";

const { CLINIC_URL } = process.env;
assert(CLINIC_URL, "CLINIC_URL is the address of a running server");
const ENDPOINT = `${CLINIC_URL}/graphql`;
/** A live event that takes longer is not live: something was waiting for the next one. */
const AT_ONCE = 2_000;

async function post(query, variables, headers = {}) {
  const body = JSON.stringify({ query, variables });
  const answer = await fetch(ENDPOINT, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body });
  return answer.json();
}

/** A booking that nobody made before, with that provider or with whoever may. */
function input(provider, more = {}) {
  const patient = {
    name: "Ann Client",
    email: `${randomUUID()}@example.com`,
    state: provider?.states[0] ?? "CT",
    insurance: provider?.insurances[0] ?? "Aetna",
  };
  return { patient, ...(provider ? { providerId: provider.id } : {}), ...more };
}

async function book(provider) {
  const { data } = await post(BOOK, { input: input(provider) });
  assert.equal(data.bookAppointment.error, null);
}

/** What a subscription was told so far, and a wait for what it is told next. */
class Told {
  kinds = [];
  cursor = null;
  ended = undefined;
  #wake = () => {};

  next = ({ data, errors }) => {
    assert.equal(errors, undefined);
    this.kinds.push(data.appointmentChanged.kind);
    this.cursor = data.appointmentChanged.cursor;
    this.#wake();
  };

  end = (why) => {
    this.ended = why;
    this.#wake();
  };

  async until(count, within = AT_ONCE) {
    const deadline = Date.now() + within;
    while (this.kinds.length < count && this.ended === undefined) {
      const left = deadline - Date.now();
      if (left <= 0) assert.fail(`after ${within} ms it was told ${JSON.stringify(this.kinds)}, not ${count} events`);
      let timer;
      await new Promise((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, left);
      });
      clearTimeout(timer);
    }
  }
}

let providers;
before(async () => {
  const { nodes } = (await post(PROVIDERS, { first: 100 })).data.providers;
  // Whoever books with no provider in mind does so in Connecticut.
  providers = nodes.filter(({ states }) => !states.includes("CT"));
});

describe("each client", { concurrency: 4 }, () => {
  for (const [index, open] of CLIENTS.entries()) {
    const { name } = open(ENDPOINT);
    test(name, async (t) => {
      const proxy = await cuttable(CLINIC_URL);
      const client = open(`${proxy.url}/graphql`);
      t.after(() => (client.close(), proxy.close()));
      // One of its own, so that nobody else's events push out what is waited for.
      const provider = providers[index];

      await t.test("reads with variables", async () => {
        const { data, errors } = await client.run(PROVIDERS, { state: "Connecticut", first: 1 });
        assert.equal(errors, undefined);
        assert.deepEqual(data.providers.nodes.length, 1);
        assert(data.providers.nodes[0].states.includes("CT"));
      });

      await t.test("books once, however often it tries", async () => {
        const variables = { input: input(null, { idempotencyKey: randomUUID() }) };
        const first = (await client.run(BOOK, variables)).data.bookAppointment;
        const again = (await client.run(BOOK, variables)).data.bookAppointment;
        assert.equal(first.error, null);
        assert.equal(again.appointment.id, first.appointment.id);
      });

      if (client.headers) {
        await t.test("books once under a key in the header", async () => {
          const variables = { input: input(null) };
          const headers = { "Idempotency-Key": randomUUID() };
          const first = (await client.run(BOOK, variables, headers)).data.bookAppointment;
          const again = (await client.run(BOOK, variables, headers)).data.bookAppointment;
          assert.equal(again.appointment.id, first.appointment.id);
        });
      }

      await t.test("is told as data what was refused", async () => {
        const wrong = input(null);
        wrong.patient.state = "Atlantis";
        const { data, errors } = await client.run(BOOK, { input: wrong });
        assert.equal(errors, undefined);
        assert.equal(data.bookAppointment.error.code, "UNKNOWN_STATE");
      });

      await t.test("is told the codes of errors", async () => {
        for (const [document, variables, code] of [
          // A variable that may be left out is.
          [PROVIDERS, { state: "Atlantis" }, "UNKNOWN_STATE"],
          [WRONG, {}, "GRAPHQL_VALIDATION_FAILED"],
          [PROVIDERS, { first: "many" }, "GRAPHQL_VALIDATION_FAILED"],
        ]) {
          const { errors } = await client.run(document, variables);
          assert.equal(errors[0].extensions.code, code);
        }
      });

      await t.test("hears what happens when it happens, and goes on after a cut", async () => {
        const newest = (await post(NEWEST)).data.events.nodes[0]?.cursor ?? "evt_000000000000";
        const told = new Told();
        let stop = client.watch(WATCH, { after: newest, providerId: provider.id }, told);
        await book(provider);
        // Nothing else happens, so that what waits for something else is late.
        await told.until(2);
        assert.deepEqual(told.kinds, ["BOOKED", "CONFIRMED"]);
        if (client.reconnects) {
          // It sends its first cursor again, and is told everything since.
          told.kinds.length = 0;
          proxy.cut();
          await told.until(2);
          assert.deepEqual(told.kinds, ["BOOKED", "CONFIRMED"]);
        } else {
          // It tells that the stream was cut, and does not take that for its end.
          proxy.cut();
          await told.until(Infinity);
          assert.notEqual(told.ended, undefined);
          const after = told.cursor;
          stop();
          Object.assign(told, { kinds: [], ended: undefined });
          stop = client.watch(WATCH, { after, providerId: provider.id }, told);
        }
        const before = told.kinds.length;
        await book(provider);
        await told.until(before + 2);
        assert.deepEqual(told.kinds.slice(before), ["BOOKED", "CONFIRMED"]);
        assert.equal(told.ended, undefined);
        stop();
      });
    });
  }
});

/** A fetch that notes of each request whether it carried the document. */
function noting(sent) {
  return (url, init) => {
    const asked = init.method === "GET" ? Object.fromEntries(new URL(url).searchParams) : JSON.parse(init.body);
    sent.push(`${init.method} ${asked.query ? "document" : "hash"}`);
    return fetch(url, init);
  };
}

describe("persisted queries", () => {
  const sha256 = async (text) => {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return Buffer.from(digest).toString("hex");
  };
  // Not known to the server yet.
  const fresh = () => PROVIDERS.replace("Providers", `Providers${randomUUID().replaceAll("-", "")}`);

  test("of Apollo Client, by POST and by GET", async () => {
    for (const useGETForHashedQueries of [false, true]) {
      const sent = [];
      const link = ApolloLink.from([
        new PersistedQueryLink({ sha256, useGETForHashedQueries }),
        new HttpLink({ uri: ENDPOINT, fetch: noting(sent) }),
      ]);
      const client = new ApolloClient({ link, cache: new InMemoryCache() });
      const query = gql(fresh());
      for (const first of [1, 2]) {
        const { data } = await client.query({ query, variables: { first }, fetchPolicy: "network-only" });
        assert.equal(data.providers.nodes.length, first);
      }
      const hash = useGETForHashedQueries ? "GET hash" : "POST hash";
      assert.deepEqual(sent, [hash, "POST document", hash]);
      client.stop();
    }
  });

  test("of urql", async () => {
    const sent = [];
    const exchanges = [persistedExchange({ preferGetForPersistedQueries: true }), fetchExchange];
    const client = new Client({ url: ENDPOINT, fetch: noting(sent), exchanges, preferGetMethod: false });
    const query = fresh();
    for (const first of [1, 2]) {
      const { data, error } = await client.query(query, { first }, { requestPolicy: "network-only" }).toPromise();
      assert.equal(error, undefined);
      assert.equal(data.providers.nodes.length, first);
    }
    assert.equal(sent.at(-1).endsWith("hash"), true, sent.join());
    assert.equal(sent.filter((request) => request.endsWith("document")).length, 1, sent.join());
  });
});
