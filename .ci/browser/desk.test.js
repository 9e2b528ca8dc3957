// The front desk: a day, and what a receptionist does in it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { book, dayOf, dialog, drag, nextWednesday, openDesk, visit } from "./desk.js";
import { observe, startChromium, startClinic } from "./support.js";

let clinic, chromium, context;
const ten = nextWednesday();
const day = dayOf(ten);
const at = (hours, minutes = 0) => new Date(ten.getTime() + ((hours - 10) * 60 + minutes) * 60_000);

before(async () => {
  [clinic, chromium] = await Promise.all([startClinic(), startChromium()]);
  context = await chromium.newContext({ viewport: { width: 1440, height: 1000 }, timezoneId: "Europe/Berlin" });
});
after(() => Promise.all([clinic?.stop(), chromium?.close()]));

const open = (search = "") => openDesk(context, clinic.url, `?day=${day}${search}`);

test("the page asks nobody but its server, and keeps to the policy", async () => {
  await book(clinic.url, "Quiet One", at(9));
  const page = await context.newPage();
  const seen = observe(page);
  await page.goto(`${clinic.url}/desk?day=${day}`);
  await visit(page, "Quiet One").click();
  await dialog(page).getByText("Confirmed").first().waitFor();
  assert.deepEqual(seen.errors, []);
  assert.ok(
    seen.requests.every((url) => url.startsWith(clinic.url) || url.startsWith("data:")),
    seen.requests.join(),
  );
  await page.close();
});

test("times are the clinic's, wherever the browser is, and another clock moves no visit", async () => {
  await book(clinic.url, "Zoe Zone", at(11));
  const page = await open();
  const block = visit(page, "Zoe Zone");
  assert.match(await block.textContent(), /11:00 AM.* to 11:30 AM E[SD]T/);
  await page.getByLabel("Time zone shown").selectOption("Europe/Berlin");
  await page.waitForURL(/zone=Europe%2FBerlin/);
  assert.match(await block.textContent(), /[456]:00 PM.* to [456]:30 PM GMT\+[12]/);
  await block.click();
  await dialog(page).getByText("11:00 – 11:30 AM").waitFor();
  await page.close();
});

test("who comes today is checked in, and out again", async () => {
  // Begins in a moment: before its start a visit is neither over nor missed.
  const soon = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 60_000);
  const overrule = ["OUTSIDE_WORKING_HOURS", "PROVIDER_AWAY", "NOTICE_TOO_SHORT"];
  const { id } = await book(clinic.url, "Ines In", soon, { overrule, overruleReason: "A test at any hour" });
  const page = await openDesk(context, clinic.url, `?visit=${id}`);
  await dialog(page).getByRole("button", { name: "Check in" }).click();
  await dialog(page).locator(".pill", { hasText: "Checked in" }).waitFor();
  await dialog(page).getByRole("button", { name: "Undo" }).click();
  await dialog(page).locator(".pill", { hasText: "Confirmed" }).waitFor();
  await page.close();
});

test("a visit is booked with the keyboard alone, in three steps", async () => {
  const page = await open();
  await page.keyboard.press("b");
  await page.getByRole("button", { name: "New patient" }).waitFor();
  await page.keyboard.type("Kim Keys");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const form = dialog(page);
  await form.getByLabel("E-mail address").fill("kim@example.com");
  await form.getByLabel("State the patient is in").selectOption("CT");
  await form.getByLabel("Insurance").fill("aetna");
  await page.keyboard.press("Enter");
  await form.getByText("Dr. Jane Doe").waitFor();
  await form.getByText(/Why not the other \d+/).click();
  await form
    .getByText(/licen[cs]e/i)
    .first()
    .waitFor();
  await form.getByRole("radio", { name: /Dr. Jane Doe/ }).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await form.locator(".first-free").focus();
  await page.keyboard.press("Enter");
  await form.getByRole("button", { name: "Book this visit" }).waitFor();
  await page.keyboard.press("Enter");
  await dialog(page).getByRole("heading", { name: "Kim Keys" }).waitFor();
  await dialog(page).getByText("Confirmed").first().waitFor();
  await page.keyboard.press("Escape");
  await visit(page, "Kim Keys").waitFor();
  await page.close();
});

