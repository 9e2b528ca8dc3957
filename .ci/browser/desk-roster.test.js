// The front desk and the roster: hours that are changed, and days that change while one looks.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { book, dayOf, dialog, janeDoe, nextWednesday, openDesk } from "./desk.js";
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

const open = (search = "") => openDesk(context, clinic.url, `?day=${day}${search}`);

test("time off says whom it strands before it is taken, and leads to each", async () => {
  await book(clinic.url, "Sia Strand", at(10, 30));
  const { id } = await janeDoe(clinic.url);
  const page = await open(`&view=hours&provider=${id}`);
  const form = page.getByRole("form", { name: "Time off" });
  await form.getByLabel("First day").fill(day);
  await form.getByRole("button", { name: "Add time off" }).click();
  await page.getByRole("heading", { name: /visits? would fit no more/ }).waitFor();
  await page.getByRole("button", { name: "Change it all the same" }).click();
  await page.locator(".stranded").getByText("Sia Strand").click();
  await dialog(page).getByRole("button", { name: "Move …" }).click();
  await dialog(page).locator(".first-free").click();
  await dialog(page)
    .getByText(/Sia Strand moved to/)
    .waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".stranded").getByText("Moved: ").waitFor();
  await form.getByRole("button", { name: "Remove" }).click();
  await form.getByText("None is to come").waitFor();
  await page.close();
});

test("a column that has more visits than come at once shows them all, and those to come", async () => {
  const [nine, minutes] = [new Date(nextWednesday(1).getTime() - 3_600_000), 5];
  for (let place = 0; place < 40; place += 1) {
    const startsAt = new Date(nine.getTime() + place * minutes * 60_000);
    await book(clinic.url, `Full ${place}`, startsAt, { durationMinutes: minutes });
  }
  const page = await openDesk(context, clinic.url, `?day=${dayOf(nine)}`);
  await page.getByText("40 visits").waitFor();
  await book(clinic.url, "Full at last", new Date(nine.getTime() + 40 * minutes * 60_000), {
    durationMinutes: minutes,
  });
  await page.getByText("41 visits").waitFor();
  await page.close();
});

test("a column that the roster changes is read again, and no other", async () => {
  const { id } = await janeDoe(clinic.url);
  const page = await open();
  const asked = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/graphql")) asked.push(request.postDataJSON().operationName);
  });
  await ask(
    clinic.url,
    `mutation { setDateOverride(input: { providerId: "${id}", date: "${day}", hours: [] }) { error { code } } }`,
  );
  await page.getByText("Does not work this day").waitFor();
  assert.ok(asked.includes("Column") && !asked.includes("Day"), asked.join());
  await page.close();
});
