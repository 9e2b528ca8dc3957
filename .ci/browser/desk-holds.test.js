// A time is held at the front desk while it is booked, and can be repeated weekly.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { findings } from "./axe.js";
import { book, dayOf, dialog, janeDoe, nextWednesday, openDesk, toWhen, visit } from "./desk.js";
import { ask, startChromium, startClinic } from "./support.js";

let clinic, chromium, context;
const ten = nextWednesday();
const day = dayOf(ten);
const at = (hours, minutes = 0) => new Date(ten.getTime() + ((hours - 10) * 60 + minutes) * 60_000);

before(async () => {
  [clinic, chromium] = await Promise.all([startClinic(), startChromium()]);
  context = await chromium.newContext({ viewport: { width: 1440, height: 1000 } });
});
after(() => Promise.all([clinic?.stop(), chromium?.close()]));

const open = () => openDesk(context, clinic.url, `?day=${day}`);

const HOLD = `mutation Hold($input: HoldSlotInput!) {
  holdSlot(input: $input) { hold { token } error { code } }
}`;

/** Tries to hold a time of Dr. Jane Doe's, as anybody else would. */
async function hold(startsAt) {
  const { id: providerId } = await janeDoe(clinic.url);
  const { holdSlot } = await ask(clinic.url, HOLD, { input: { providerId, startsAt: startsAt.toISOString() } });
  return holdSlot;
}

const release = (token) => ask(clinic.url, `mutation { releaseHold(input: { token: "${token}" }) { error { code } } }`);

/** Asks for a time of that Wednesday in the last step of the booking. */
async function takeTime(page, time) {
  const form = dialog(page);
  await form.getByLabel("Another day").fill(day);
  await form.getByLabel("Another time").fill(time);
  await form.getByRole("button", { name: "Take it" }).click();
}

/** What the page is told of its holds: the next time that one is released. */
const isReleased = (page) =>
  page.waitForResponse((response) => (response.request().postData() ?? "").includes("releaseHold"));

const told = (page) => dialog(page).locator(".held");

test("a time is held once it is chosen, and free again when another is chosen or the dialog is closed", async () => {
  const page = await open();
  await toWhen(page, "Hilda Holds");
  await takeTime(page, "09:00");
  await told(page)
    .getByText(/Held for you until \d+:\d\d [AP]M/)
    .waitFor();
  assert.equal((await hold(at(9))).error.code, "SLOT_HELD");
  await Promise.all([isReleased(page), dialog(page).getByRole("button", { name: "Another time" }).click()]);
  const { hold: other } = await hold(at(9));
  assert.match(other.token, /^clh_/);
  await release(other.token);
  await takeTime(page, "09:15");
  await told(page).getByText("Held for you until").waitFor();
  await Promise.all([isReleased(page), page.keyboard.press("Escape")]);
  const { hold: last } = await hold(at(9, 15));
  assert.match(last.token, /^clh_/);
  await release(last.token);
  await page.close();
});

test("what is held is booked by its hold, and without it where that is none any more", async () => {
  const page = await open();
  const inputs = [];
  page.on("request", (request) => {
    if (!request.url().endsWith("/graphql") || !request.postData()?.includes("bookAppointment")) return;
    inputs.push(request.postDataJSON().variables.input.holdToken);
  });
  for (const [name, time, shown] of [
    ["Bodo Booked", "16:00", "4:00 – 4:30 PM"],
    ["Lars Lapsed", "16:30", "4:30 – 5:00 PM"],
  ]) {
    await toWhen(page, name);
    const held = page.waitForResponse((response) => (response.request().postData() ?? "").includes("holdSlot"));
    await takeTime(page, time);
    const { token } = (await (await held).json()).data.holdSlot.hold;
    await told(page).getByText("Held for you until").waitFor();
    if (name === "Lars Lapsed") await release(token);
    await dialog(page).getByRole("button", { name: "Book this visit" }).click();
    await dialog(page).getByRole("heading", { name }).waitFor();
    await dialog(page).getByText(shown).waitFor();
    await page.keyboard.press("Escape");
    await visit(page, name).waitFor();
  }
  assert.deepEqual(
    inputs.map((token) => token?.slice(0, 4)),
    ["clh_", "clh_", undefined],
  );
  await page.close();
});

test("who wants a time that somebody else holds is told, and takes another", async () => {
  const { hold: other } = await hold(at(9, 30));
  const page = await open();
  await toWhen(page, "Tara Told");
  await takeTime(page, "09:30");
  await dialog(page).locator(".refused[data-code=SLOT_HELD]").waitFor();
  await told(page).getByText("Not held").waitFor();
  await dialog(page).locator(".choices button").first().click();
  await told(page).getByText("Held for you until").waitFor();
  assert.equal(await dialog(page).locator(".refused").count(), 0);
  await Promise.all([isReleased(page), page.keyboard.press("Escape")]);
  await release(other.token);
  await page.close();
});

test("a time is repeated weekly: what can't be had is told, replaced, and all visits are booked", async () => {
  const weekLater = nextWednesday(1);
  await book(clinic.url, "Wim In-the-way", new Date(weekLater.getTime() + 5.5 * 3_600_000));
  const page = await open();
  await toWhen(page, "Wilma Weekly");
  await takeTime(page, "15:30");
  await told(page).getByText("Held for you until").waitFor();
  const form = dialog(page);
  await Promise.all([isReleased(page), form.getByRole("button", { name: "Repeat weekly …" }).click()]);
  await form.getByLabel("How many visits").fill("3");
  const visits = form.getByRole("list", { name: "Visits" }).getByRole("listitem");
  await visits.nth(1).getByText("has another visit then").waitFor();
  await form.getByText("All of them are booked or none").waitFor();
  assert.equal(await visits.count(), 3);
  assert.equal(await form.getByRole("button", { name: "Book 3 visits" }).isDisabled(), true);
  assert.deepEqual(await findings(page), []);
  await visits
    .nth(1)
    .getByRole("button", { name: /instead/ })
    .click();
  await form.getByText("All of them can be had").waitFor();
  await form.getByRole("button", { name: "Book 3 visits" }).click();
  await dialog(page).getByRole("heading", { name: "Wilma Weekly" }).waitFor();
  await dialog(page).getByText("in a series").waitFor();
  await dialog(page).getByText("Wilma Weekly: 3 visits booked").waitFor();
  await page.keyboard.press("Escape");
  await visit(page, "Wilma Weekly").filter({ hasText: "3:30 PM" }).waitFor();
  await page.close();
});
