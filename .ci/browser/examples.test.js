// Every example runs as it stands: in a new profile, one after the other, and in a profile of before.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { answerTo, openExample, openGraphiQL, response, run, servePlainPage } from "./graphiql.js";
import { ask, observe, startChromium, startClinic } from "./support.js";

// Those that need a visit come first, while there is none.
const NAMES = [
  ["Reschedule", "rescheduleAppointment"],
  ["Cancel", "cancelAppointment"],
  ["FindProviders", "providers"],
  ["Book", "bookAppointment"],
  ["Hold", "holdSlot"],
  ["FirstAvailable", "firstAvailable"],
  ["Appointments", "appointments"],
  ["AvailableSlots", "availableSlots"],
  ["WhyNot", "explainTime"],
  ["WhoFits", "matchProviders"],
  ["PreviewSeries", "previewSeries"],
  ["BookSeries", "bookSeries"],
  ["JoinWaitlist", "joinWaitlist"],
  ["CatchUp", "events"],
  ["Reassign", "reassignAppointment"],
  ["Update", "updateAppointment"],
  ["Overrule", "bookAppointment"],
  ["WorkingHours", "setWorkingHours"],
  ["TimeOff", "addTimeOff"],
  ["Rules", "setRules"],
  ["VisitType", "createVisitType"],
  ["CalendarFeed", "createCalendarFeed"],
  ["CreateWebhookEndpoint", "createWebhookEndpoint"],
  ["Mails", "mails"],
  ["RevokeLinks", "revokeVisitLink"],
];
const WIDE = { viewport: { width: 1280, height: 850 } };
const NARROW = { viewport: { width: 420, height: 900 } };

let clinic, chromium;

before(async () => {
  [clinic, chromium] = await Promise.all([startClinic(), startChromium()]);
});
after(() => Promise.all([clinic?.stop(), chromium?.close()]));

/** An answer that shows what the example is about, and no error of any kind. */
function assertDone(name, field, { status, data, errors }) {
  assert.deepEqual([status, errors], [200, undefined], `${name}: ${JSON.stringify(errors)}`);
  const answer = data[field];
  assert.ok(answer, `${name}: ${JSON.stringify(data)}`);
  assert.equal(answer.error ?? null, null, `${name}: ${JSON.stringify(answer)}`);
  if (field === "availableSlots") assert.ok(answer.length > 0);
  if (field.endsWith("Appointment")) assert.match(answer.appointment.id, /^apt_/);
}

const openPlain = async (context, url, name) => {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(`${url}/graphql`);
  await page.locator("#example").selectOption(name);
  return page;
};
const runPlain = (page) => page.locator("#run").click();

const PAGES = [
  ["GraphiQL", openExample, run, () => {}],
  ["the plain page", openPlain, runPlain, servePlainPage],
];

for (const [what, open, press, prepare] of PAGES) {
  test(`in ${what} every example runs untouched in a new profile, with an empty book`, async () => {
    const own = await startClinic();
    for (const [name, field] of NAMES) {
      const context = await chromium.newContext(WIDE);
      await prepare(context, own.url);
      const page = await open(context, own.url, name);
      const seen = observe(page);
      assertDone(name, field, await answerTo(page, name, () => press(page)));
      assert.deepEqual(seen.errors, [], name);
      await context.close();
    }
    await own.stop();
  });
}

test("the first example runs at once, without a look at the tabs", async () => {
  const context = await chromium.newContext(WIDE);
  const page = await openGraphiQL(context, clinic.url);
  assertDone("FindProviders", "providers", await answerTo(page, "FindProviders", () => run(page)));
  await context.close();
});

test("the examples run one after the other in one window, on what the ones before answered", async () => {
  const context = await chromium.newContext(WIDE);
  const page = await openExample(context, clinic.url, "Book");
  const go = async (name, field) => {
    await page.getByRole("tab", { name: new RegExp(`^${name}\\b`) }).click();
    const answer = await answerTo(page, name, () => run(page));
    assertDone(name, field, answer);
    return answer.data[field];
  };
  const booked = (await go("Book", "bookAppointment")).appointment;
  const moved = (await go("Reschedule", "rescheduleAppointment")).appointment;
  assert.deepEqual([moved.id, moved.startsAt > booked.startsAt], [booked.id, true]);
  assert.equal((await go("Cancel", "cancelAppointment")).appointment.id, booked.id);
  // What is cancelled can't be moved: by now another visit is meant.
  const next = (await go("Book", "bookAppointment")).appointment;
  assert.equal((await go("Reschedule", "rescheduleAppointment")).appointment.id, next.id);
  for (const [name, field] of NAMES) await go(name, field);

  await page.getByRole("tab", { name: /^Watch\b/ }).click();
  await run(page);
  await response(page, "Watching");
  await context.close();
});

