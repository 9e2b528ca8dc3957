// What the examples need and only the server knows: a provider, a visit that may be moved or
// cancelled, a free time. Taken from the last answer, else looked up.
//
// Nothing but the example patient's visits, and those booked on this page, is ever filled in: an
// example that is run to see what happens must not move or cancel somebody's appointment.

import { EXAMPLE_EMAIL, examples, operationName, rfc3339 } from "./examples.js";

const DAY = 24 * 3_600_000;
const OPEN = ["PENDING", "CONFIRMED"];

const PROVIDERS = `query ExampleProviders($state: String, $insurance: String) {
  providers(state: $state, insurance: $insurance, first: 1) { nodes { id states insurances } } }`;

const VISITS = `query ExampleVisits($email: String!) {
  patients(search: $email, first: 5) { nodes { email appointments(last: 50) {
    nodes { id status startsAt endsAt } } } } }`;

const VISIT = `query ExampleVisit($id: ID!) {
  appointment(id: $id) { id status startsAt endsAt durationMinutes provider { id } patient { id } } }`;

const OTHERS = `query ExampleOthers($state: String, $insurance: String, $from: DateTime!, $to: DateTime!, $minutes: Int!) {
  providers(state: $state, insurance: $insurance, first: 10) { nodes {
    id availableSlots(from: $from, to: $to, durationMinutes: $minutes) { startsAt } } } }`;

const SLOTS = `query ExampleSlots($providerId: ID!, $from: DateTime!, $to: DateTime!, $minutes: Int!) {
  availableSlots(providerId: $providerId, from: $from, to: $to, durationMinutes: $minutes) {
    startsAt endsAt } }`;

const BOOK = `mutation ExampleVisit($input: BookAppointmentInput!) {
  bookAppointment(input: $input) { appointment { id } error { message } } }`;

const HOLD = `mutation ExampleHold($input: HoldSlotInput!) {
  holdSlot(input: $input) { hold { token expiresAt } error { message } } }`;

const FEED = `mutation ExampleFeed($input: CreateCalendarFeedInput!) {
  createCalendarFeed(input: $input) { secret error { message } } }`;

const named = (name, known) => examples(known).find(({ query }) => operationName(query) === name);

/** The name of an example as one says it: `CheckIn` is "check in". */
const inWords = (name) => name.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();

/** Whether a visit can still be moved and cancelled. */
const isAhead = ({ status, startsAt }) => OPEN.includes(status) && Date.parse(startsAt) > Date.now();

const overlap = (one, other) =>
  Date.parse(one.startsAt) < Date.parse(other.endsAt) && Date.parse(other.startsAt) < Date.parse(one.endsAt);

/**
 * What is known of the server. `ask(query, variables)` answers the data of an operation, or null
 * where there is none.
 */
