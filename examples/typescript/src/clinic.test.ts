// Everything the example shows, against a server that runs: `npm test`, CLINIC_URL says where.
// Use one with demo data and a scratch database.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type AddressInfo, type Socket, connect as dial, createServer } from "node:net";
import { test } from "node:test";

import { book, cancel, explain, reschedule, settled } from "./booking.js";
import { NoAnswer, QueryFailed, connect } from "./client.js";
import { availableSlots, findProviders, firstAvailable } from "./providers.js";
import { schedule } from "./schedule.js";
import { type AppointmentEvent, endOfEvents, watch } from "./watch.js";

const DAY = 24 * 60 * 60 * 1000;
const url = process.env["CLINIC_URL"] ?? "http://127.0.0.1:8080";
const token = process.env["API_TOKEN"];
const run = connect({ url, token });

/** Somebody new each time, so that a second run finds no visits of the first. */
const somebody = () => ({
  name: "Jane Roe",
  email: `${randomUUID()}@example.com`,
  state: "CT",
  insurance: "Aetna",
});

/** A time that is free now. */
async function freeSlot() {
  const wish = { after: new Date(), durationMinutes: 30, state: "CT", insurance: "Aetna" };
  const slot = await firstAvailable(run, wish);
  assert(slot);
  return slot;
}

async function booked() {
  const { appointment, error } = await book(run, { patient: somebody() });
  assert.equal(error, null);
  assert(appointment);
  return appointment;
}

test("providers are found by state and insurance", async () => {
  const providers = await findProviders(run, { state: "Connecticut", insurance: "aetna" });
  assert(providers.length > 0);
  assert(providers.some((provider) => provider.firstAvailable));
});

test("a name misspelt in a query is an error with suggestions", async () => {
  const search = findProviders(run, { state: "Conecticut", insurance: "Aetna" });
  await assert.rejects(search, (error: unknown) => {
    assert(error instanceof QueryFailed);
    assert.equal(error.code, "UNKNOWN_STATE");
    assert.equal(error.errors[0]?.extensions.suggestions?.[0], "Connecticut (CT)");
    return true;
  });
});

test("a server that is not there is no answer", async () => {
  const nowhere = connect({ url: "http://127.0.0.1:1" });
  await assert.rejects(findProviders(nowhere, { state: "CT", insurance: "Aetna" }), NoAnswer);
});

test("a visit is booked once, however often the request is sent", async () => {
  const visit = { patient: somebody() };
  const key = randomUUID();
  const answers = await Promise.all([1, 2, 3].map(() => book(run, visit, key)));
  assert.deepEqual(answers.map(({ error }) => error), [null, null, null]);
  assert.equal(new Set(answers.map(({ appointment }) => appointment?.id)).size, 1);
  const appointment = await settled(run, answers[0]?.appointment?.id ?? "");
  assert.equal(appointment?.status, "CONFIRMED");
  assert.equal(appointment.scheduled, true);
});

test("a time that is taken comes with others, and one of them can be booked", async () => {
  const slot = await freeSlot();
  const wish = { providerId: slot.provider.id, startsAt: slot.startsAt };
  const first = await book(run, { ...wish, patient: somebody() });
  assert.equal(first.error, null);

  const patient = somebody();
  const second = await book(run, { ...wish, patient });
  assert.equal(second.appointment, null);
  assert.equal(second.error?.__typename, "SlotTaken");
  assert.match(explain(second.error), /How about/);

  const [other] = second.error.alternatives;
  assert(other);
  const third = await book(run, {
    patient,
    providerId: other.provider.id,
    startsAt: other.startsAt,
  });
  assert.equal(third.error, null);
  assert.equal(third.appointment?.startsAt, other.startsAt);
});

test("each expected failure says what to do", async () => {
  const patient = somebody();
  const failure = async (change: object, visit: object = {}) => {
    const { error } = await book(run, { patient: { ...patient, ...change }, ...visit });
    assert(error);
    return [error.__typename, error.code, explain(error)] as const;
  };
  const [invalid, , fields] = await failure({ email: "nowhere" }, { durationMinutes: 1 });
  assert.equal(invalid, "InvalidInput");
  assert.match(fields, /patient\.email .*; durationMinutes /);

  const [unknown, code, names] = await failure({ insurance: "Aetan" });
  assert.deepEqual([unknown, code], ["UnknownName", "UNKNOWN_INSURANCE"]);
  assert.match(names, /Did you mean: Aetna/);

  const past = await failure({}, { startsAt: "2020-01-01T15:00:00Z" });
  assert.deepEqual(past.slice(0, 2), ["PlainError", "TIME_IN_PAST"]);
  const far = await failure({}, { startsAt: "2999-01-01T15:00:00Z" });
  assert.deepEqual(far.slice(0, 2), ["BeyondHorizon", "BEYOND_HORIZON"]);
});