test("a visit is moved by dragging, and the move is undone", async () => {
  await book(clinic.url, "Dora Drag", at(12));
  const page = await open();
  await drag(page, "Dora Drag", 13, 30);
  await page.getByText(/Dora Drag moved to .* 1:30 PM/).waitFor();
  await visit(page, "Dora Drag").filter({ hasText: "1:30 PM to 2:00 PM" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await visit(page, "Dora Drag").filter({ hasText: "12:00 PM to 12:30 PM" }).waitFor();
  await page.close();
});

test("what is dropped where it can't be is told why, there, with another time", async () => {
  await book(clinic.url, "Nina Night", at(14));
  const page = await open();
  await drag(page, "Nina Night", 18);
  const note = dialog(page);
  await note.getByText("works from 09:00 to 17:00").waitFor();
  const other = note.locator(".choices button").first();
  await other.click();
  await page.getByText(/Nina Night moved to/).waitFor();
  await page.close();
});

test("policy is passed with a reason, which stands in the history", async () => {
  await book(clinic.url, "Olaf Over", at(15));
  const page = await open();
  await drag(page, "Olaf Over", 18, 30);
  const note = dialog(page);
  await note.getByLabel(/all the same/).fill("Her only evening");
  await note.getByRole("button", { name: "Overrule" }).click();
  await page.getByText(/Olaf Over moved to .* 6:30 PM/).waitFor();
  await visit(page, "Olaf Over").click();
  await dialog(page).getByText("“Her only evening”").waitFor();
  await page.close();
});

test("a visit is moved by form, and cancelled with a reason", async () => {
  await book(clinic.url, "Fay Form", at(16));
  const page = await open();
  await visit(page, "Fay Form").click();
  await dialog(page).getByRole("button", { name: "Move …" }).click();
  await dialog(page).getByRole("button", { name: "Next day" }).click();
  await dialog(page).locator(".slots button").first().click();
  await dialog(page)
    .getByText(/Fay Form moved to/)
    .waitFor();
  await dialog(page).getByText("Rescheduled").first().waitFor();
  await dialog(page).getByRole("button", { name: "Cancel visit …" }).click();
  await dialog(page).getByLabel("Why").fill("Has a cold");
  await dialog(page).getByRole("button", { name: "Cancel the visit" }).click();
  await dialog(page).getByText("“Has a cold”").first().waitFor();
  await dialog(page).locator(".pill", { hasText: "Cancelled" }).waitFor();
  await page.close();
});

test("the arrows lead from visit to visit, and the focus comes back to the one that was open", async () => {
  await book(clinic.url, "Una Up", at(9, 30));
  await book(clinic.url, "Dan Down", at(10));
  const page = await open();
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  await visit(page, "Una Up").focus();
  await page.keyboard.press("ArrowDown");
  assert.match(await focused(), /Dan Down/);
  await page.keyboard.press("Enter");
  await dialog(page).getByRole("heading", { name: "Dan Down" }).waitFor();
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "detached" });
  assert.match(await focused(), /Dan Down/);
  await page.close();
});

test("single letters can be turned off, and stay off", async () => {
  const page = await open();
  await page.keyboard.press("?");
  await dialog(page).getByLabel("Single letters do something").uncheck();
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "detached" });
  // What was open is taken out of the browser's history a moment later, which would end a reload.
  await page.waitForFunction(() => !history.state?.over);
  await page.reload();
  await page.locator(".lane").first().waitFor();
  await page.keyboard.press("l");
  await page.keyboard.press("b");
  assert.equal(await dialog(page).count(), 0);
  assert.doesNotMatch(page.url(), /view=list/);
  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await dialog(page).getByLabel("Single letters do something").check();
  await page.close();
});

test("back and forward lead through days and views", async () => {
  const page = await open();
  const title = page.getByRole("heading", { level: 1 });
  const first = await title.innerText();
  await page.keyboard.press("n");
  await page.waitForFunction((before) => document.querySelector("h1").innerText !== before, first);
  await page.keyboard.press("l");
  await page.waitForURL(/view=list/);
  await page.goBack();
  await page.goBack();
  await page.getByRole("heading", { name: first }).waitFor();
  await page.close();
});

test("a patient is found, with what is to come", async () => {
  await book(clinic.url, "Petra Past", at(8, 30), { overrule: ["OUTSIDE_WORKING_HOURS"], overruleReason: "Early" });
  const page = await open("&view=patients");
  await page.getByLabel("Look up").fill("past petra");
  await page.locator(".found button", { hasText: "Petra Past" }).click();
  await page.locator(".patient-visits").getByText("8:30 AM").waitFor();
  await page.close();
});