test("an example that is only tried moves and cancels nobody's visit but the example patient's", async () => {
  const own = await startClinic();
  const patient = { name: "Ann Other", email: "ann@other.example", state: "CT", insurance: "Aetna" };
  const book = `mutation($patient: PatientInput!) {
    bookAppointment(input: { patient: $patient }) { appointment { id startsAt } } }`;
  const { appointment } = (await ask(own.url, book, { patient })).bookAppointment;
  const context = await chromium.newContext(WIDE);
  for (const [name, field] of NAMES.slice(0, 2)) {
    const page = await openExample(context, own.url, name);
    const answer = await answerTo(page, name, () => run(page));
    assertDone(name, field, answer);
    assert.notEqual(answer.data[field].appointment.id, appointment.id);
    await page.close();
  }
  const found = await ask(own.url, "query($id: ID!) { appointment(id: $id) { status startsAt } }", appointment);
  assert.deepEqual(found.appointment, { status: "CONFIRMED", startsAt: appointment.startsAt });
  await context.close();
  await own.stop();
});

test("tabs of a profile of before run, and keep what was typed", async () => {
  const context = await chromium.newContext(WIDE);
  const tab = (query, variables, n) => ({
    id: `tab-${n}`,
    title: "<untitled>",
    hash: null,
    headers: null,
    response: null,
    operationName: null,
    query,
    variables,
  });
  const typed = '{ "from": "2020-01-01T00:00:00Z", "to": "2020-03-01T00:00:00Z" }';
  const appointments = "query Appointments($from: DateTime!, $to: DateTime!) { appointments(from: $from, to: $to) { totalCount } }";
  const tabs = [
    tab("query FindProviders($after: DateTime!) { providers { nodes { firstAvailable(after: $after) { startsAt } } } }", "", 1),
    tab(appointments, typed, 2),
    tab(
      `mutation Reschedule($id: ID!, $startsAt: DateTime!) {
        rescheduleAppointment(input: { id: $id, startsAt: $startsAt }) { appointment { id } error { code } } }`,
      '{ "id": "apt_…", "startsAt": "2020-01-01T15:00:00Z" }',
      3,
    ),
    tab("query Mine { __typename }", null, 4),
  ];
  await context.addInitScript((state) => {
    if (!localStorage.getItem("graphiql:tabState")) localStorage.setItem("graphiql:tabState", state);
  }, JSON.stringify({ tabs, activeTabIndex: 0 }));
  const page = await openGraphiQL(context, clinic.url);
  assert.equal(await page.getByRole("tab").count(), 4);
  assertDone("FindProviders", "providers", await answerTo(page, "FindProviders", () => run(page)));

  await page.getByRole("tab").nth(1).click();
  const sent = page.waitForRequest((request) => request.postData()?.includes("2020-03-01"));
  await run(page);
  assert.deepEqual((await sent).postDataJSON().variables, JSON.parse(typed));

  await page.getByRole("tab").nth(2).click();
  assertDone("Reschedule", "rescheduleAppointment", await answerTo(page, "Reschedule", () => run(page)));

  // What is in front comes back after a reload, with its variables.
  await page.waitForTimeout(800);
  await page.reload();
  await page.locator("button.graphiql-execute-button").waitFor();
  assert.equal(await page.getByRole("tab").count(), 4);
  assertDone("Reschedule", "rescheduleAppointment", await answerTo(page, "Reschedule", () => run(page)));
  await context.close();
});

test("every page fits a window of 420 pixels", async () => {
  const context = await chromium.newContext(NARROW);
  const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  const landing = await context.newPage();
  await landing.goto(clinic.url);
  assert.equal(await overflow(landing), 0);

  const graphiql = await openExample(context, clinic.url, "Book");
  await answerTo(graphiql, "Book", () => run(graphiql));
  assert.equal(await overflow(graphiql), 0);
  const editor = await graphiql.locator(".graphiql-query-editor .monaco-editor").first().boundingBox();
  const answer = await graphiql.locator(".result-window").boundingBox();
  assert.ok(editor.width > 300 && answer.width > 300, "the editor and the answer have room");
  await graphiql.getByRole("button", { name: "Show Documentation Explorer" }).click();
  assert.equal(await overflow(graphiql), 0);

  const docs = await context.newPage();
  await docs.goto(`${clinic.url}/docs`);
  for (const block of await docs.locator(".opblock-summary-control").all()) await block.click();
  assert.equal(await overflow(docs), 0);

  await servePlainPage(context, clinic.url);
  const plain = await openPlain(context, clinic.url, "Book");
  await answerTo(plain, "Book", () => runPlain(plain));
  assert.equal(await overflow(plain), 0);
  await context.close();
});