test("a provider's visits come page by page, each once and in order", async () => {
  const slot = await freeSlot();
  const from = new Date(slot.startsAt);
  const to = new Date(from.getTime() + 7 * DAY);
  const slots = await availableSlots(run, slot.provider.id, from, to);
  // Half an hour each, and the grid is finer: not neighbours.
  const wanted = [slots[0], slots[3], slots[6]].map((free) => free?.startsAt ?? "");
  for (const startsAt of wanted) {
    const visit = { patient: somebody(), providerId: slot.provider.id, startsAt };
    const { error } = await book(run, visit);
    assert.equal(error, null);
  }
  const found = [];
  for await (const visit of schedule(run, slot.provider.id, from, to, 2)) found.push(visit);
  const starts = found.map((visit) => visit.startsAt);
  assert.deepEqual(starts, starts.toSorted());
  assert.equal(new Set(found.map((visit) => visit.id)).size, found.length);
  for (const startsAt of wanted) assert(starts.includes(startsAt));
});

test("a visit is moved and then cancelled, which ends it", async () => {
  const visit = await booked();
  const from = new Date(Date.parse(visit.startsAt) + DAY);
  const to = new Date(from.getTime() + 7 * DAY);
  const [later] = await availableSlots(run, visit.provider.id, from, to);
  assert(later);

  const moved = await reschedule(run, visit.id, later.startsAt);
  assert.equal(moved.error, null);
  const { startsAt, pendingStartsAt } = moved.appointment ?? {};
  assert.equal(pendingStartsAt ?? startsAt, later.startsAt);

  const cancelled = await cancel(run, visit.id, "Feeling better");
  assert.equal(cancelled.error, null);
  assert.match(cancelled.appointment?.status ?? "", /^CANCELL(ED|ING)$/);

  const again = await reschedule(run, visit.id, visit.startsAt);
  assert.equal(again.error?.__typename, "IllegalTransition");
  assert.equal(again.appointment?.id, visit.id);
});

/** A way to the server that can be cut. */
async function cuttable() {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = dial(Number(port || 80), hostname);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      open.add(one);
      one.on("error", () => other.destroy()).on("close", () => other.destroy());
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of open) socket.destroy();
    open.clear();
  };
  const close = () => {
    proxy.close();
    cut();
  };
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, cut, close };
}

test("watching goes on after a lost connection, with nothing lost and nothing repeated", async () => {
  const way = await cuttable();
  const after = await endOfEvents(run);
  const visits = [(await booked()).id, (await booked()).id];
  const told: AppointmentEvent[] = [];
  for await (const event of watch({ url: way.url, token, after })) {
    told.push(event);
    if (told.length === 6) break;
    // BOOKED and CONFIRMED of each visit: cut between the two, and between two visits.
    if (told.length === 1) way.cut();
    if (told.length === 4) {
      way.cut();
      visits.push((await booked()).id);
    }
  }
  way.close();
  assert.deepEqual(told.map(({ kind }) => kind), Array(3).fill(["BOOKED", "CONFIRMED"]).flat());
  assert.deepEqual(told.map(({ appointment }) => appointment?.id), visits.flatMap((id) => [id, id]));
});

test("watching from what is no cursor is an error", async () => {
  const first = (options: object) => watch({ url, token, after: "", ...options }).next();
  await assert.rejects(first({}), (error: unknown) => {
    assert(error instanceof QueryFailed);
    assert.equal(error.code, "INVALID_INPUT");
    return true;
  });
});

test("watching ends when it is told to", async () => {
  const stop = new AbortController();
  const events = watch({ url, token, after: await endOfEvents(run), signal: stop.signal });
  const next = events.next();
  stop.abort();
  assert.deepEqual(await next, { done: true, value: undefined });
});
