// A page of an origin in CORS_ORIGINS can query, book and subscribe. Any other page can do nothing.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ask, bookingOf, observe, servePage, startChromium, startClinic } from "./support.js";

const QUERY = "{ providers(first: 1) { nodes { name } } }";
const NEWEST = "{ events(last: 1) { nodes { cursor } } }";
/** Before the first event. */
const BEGINNING = "evt_000000000000";
const WATCH = `subscription($after: String) {
  appointmentChanged(after: $after) { kind appointment { patient { name } } } }`;
const EVENT_STREAM = "text/event-stream";
const MULTIPART = "multipart/mixed;subscriptionSpec=1.0";

let listed, stranger, clinic, chromium;

before(async () => {
  [listed, stranger, chromium] = await Promise.all([servePage(), servePage(), startChromium()]);
  clinic = await startClinic({ CORS_ORIGINS: listed.origin });
});
after(() => Promise.all([listed, stranger, clinic].map((it) => it?.stop()).concat(chromium?.close())));

async function open(origin) {
  const page = await chromium.newPage();
  const seen = observe(page);
  await page.goto(origin);
  return { page, seen };
}

/** Inside the page: one request, and what the page gets to see of its answer. */
const send = (page, request, init) =>
  page.evaluate(
    async ([request, init]) => {
      try {
        const response = await fetch(request, init);
        return { type: response.type, status: response.status, body: await response.text() };
      } catch (error) {
        return { blocked: error.name };
      }
    },
    [request, init],
  );

const json = (query, variables) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ query, variables }),
});

/** Inside the page: the first events of a subscription over WebSocket, or how it was closed. */
const overWebSocket = (page, url, cursor, count) =>
  page.evaluate(
    ([url, query, after, count]) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url.replace("http", "ws") + "/graphql/ws", "graphql-transport-ws");
        const say = (message) => socket.send(JSON.stringify(message));
        const told = [];
        socket.onopen = () => say({ type: "connection_init" });
        socket.onclose = ({ code }) => resolve({ closed: code });
        socket.onmessage = ({ data }) => {
          const { type, payload } = JSON.parse(data);
          if (type === "connection_ack") {
            say({ type: "subscribe", id: "1", payload: { query, variables: { after } } });
          }
          if (type === "next") told.push(payload.data.appointmentChanged);
          if (type === "error" || told.length === count) resolve(payload.data ? told : payload);
        };
      }),
    [url, WATCH, cursor, count],
  );

/** Inside the page: the first events of a subscription over HTTP, or that it was blocked. */
const overHttp = async (page, url, accept, cursor, count) => {
  const seen = await page.evaluate(
    async ([url, query, accept, after, count]) => {
      const abort = new AbortController();
      try {
        const response = await fetch(`${url}/graphql`, {
          method: "POST",
          headers: { "Content-Type": "application/json", Accept: accept },
          body: JSON.stringify({ query, variables: { after } }),
          signal: abort.signal,
        });
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        let text = "";
        while (text.split('"appointmentChanged"').length <= count) {
          const { done, value } = await reader.read();
          if (done) return { ended: text };
          text += value;
        }
        abort.abort();
        return { text };
      } catch (error) {
        return { blocked: error.name };
      }
    },
    [url, WATCH, accept, cursor, count],
  );
  if (!seen.text) return seen;
  const events = seen.text.matchAll(/"appointmentChanged":(\{.*?\}\}\})/g);
  return [...events].map(([, event]) => JSON.parse(event));
};

/** The answers to POSTs of the page's own making, as the browser saw them. */
const posts = ({ responses }) =>
  responses.filter((response) => response.startsWith("POST ")).map((response) => response.split(" ")[1]);