export const knowledge = (ask) => {
  /** The answers so far: `providerId`, `appointmentId`, `hold`, `feed`, and `state` and `insurance` once looked up. */
  const known = {};

  const firstProvider = async (filter) => (await ask(PROVIDERS, filter))?.providers?.nodes[0];

  /** Whom the examples are about: CT and Aetna, unless this clinic has nobody for these. */
  const payer = async () => {
    if (known.state) return;
    const usual = { state: "CT", insurance: "Aetna" };
    const provider = (await firstProvider(usual)) ?? (await firstProvider({}));
    if (!provider) return;
    const isUsual = provider.states.includes(usual.state) && provider.insurances.includes(usual.insurance);
    const own = { state: provider.states[0], insurance: provider.insurances[0] };
    Object.assign(known, isUsual || !own.state || !own.insurance ? usual : own);
    known.providerId ??= provider.id;
  };

  const examplePatientsVisits = async () => {
    const patients = (await ask(VISITS, { email: EXAMPLE_EMAIL }))?.patients?.nodes ?? [];
    const own = patients.filter(({ email }) => email.toLowerCase() === EXAMPLE_EMAIL);
    return own.flatMap(({ appointments }) => appointments?.nodes ?? []).filter(isAhead);
  };

  const visit = async () => {
    if (known.appointmentId) {
      const found = (await ask(VISIT, { id: known.appointmentId }))?.appointment;
      if (found && isAhead(found)) return found;
      delete known.appointmentId;
    }
    const visits = await examplePatientsVisits();
    const next = visits.sort((one, other) => Date.parse(one.startsAt) - Date.parse(other.startsAt))[0];
    if (!next) return null;
    known.appointmentId = next.id;
    return (await ask(VISIT, { id: next.id }))?.appointment;
  };

  /** A time to move a visit to: a day later or more, when the example patient is free as well. */
  const laterTime = async ({ startsAt, durationMinutes, provider }) => {
    const others = await examplePatientsVisits();
    const begin = Date.parse(startsAt);
    for (const [from, to] of [
      [begin + DAY, begin + 15 * DAY],
      [Date.now(), begin + DAY],
    ]) {
      const window = { from: rfc3339(from), to: rfc3339(to), minutes: durationMinutes };
      const slots = (await ask(SLOTS, { providerId: provider.id, ...window }))?.availableSlots ?? [];
      const free = slots.find((slot) => !others.some((other) => overlap(slot, other)));
      if (free) return free.startsAt;
    }
    return undefined;
  };

  /** Three free times on three days, when the example patient is free as well. */
  const courseOfTimes = async () => {
    const others = await examplePatientsVisits();
    const window = { from: rfc3339(Date.now() + 2 * DAY), to: rfc3339(Date.now() + 16 * DAY), minutes: 30 };
    const slots = (await ask(SLOTS, { providerId: known.providerId, ...window }))?.availableSlots ?? [];
    const free = slots.filter((slot) => !others.some((other) => overlap(slot, other)));
    const ofEachDay = new Map(free.toReversed().map(({ startsAt }) => [startsAt.slice(0, 10), startsAt]));
    const times = [...ofEachDay.values()].sort().slice(0, 3);
    return times.length > 0 ? times : undefined;
  };

  /** Another provider who could have the visit at its time, if there is one. */
  const otherProvider = async ({ startsAt, endsAt, durationMinutes, provider }) => {
    const { state, insurance } = known;
    const window = { from: startsAt, to: endsAt, minutes: durationMinutes };
    const others = (await ask(OTHERS, { state, insurance, ...window }))?.providers?.nodes ?? [];
    const free = others.find(({ id, availableSlots }) => id !== provider.id && availableSlots.length > 0);
    return free?.id ?? provider.id;
  };

  /** Books what the example Book books. Answers the visit's id, or why there is none. */
  const bookExample = async () => {
    const payload = (await ask(BOOK, named("Book", known).variables))?.bookAppointment;
    known.appointmentId = payload?.appointment?.id;
    return payload?.error?.message;
  };

  /**
   * A visit to show, move or cancel, and a note for the reader where there was none yet: with `book`,
   * the example visit is booked then.
   */
  const visitToChange = async ({ book, purpose }) => {
    const found = await visit();
    if (found || !book) return { found };
    await payer();
    const refused = await bookExample();
    const note = known.appointmentId
      ? `There was no visit to ${purpose} yet, so the example visit was booked first.`
      : `There is no visit to ${purpose}, and none could be booked${refused ? `: ${refused}` : ""}.`;
    return { found: known.appointmentId && (await visit()), note };
  };

  /** The variables of an example as they should be now, and the note of `visitToChange`. */
  const variablesOf = async (name, { book = false } = {}) => {
    const needs = Object.keys(named(name)?.variables ?? {});
    let note;
    if (needs.some((need) => ["state", "input", "providerId"].includes(need))) await payer();
    if (needs.includes("id")) {
      const { found, ...rest } = await visitToChange({ book, purpose: inWords(name) });
      known.startsAt = needs.includes("startsAt") && found ? await laterTime(found) : undefined;
      if (needs.includes("providerId") && found) known.otherProviderId = await otherProvider(found);
      note = rest.note;
    }
    if (name === "BookSeries") {
      known.providerId ??= (await firstProvider({ state: known.state, insurance: known.insurance }))?.id;
      known.times = await courseOfTimes();
    }
    return { variables: named(name, { ...known, now: Date.now() })?.variables, note };
  };

  /**
   * The token of a hold to release, with a note where there was none: of the last one of this page, else of one
   * that is held for it. It is given once, for then it is spent.
   */
  const holdToRelease = async () => {
    const { hold } = known;
    delete known.hold;
    if (hold && Date.parse(hold.expiresAt) > Date.now()) return { token: hold.token };
    await payer();
    const payload = (await ask(HOLD, named("Hold", known).variables))?.holdSlot;
    const refused = payload?.error?.message;
    const note = payload?.hold
      ? "There was no hold to release yet, so a time was held first."
      : `There is no hold to release, and no time could be held${refused ? `: ${refused}` : ""}.`;
    return { token: payload?.hold?.token, note };
  };

  /** The secret of a calendar to read, with a note where it was made for that: of one for the whole page. */
  const feedToRead = async () => {
    if (known.feed) return { feed: known.feed };
    await payer();
    const input = { providerId: known.providerId, name: "The page /docs" };
    const payload = (await ask(FEED, { input }))?.createCalendarFeed;
    const refused = payload?.error?.message;
    known.feed = payload?.secret ?? undefined;
    const note = known.feed
      ? "A calendar without patients was made first: revokeCalendarFeed ends it."
      : `There is no calendar to read, and none could be made${refused ? `: ${refused}` : ""}.`;
    return { feed: known.feed, note };
  };

  /** Ids for the REST routes, by how they begin, a later time for the visit, and the same note. */
  const ids = async (prefixes) => {
    if (prefixes.includes("prv")) await payer();
    let [found, note] = [null, undefined];
    if (prefixes.some((prefix) => ["apt", "pat"].includes(prefix))) {
      ({ found, note } = await visitToChange({ book: true, purpose: "use" }));
    }
    let token;
    if (prefixes.includes("clh")) ({ token, note } = await holdToRelease());
    let feed;
    if (prefixes.includes("clf")) ({ feed, note } = await feedToRead());
    return {
      ids: { prv: known.providerId, apt: found?.id, pat: found?.patient.id, clh: token, clf: feed },
      laterTime: () => found && laterTime(found),
      note,
    };
  };

  /** Keeps what an answer tells: the provider and the visit that it shows. */
  const learn = (data) => {
    const booked = data?.bookAppointment?.appointment?.id ?? data?.appointment_id;
    if (booked) known.appointmentId = booked;
    const held = data?.holdSlot?.hold ?? (data?.token?.startsWith("clh_") ? data : undefined);
    if (held) known.hold = { token: held.token, expiresAt: held.expiresAt ?? held.expires_at };
    const provider = data?.providers?.nodes?.[0]?.id ?? data?.firstAvailable?.provider?.id;
    if (provider) known.providerId = provider;
  };

  return { variablesOf, ids, learn };
};
