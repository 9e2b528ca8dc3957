// Signing in at the clinic's own identity provider, in Chromium.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { observe, startChromium, startClinic } from "../browser/support.js";
import { API_TOKEN, invite, settingsOf } from "./clinic.js";
import { CLIENT_ID, startProvider } from "./provider.js";

let provider, clinic, byClaim, chromium;

before(async () => {
  provider = await startProvider();
  [clinic, byClaim, chromium] = await Promise.all([
    startClinic(settingsOf(provider)),
    startClinic({ ...settingsOf(provider), OIDC_ROLE_CLAIM: "clinic_role" }),
    startChromium(),
  ]);
  provider.redirectTo([clinic.url, byClaim.url]);
  await invite(clinic.url, "Ada Quist", "Ada@Clinic.example", "SCHEDULER");
  await invite(clinic.url, "Ben Novak", "ben@clinic.example", "VIEWER");
  await invite(byClaim.url, "Carla Ruiz", "carla@clinic.example", "ADMIN");
});
after(() => Promise.all([clinic?.stop(), byClaim?.stop(), chromium?.close()]).then(() => provider?.stop()));

async function newPage() {
  const context = await chromium.newContext();
  context.setDefaultTimeout(30_000);
  return { context, page: await context.newPage() };
}

/** From the page to sign in with to the provider's, and back to ours as that account. */
async function signIn(page, url, account, next) {
  const query = next === undefined ? "" : `?next=${encodeURIComponent(next)}`;
  await page.goto(`${url}/sign-in${query}`);
  await page.getByRole("link", { name: "Sign in with the clinic's account" }).click();
  await page.locator("input[name=login]").fill(account);
  await page.locator("input[name=password]").fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL((there) => there.origin === url);
}

/** Who the browser is, as it is told at an address that somebody has typed. */
async function who(page) {
  const other = await page.context().newPage();
  const response = await other.goto(`${new URL(page.url()).origin}/session`);
  const told = await response.json();
  await other.close();
  return { ...told, status: response.status() };
}

test("somebody who was invited signs in, and is led on to where they were going", async () => {
  const { context, page } = await newPage();
  const seen = observe(page);
  await signIn(page, clinic.url, "subject-ada", "/docs/?from=there");
  assert.equal(page.url(), `${clinic.url}/docs/?from=there`);
  const { status, kind, name, role } = await who(page);
  assert.deepEqual({ status, kind, name, role }, { status: 200, kind: "PERSON", name: "Ada Quist", role: "SCHEDULER" });

  const cookies = await context.cookies(clinic.url);
  const ours = cookies.filter((cookie) => !cookie.name.startsWith("_"));
  assert.deepEqual(ours.map(({ name }) => name), ["clinic"], "what the way there needed is gone");
  assert.deepEqual([ours[0].httpOnly, ours[0].sameSite], [true, "Lax"]);

  // What stands in the address counts once: not for whoever finds it.
  const callback = seen.requests.find((request) => request.includes("/session/oidc/callback"));
  await context.clearCookies();
  const again = await page.goto(callback);
  assert.equal(again.status(), 400);
  await page.getByRole("alert").getByText("took too long").waitFor();
  assert.equal((await who(page)).status, 401);
  await context.close();
});

test("nobody is led elsewhere, whatever the address says", async () => {
  const { context, page } = await newPage();
  await signIn(page, clinic.url, "subject-ada", "//evil.example/");
  assert.equal(page.url(), `${clinic.url}/`);
  const response = await fetch(`${clinic.url}/session/oidc?next=https://evil.example`, { redirect: "manual" });
  assert.ok(response.headers.get("location").startsWith(provider.issuer));
  const kept = response.headers.get("set-cookie");
  assert.match(kept, /; HttpOnly; SameSite=Lax; Max-Age=600$/);
  const value = Buffer.from(kept.split(";")[0].split("=")[1], "base64url").toString();
  assert.ok(!value.includes("evil"));
  await context.close();
});

for (const [account, why] of [
  ["subject-eve", "whom nobody has invited"],
  ["subject-unverified", "whose address the provider has not verified"],
  ["subject-other-ada", "who has the address of somebody who is linked to another"],
]) {
  test(`${account}, ${why}, is told so on the page and is nobody`, async () => {
    const { context, page } = await newPage();
    await signIn(page, clinic.url, account);
    await page.getByRole("alert").getByText("nobody here").waitFor();
    await page.getByLabel("Password").waitFor();
    assert.equal((await who(page)).status, 401);
    await context.close();
  });
}

test("who says no at the provider is told so", async () => {
  const { context, page } = await newPage();
  await page.goto(`${clinic.url}/session/oidc`);
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.getByRole("alert").getByText("did not sign you in").waitFor();
  assert.equal(new URL(page.url()).origin, clinic.url);
  await context.close();
});

test("an answer to a question that this browser has not asked is none", async () => {
  const { context, page } = await newPage();
  // Begun by somebody else, who wants this browser to go on as them.
  const begun = await fetch(`${clinic.url}/session/oidc`, { redirect: "manual" });
  const { searchParams } = new URL(begun.headers.get("location"));
  for (const [name, expected] of [
    ["client_id", CLIENT_ID],
    ["response_type", "code"],
    ["code_challenge_method", "S256"],
    ["redirect_uri", `${clinic.url}/session/oidc/callback`],
  ]) {
    assert.equal(searchParams.get(name), expected);
  }
  const forged = `${clinic.url}/session/oidc/callback?code=a&state=${searchParams.get("state")}`;
  assert.equal((await page.goto(forged)).status(), 400);
  await page.goto(`${clinic.url}/session/oidc`);
  assert.equal((await page.goto(forged)).status(), 400);
  await page.getByRole("alert").waitFor();
  assert.equal((await who(page)).status, 401);
  await context.close();
});

test("the role claim alone gives the role, and one that is unknown none", async () => {
  const { context, page } = await newPage();
  await signIn(page, byClaim.url, "subject-carla");
  const { name, role } = await who(page);
  assert.deepEqual({ name, role }, { name: "Carla Ruiz", role: "AUDITOR" });
  await context.close();

  const other = await newPage();
  await signIn(other.page, byClaim.url, "subject-king");
  await other.page.getByRole("alert").waitFor();
  assert.equal((await who(other.page)).status, 401);
  await other.context.close();
});

test("a provider that is down is told of in plain words, and passwords still count", async () => {
  const fresh = await startClinic(settingsOf(provider));
  const { context, page } = await newPage();
  provider.isDown = true;
  try {
    assert.equal((await page.goto(`${fresh.url}/session/oidc`)).status(), 503);
    await page.getByRole("alert").getByText("can't be reached").waitFor();
    await page.getByLabel("Password").waitFor();
    const text = await page.locator("body").innerText();
    assert.doesNotMatch(text, /reqwest|jwt|token|issuer|127\.0\.0\.1/i);
  } finally {
    provider.isDown = false;
    await context.close();
    await fresh.stop();
  }
  assert.equal((await fetch(`${clinic.url}/session`, { headers: { Authorization: `Bearer ${API_TOKEN}` } })).status, 200);
});