test("a page of a listed origin queries, books and subscribes", async () => {
  const { page, seen } = await open(listed.origin);
  const endpoint = `${clinic.url}/graphql`;

  const queried = await send(page, endpoint, json(QUERY));
  assert.equal(queried.status, 200);
  assert.match(queried.body, /^\{"data":\{"providers":/);
  const got = await send(page, `${endpoint}?query=${encodeURIComponent(QUERY)}`);
  assert.equal(got.body, queried.body);
  const booked = await send(page, endpoint, json(bookingOf("Ann First")));
  assert.match(booked.body, /"id":"apt_/);

  const { events } = await ask(clinic.url, NEWEST);
  const { cursor } = events.nodes[0];
  const told = Promise.all([
    overWebSocket(page, clinic.url, cursor, 2),
    overHttp(page, clinic.url, EVENT_STREAM, cursor, 2),
    overHttp(page, clinic.url, MULTIPART, cursor, 2),
  ]);
  await send(page, endpoint, json(bookingOf("Ann Second")));
  const event = (kind) => ({ kind, appointment: { patient: { name: "Ann Second" } } });
  const expected = [event("BOOKED"), event("CONFIRMED")];
  assert.deepEqual(await told, [expected, expected, expected]);
  assert.deepEqual(seen.errors, []);
  await page.close();
});

test("a page of another origin reads nothing and is told nothing", async () => {
  const { page, seen } = await open(stranger.origin);
  const endpoint = `${clinic.url}/graphql`;
  // There is something to be told.
  await ask(clinic.url, bookingOf("Bob Before"));
  const blocked = { blocked: "TypeError" };

  assert.deepEqual(await send(page, endpoint, json(QUERY)), blocked);
  assert.deepEqual(await send(page, `${endpoint}?query=${encodeURIComponent(QUERY)}`), blocked);
  assert.deepEqual(await overHttp(page, clinic.url, EVENT_STREAM, BEGINNING, 1), blocked);
  assert.deepEqual(await overHttp(page, clinic.url, MULTIPART, BEGINNING, 1), blocked);

  assert.deepEqual(await overWebSocket(page, clinic.url, BEGINNING, 1), { closed: 1006 });
  const handshake = seen.errors.filter((error) => error.includes("WebSocket"));
  assert.equal(handshake.length, 1, seen.errors.join("\n"));
  assert.match(handshake[0], /Unexpected response code: 403/);
  await page.close();
});

test("a page of another origin books nothing, by whatever a browser sends unasked", async () => {
  const { page, seen } = await open(stranger.origin);
  const endpoint = `${clinic.url}/graphql`;
  const known = () => ask(clinic.url, '{ events { totalCount } patients(search: "Eve") { totalCount } }');
  const before = await known();
  const mutation = bookingOf("Eve Stranger");
  const blocked = { blocked: "TypeError" };
  assert.deepEqual(await send(page, endpoint, json(mutation)), blocked);
  assert.deepEqual(posts(seen), [], "what needs a permission was sent without one");

  // Simple requests: the browser sends them, and keeps the answer to itself.
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    const init = { ...json(mutation), mode: "no-cors", headers: { "Content-Type": type } };
    assert.deepEqual(await send(page, endpoint, init), { type: "opaque", status: 0, body: "" });
  }
  const rest = `${clinic.url}/appointment`;
  const visit = JSON.stringify({
    patient: { name: "Eve Stranger", email: "eve@example.com", state: "CT", insurance: "Aetna" },
  });
  const simple = { method: "POST", mode: "no-cors", headers: { "Content-Type": "text/plain" }, body: visit };
  await send(page, rest, simple);
  await page.evaluate(([url, body]) => navigator.sendBeacon(url, body), [endpoint, json(mutation).body]);

  // Forms, which go where scripts may not. As text/plain a form can spell JSON.
  for (const [action, enctype, name, value] of [
    [endpoint, "application/x-www-form-urlencoded", "query", mutation],
    [endpoint, "multipart/form-data", "query", mutation],
    [endpoint, "text/plain", `${json(mutation).body.slice(0, -1)},"x":"`, '"}'],
    [rest, "text/plain", `${visit.slice(0, -1)},"reason":"`, '"}'],
  ]) {
    const answered = page.waitForResponse((response) => response.frame() !== page.mainFrame());
    await page.evaluate(
      ([action, enctype, name, value]) => {
        const frame = Object.assign(document.createElement("iframe"), { name: crypto.randomUUID() });
        const form = Object.assign(document.createElement("form"), { action, enctype, method: "POST" });
        form.target = frame.name;
        form.append(Object.assign(document.createElement("textarea"), { name, value }));
        document.body.append(frame, form);
        form.submit();
      },
      [action, enctype, name, value],
    );
    assert.equal((await answered).status(), 403, `${action} as ${enctype}`);
  }
  assert.deepEqual(posts(seen), Array(9).fill("403"));

  // A mutation by GET, as an image or a link would send it, is refused to everybody.
  const link = `${endpoint}?query=${encodeURIComponent(mutation)}`;
  const answered = page.waitForResponse(link);
  await page.evaluate((src) => document.body.append(Object.assign(document.createElement("iframe"), { src })), link);
  assert.equal((await answered).status(), 405);

  assert.deepEqual(await known(), before);
  assert.equal(before.patients.totalCount, 0);
  await page.close();
});
