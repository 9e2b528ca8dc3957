// The front desk without a mouse: what is there is reached by Tab, and done by Enter.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { book, dayOf, dialog, janeDoe, nextWednesday, openDesk, visit } from "./desk.js";
import { startChromium, startClinic } from "./support.js";

let clinic, chromium, context;
const ten = nextWednesday();
const day = dayOf(ten);

before(async () => {
  [clinic, chromium] = await Promise.all([startClinic(), startChromium()]);
  context = await chromium.newContext({ viewport: { width: 1440, height: 900 } });
});
after(() => Promise.all([clinic?.stop(), chromium?.close()]));

const open = (search = "") => openDesk(context, clinic.url, `?day=${day}${search}`);

/** What has the focus, in words. */
const focused = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    // What only holds others, as what scrolls, has no name but one it is given.
    const own = at.matches("button, a, summary") ? at.textContent : "";
    return (at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? own).trim();
  });

/** Goes on with Tab until what has the focus says that. */
async function tabTo(page, words) {
  const seen = [];
  while (seen.length < 150) {
    const at = await focused(page);
    if (words.test(at)) return;
    seen.push(at);
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab does not lead to ${words}, but to ${JSON.stringify(seen)}`);
}

/** Answers the page later than anybody types. */
const slowly = (page) =>
  page.route("**/graphql", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    await route.continue();
  });

test("a visit is moved and cancelled with the keyboard alone", async () => {
  await book(clinic.url, "Kit Keyboard", ten);
  const page = await open();
  await tabTo(page, /Kit Keyboard/);
  await page.keyboard.press("Enter");
  await dialog(page).getByRole("heading", { name: "Kit Keyboard" }).waitFor();
  await tabTo(page, /^Move …$/);
  await page.keyboard.press("Enter");
  await tabTo(page, /^Next day$/);
  await page.keyboard.press("Enter");
  await dialog(page).locator(".slots button").first().waitFor();
  await tabTo(page, /^Another time$/);
  await page.keyboard.type("0330PM");
  await dialog(page).getByText("That time can be had").waitFor();
  await page.keyboard.press("Enter");
  await dialog(page)
    .getByText(/Kit Keyboard moved to .* 3:30 PM/)
    .waitFor();
  await tabTo(page, /^Cancel visit …$/);
  await page.keyboard.press("Enter");
  await tabTo(page, /^Why/);
  await page.keyboard.type("Has a cold");
  await tabTo(page, /^Cancel the visit$/);
  await page.keyboard.press("Enter");
  await dialog(page).locator(".pill", { hasText: "Cancelled" }).waitFor();
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "detached" });
  await page.close();
});

test("a patient is looked up, and a provider goes on leave, with the keyboard alone", async () => {
  await book(clinic.url, "Lou Looked-up", new Date(ten.getTime() + 3_600_000));
  const { id } = await janeDoe(clinic.url);
  const page = await open();
  // In one go, as who knows the keys types: each is meant for what the one before has opened, or has asked.
  await slowly(page);
  for (const leave of ["t", "d"]) {
    await page.keyboard.press("/");
    await page.keyboard.type("lou look");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Lou Looked-up" }).waitFor();
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press(leave);
  }
  await page.close();

  const hours = await open(`&view=hours&provider=${id}`);
  await hours.getByRole("form", { name: "Time off" }).getByLabel("First day").focus();
  await hours.keyboard.type(day.replace(/(\d+)-(\d+)-(\d+)/, "$2$3$1"));
  await tabTo(hours, /^Add time off$/);
  await hours.keyboard.press("Enter");
  await hours.getByRole("heading", { name: /visits? would fit no more/ }).waitFor();
  await tabTo(hours, /^Change it all the same$/);
  await hours.keyboard.press("Enter");
  await hours.locator(".stranded").getByText("Lou Looked-up").waitFor();
  await tabTo(hours, /^Remove$/);
  await hours.keyboard.press("Enter");
  await hours.getByRole("form", { name: "Time off" }).getByText("None is to come").waitFor();
  await hours.close();
});
