// Plays the same frames to the reference server of graphql-ws and to clinic, and compares what each
// says and how it closes: `node protocol.js http://127.0.0.1:8080`.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

import { buildSchema } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import WebSocket, { WebSocketServer } from "ws";

const [url] = process.argv.slice(2);
if (!url) {
  console.error("usage: node protocol.js http://127.0.0.1:8080");
  process.exit(2);
}

/** The reference, over our schema. Its subscription never has an event. */
async function reference() {
  const sdl = readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8");
  const never = async function* () {
    await new Promise(() => {});
  };
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  useServer({ schema: buildSchema(sdl), roots: { subscription: { appointmentChanged: never } } }, sockets);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  };
  return { url: `ws://127.0.0.1:${server.address().port}`, stop };
}

const INIT = { type: "connection_init" };
const QUERY = "{ __typename }";
const FOLLOW = "subscription { appointmentChanged { kind } }";
const subscribe = (id, payload) => ({ type: "subscribe", id, payload });
const query = (id) => subscribe(id, { query: QUERY });
const follow = (id) => subscribe(id, { query: FOLLOW });

/** One of each kind of value, but for those that are right. */
const not = (...right) =>
  [null, true, 0, 1, "", "text", [], ["text"], {}, { a: 1 }].filter(
    (value) => !right.includes(value === null ? "null" : Array.isArray(value) ? "array" : typeof value),
  );

function scripts() {
  const all = [];
  const each = (frames) => all.push(frames, [INIT, ...frames]);
  // What is no message.
  for (const text of ["", "hello", "[", "nul", '{"type":"ping"', "\u0000", '"ping"', "1", "null", "[]"]) each([text]);
  for (const list of ['["connection_init"]', '["ping",null]', '["pong"]', '["complete","1"]']) each([list]);
  each([{}]);
  for (const type of [...not("string"), "", "PING", "Ping", "unknown", "start", "stop", "connection_terminate", "ka"])
    each([{ type, id: "1", payload: { query: QUERY } }]);
  // Each part of each message in each wrong type, and left out.
  for (const type of ["connection_init", "ping", "pong"])
    for (const payload of not("object", "null")) each([{ type, payload }]);
  for (const id of [...not("string"), undefined, ""])
    for (const frame of [subscribe(id, { query: QUERY }), { type: "complete", id }]) each([frame]);
  for (const payload of [...not("object"), undefined]) each([subscribe("1", payload)]);
  for (const value of [...not("string"), undefined]) each([subscribe("1", { query: value })]);
  for (const name of ["variables", "extensions"])
    for (const value of not("object", "null")) each([subscribe("1", { query: QUERY, [name]: value })]);
  for (const value of not("string", "null")) each([subscribe("1", { query: QUERY, operationName: value })]);
  // What is right, and the order of it.
  each([{ type: "ping" }, { type: "pong" }, { type: "ping", payload: { a: [1] } }, { type: "ping", payload: null }]);
  each([{ type: "complete", id: "nobody's" }]);
  each([{ type: "pong", payload: { a: 1 }, more: 1 }]);
  each([INIT]);
  each([{ ...INIT, payload: { token: "x" } }]);
  each([{ ...INIT, payload: null }]);
  each([query("1")]);
  each([follow("1")]);
  for (const frames of [
    [query("1"), query("2")],
    [subscribe("1", { query: QUERY, variables: null, operationName: null, extensions: null })],
    [subscribe("1", { query: `query A ${QUERY} query B ${QUERY}`, operationName: "B", variables: {}, extensions: {} })],
    [subscribe("1", { query: "{ nothing }" })],
    [subscribe("1", { query: "subscription { nothing }" })],
    [subscribe("1", { query: `query A ${QUERY} query B ${QUERY}` })],
    [follow("1"), follow("2"), query("3")],
    [follow("1"), follow("1")],
    [follow("1"), query("1")],
    [follow("1"), { type: "complete", id: "1" }, follow("1")],
    [follow("1"), { type: "complete", id: "1" }, { type: "complete", id: "1" }, query("1")],
    [follow("é ü"), follow("é ü")],
    [query("constructor"), query("__proto__")],
  ])
    all.push([INIT, ...frames]);
  return all;
}

/** What a server makes of the frames: the messages by type and id, and how it closes. */
async function play(address, frames) {
  const socket = new WebSocket(address, "graphql-transport-ws");
  const heard = [];
  let closed = null;
  const over = new Promise((resolve) => {
    socket.on("close", (code, reason) => resolve((closed = `${code} ${reason}`)));
  });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  let acknowledge;
  const acknowledged = new Promise((resolve) => (acknowledge = resolve));
  const marked = new Promise((resolve) => {
    socket.on("message", (data) => {
      const message = JSON.parse(data);
      if (message.payload?.marker) return resolve();
      if (message.type === "connection_ack") acknowledge();
      const { type, id, payload } = message;
      heard.push(JSON.stringify({ type, id, ...(type === "pong" ? { payload } : {}) }));
    });
  });
  for (const frame of frames) {
    socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
    // The reference acknowledges a little later than it reads on.
    if (frame === frames[0] && frame === INIT) await Promise.race([over, acknowledged]);
  }
  socket.send(JSON.stringify({ type: "ping", payload: { marker: true } }));
  await Promise.race([over, marked]);
  // What runs may be told after the marker.
  if (closed === null) await pause(250);
  socket.terminate();
  // Operations run side by side: only what is told of one of them has an order.
  return { heard: heard.sort(), closed };
}

const theirs = await reference();
const ours = `${url.replace(/^http/, "ws")}/graphql/ws`;
let different = 0;
const played = await Promise.all(
  scripts().map(async (frames) => {
    const [expected, found] = await Promise.all([play(theirs.url, frames), play(ours, frames)]);
    if (JSON.stringify(expected) !== JSON.stringify(found)) {
      different += 1;
      console.error(`FAILED ${JSON.stringify(frames)}\n  graphql-ws ${JSON.stringify(expected)}\n  clinic     ${JSON.stringify(found)}`);
    }
    return expected.closed;
  }),
);
theirs.stop();
const closed = played.filter((how) => how !== null).length;
console.log(`graphql-transport-ws: ${played.length} scripts as graphql-ws takes them, ${closed} of them closed; ${different} differ`);
process.exit(different === 0 && closed > 0 ? 0 : 1);
