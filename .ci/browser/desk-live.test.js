// The front desk is live: for everybody, in every tab, and after the server was away.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { book, dayOf, dialog, drag, isLive, nextWednesday, openDesk, visit } from "./desk.js";
import { ON_POSTGRES, startChromium, startClinic } from "./support.js";

let clinic, chromium;
const ten = nextWednesday();
const day = dayOf(ten);
const at = (hours, minutes = 0) => new Date(ten.getTime() + ((hours - 10) * 60 + minutes) * 60_000);
const stops = [];

before(async () => {
  [clinic, chromium] = await Promise.all([startClinic(), startChromium()]);
  stops.push(clinic.stop);
});
after(async () => {
  await chromium?.close();
  for (const stop of stops.reverse()) await stop();
});

const browser = () => chromium.newContext({ viewport: { width: 1440, height: 1000 } });
const open = (context) => openDesk(context, clinic.url, `?day=${day}`);

/** Notes what is asked for from now on. */
function listen(page) {
  const asked = [];
  page.on("request", (request) => {
    if (!request.url().endsWith("/graphql") || request.method() !== "POST") return;
    const { query } = request.postDataJSON();
    asked.push(query.match(/^\s*(query|mutation|subscription)\s+(\w+)/)[2]);
  });
  return asked;
}

test("two browsers see each other's changes within a second, and load no day again", async () => {
  const [one, other] = await Promise.all([browser(), browser()]);
  await book(clinic.url, "Lea Live", at(9));
  const [here, there] = await Promise.all([open(one), open(other)]);
  const asked = listen(there);
  await drag(here, "Lea Live", 9, 45);
  await visit(there, "Lea Live").filter({ hasText: "9:45 AM" }).waitFor({ timeout: 1500 });
  await book(clinic.url, "Bea Booked", at(10, 30));
  await Promise.all([here, there].map((page) => visit(page, "Bea Booked").waitFor({ timeout: 1500 })));
  assert.deepEqual(asked, []);
  await Promise.all([one.close(), other.close()]);
});

test("two people drop two visits on one time: one is told, and sees other times", async () => {
  const [one, other] = await Promise.all([browser(), browser()]);
  await Promise.all([book(clinic.url, "Ann First", at(12)), book(clinic.url, "Bob Second", at(13))]);
  const [here, there] = await Promise.all([open(one), open(other)]);
  await Promise.all([drag(here, "Ann First", 15), drag(there, "Bob Second", 15)]);
  const told = await Promise.race(
    [here, there].map(async (page) => {
      await dialog(page).locator(".refused[data-code=SLOT_TAKEN], .refused[data-code=SLOT_HELD]").waitFor();
      return page;
    }),
  );
  const choices = dialog(told).locator(".choices button");
  await choices.first().waitFor();
  await choices.first().click();
  await told.getByText(/moved to/).waitFor();
  await Promise.all([one.close(), other.close()]);
});

test("the tabs of a browser share two streams, and another follows when one closes", async () => {
  const context = await browser();
  const streams = new Set();
  context.on("request", (request) => {
    if (request.headers().accept === "text/event-stream") streams.add(request);
  });
  const [first, second] = [await open(context), await open(context)];
  assert.equal(streams.size, 2);
  await book(clinic.url, "Tab One", at(11));
  await Promise.all([first, second].map((page) => visit(page, "Tab One").waitFor({ timeout: 1500 })));
  await first.close();
  await book(clinic.url, "Tab Two", at(11, 30));
  await visit(second, "Tab Two").waitFor();
  assert.equal(streams.size, 4);
  await context.close();
});

test("without a network it says since when it is away, and catches up", async () => {
  const context = await browser();
  const page = await open(context);
  const asked = listen(page);
  await context.setOffline(true);
  await page
    .locator(".live[data-state=away]")
    .getByText(/Away since/)
    .waitFor();
  await book(clinic.url, "Ola Offline", at(14));
  await context.setOffline(false);
  await visit(page, "Ola Offline").waitFor();
  await isLive(page);
  assert.ok(!asked.includes("Day"), asked.join());
  await context.close();
});

test("PostgreSQL is restarted: nothing is lost, and the page goes on by itself", { skip: !ON_POSTGRES }, async () => {
  const context = await browser();
  const page = await open(context);
  await visit(page, "Lea Live").waitFor();
  clinic.postgres.away();
  try {
    await drag(page, "Lea Live", 13);
    await dialog(page).locator(".refused").waitFor({ timeout: 30_000 });
    await page.keyboard.press("Escape");
    // The server's stream is open, and it hears nothing.
    await page.locator(".live[data-state=away]").waitFor({ timeout: 30_000 });
  } finally {
    clinic.postgres.back();
  }
  await visit(page, "Lea Live").filter({ hasText: "9:45 AM" }).waitFor();
  await drag(page, "Lea Live", 13);
  await page.getByText(/Lea Live moved to/).waitFor({ timeout: 30_000 });
  await book(clinic.url, "Rita Restart", at(9));
  await visit(page, "Rita Restart").waitFor({ timeout: 30_000 });
  await isLive(page, 20_000);
  await context.close();
});

test("the server is killed and comes back: what happened meanwhile is there", async () => {
  const context = await browser();
  const page = await open(context);
  const { port } = new URL(clinic.url);
  await visit(page, "Lea Live").waitFor();
  await clinic.kill();
  await page.locator(".live[data-state=away]").waitFor();
  await drag(page, "Lea Live", 16);
  await dialog(page).getByText("could not be reached").waitFor();
  await page.keyboard.press("Escape");
  const again = await startClinic({ PORT: port, DATABASE_URL: clinic.database });
  stops.push(again.stop);
  await book(again.url, "Kay Killed", at(16, 15));
  await visit(page, "Kay Killed").waitFor({ timeout: 30_000 });
  await isLive(page, 20_000);
  await context.close();
});

test("a day that could not be loaded is loaded when the server is back", async () => {
  const context = await browser();
  const page = await open(context);
  await visit(page, "Lea Live").waitFor();
  await context.setOffline(true);
  await page.locator(".live[data-state=away]").waitFor();
  await page.keyboard.press("n");
  await page.getByText("The day could not be loaded").waitFor();
  await context.setOffline(false);
  await page.locator(".lane").first().waitFor();
  await context.close();
});
