// The front desk where access is closed: who comes in, and what is offered to whom.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";

import { findings } from "./axe.js";
import { dialog, isLive } from "./desk.js";
import { BINARY, observe, startChromium, startClinic } from "./support.js";

const PASSWORD = "seven wise badgers";

let clinic, chromium;

before(async () => {
  [clinic, chromium] = await Promise.all([startClinic({ ACCESS: "closed" }), startChromium()]);
});
after(() => Promise.all([clinic?.stop(), chromium?.close()]));

const atTheTerminal = (...words) =>
  execFileSync(BINARY, words, { env: { PATH: process.env.PATH, ...clinic.environment }, encoding: "utf8" });

/** Adds somebody who can sign in. */
async function add(role, email) {
  const told = atTheTerminal("person", "add", "--role", role, "--name", `Some ${role}`, "--email", email);
  const [invitation] = told.match(/cli_[0-9a-f]+/);
  const response = await fetch(`${clinic.url}/session/password`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ invitation, password: PASSWORD }),
  });
  assert.ok(response.ok, await response.text());
}

/** Opens the desk, is led to sign in, and comes back. */
async function signIn(context, email, search = "") {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(`${clinic.url}/desk${search}`);
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${clinic.url}/desk${search}`);
  await isLive(page);
  return page;
}

test("who is not signed in sees nothing, is led to sign in, and comes back to the same day", async () => {
  await add("scheduler", "sue@clinic.example");
  const context = await chromium.newContext();
  const page = await context.newPage();
  await page.goto(`${clinic.url}/desk`);
  await page.getByRole("heading", { name: "Sign in to the front desk" }).waitFor();
  assert.deepEqual(await findings(page), []);
  await page.close();
  const back = await signIn(context, "sue@clinic.example", "?day=2027-01-13&view=list");
  await back.getByRole("heading", { name: "Wednesday, January 13, 2027" }).waitFor();
  await back.getByRole("button", { name: "Book a visit" }).waitFor();
  await context.close();
});

test("to whom patients are not shown, neither they nor booking are offered", async () => {
  await add("viewer", "vic@clinic.example");
  const context = await chromium.newContext();
  const page = await signIn(context, "vic@clinic.example");
  const seen = observe(page);
  await page.reload();
  await isLive(page);
  await page.locator(".lane").first().waitFor();
  const nav = await page.getByRole("navigation", { name: "Views" }).innerText();
  assert.doesNotMatch(nav, /Patients|Mail|Hours|Webhooks/);
  assert.equal(await page.getByRole("button", { name: /Book/ }).count(), 0);
  await page.keyboard.press("b");
  await page
    .locator(".lane")
    .first()
    .click({ position: { x: 40, y: 900 } });
  assert.equal(await dialog(page).count(), 0);
  assert.deepEqual(seen.errors, []);
  await context.close();
});

test("to whom patients are not shown, who waits has no name, and nothing is answered for them", async () => {
  await add("scheduler", "sol@clinic.example");
  await add("viewer", "val@clinic.example");
  const desk = await chromium.newContext();
  const booking = await signIn(desk, "sol@clinic.example", "?view=waitlist");
  const told = await booking.evaluate(async () => {
    const patient = { name: "Hidden Hope", email: "hope@example.com", state: "CT", insurance: "Aetna" };
    const query = `mutation($patient: PatientInput!) {
      joinWaitlist(input: { patient: $patient }) { entry { status } error { message } } }`;
    const response = await fetch("graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ query, variables: { patient } }),
    });
    return (await response.json()).data.joinWaitlist;
  });
  assert.deepEqual(told, { entry: { status: "OFFERED" }, error: null });
  await booking.getByRole("link", { name: "Hidden Hope" }).waitFor();
  await booking.getByRole("button", { name: "Accept" }).waitFor();
  await desk.close();
  const context = await chromium.newContext();
  const page = await signIn(context, "val@clinic.example", "?view=waitlist");
  await page.getByRole("heading", { name: "A patient" }).waitFor();
  await page.locator(".offers [data-open]").waitFor();
  assert.doesNotMatch(await page.locator("main").innerText(), /Hidden Hope/);
  assert.equal(await page.locator(".waiting button").count(), 0);
  assert.deepEqual(await findings(page), []);
  await context.close();
});

test("webhooks are shown to administrators alone, also by their address", async () => {
  await add("scheduler", "sam@clinic.example");
  await add("admin", "ada@clinic.example");
  const desk = await chromium.newContext();
  const booking = await signIn(desk, "sam@clinic.example", "?view=webhooks");
  await booking.locator(".lane").first().waitFor();
  assert.doesNotMatch(await booking.getByRole("navigation", { name: "Views" }).innerText(), /Webhooks/);
  await desk.close();
  const context = await chromium.newContext();
  const page = await signIn(context, "ada@clinic.example", "?view=webhooks");
  await page.getByText("Nobody is told yet").waitFor();
  await page.getByRole("link", { name: "Webhooks" }).waitFor();
  await context.close();
});

test("mail is shown to who may see it, also by its address", async () => {
  await add("auditor", "aud@clinic.example");
  await add("scheduler", "mae@clinic.example");
  const desk = await chromium.newContext();
  const auditing = await signIn(desk, "aud@clinic.example", "?view=mail");
  await auditing.locator(".lane").first().waitFor();
  assert.doesNotMatch(await auditing.getByRole("navigation", { name: "Views" }).innerText(), /Mail/);
  await desk.close();
  const context = await chromium.newContext();
  const page = await signIn(context, "mae@clinic.example", "?view=mail");
  await page.getByText("Kept to be read here").first().waitFor();
  await page.getByRole("link", { name: "Mail", exact: true }).waitFor();
  await context.close();
});

test("who is let in no more while the desk is open sees nothing of it any more", async () => {
  await add("scheduler", "rex@clinic.example");
  const context = await chromium.newContext();
  const page = await signIn(context, "rex@clinic.example");
  atTheTerminal("person", "disable", "rex@clinic.example");
  await page.getByRole("heading", { name: "Your session has ended" }).waitFor({ timeout: 30_000 });
  assert.equal(await page.locator(".lane").count(), 0);
  await context.close();
});
