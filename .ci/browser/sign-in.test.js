// The pages to sign in with: used as people do, without a script, and looked at by axe.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";

import { findings, overflow } from "./axe.js";
import { answerTo, openGraphiQL, response, run } from "./graphiql.js";
import { BINARY, observe, startChromium, startClinic } from "./support.js";

const PASSWORD = "seven wise badgers";

let clinic, chromium;

before(async () => {
  [clinic, chromium] = await Promise.all([startClinic({ ACCESS: "closed" }), startChromium()]);
});
after(() => Promise.all([clinic?.stop(), chromium?.close()]));

/** Adds somebody at the terminal of the server; their invitation. */
function invite(name, email) {
  const words = ["person", "add", "--role", "admin", "--name", name, "--email", email];
  const env = { PATH: process.env.PATH, DATABASE_URL: clinic.database };
  return execFileSync(BINARY, words, { env, encoding: "utf8" }).match(/cli_[0-9a-f]+/)[0];
}

/** The pages as they look when opened, after a mistake, and when all is well. */
for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing on the pages to sign in with (${colorScheme})`, async () => {
    const context = await chromium.newContext({ colorScheme, viewport: { width: 360, height: 740 } });
    const page = await context.newPage();
    const email = `ada.${colorScheme}@clinic.example`;
    const invitation = invite(`Ada ${colorScheme}`, email);
    const looksGood = async (what) => {
      assert.deepEqual(await findings(page), [], what);
      const tooWide = await overflow(page);
      assert.ok(tooWide <= 0, `${what} is ${tooWide} px too wide`);
    };

    await page.goto(`${clinic.url}/sign-in/password`);
    await looksGood("the form for a password");
    await page.getByLabel("Invitation").fill(invitation);
    await page.getByLabel("New password").fill("aaaaaaaaaaaa");
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByRole("alert").getByText("less easy to guess").waitFor();
    await looksGood("the form for a password that will not do");
    await page.getByLabel("Invitation").fill(invitation);
    await page.getByLabel("New password").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("Your password is set").waitFor();
    await looksGood("the form to sign in with");

    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password").fill("six wise badgers");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    assert.match(await page.title(), /^Error: /);
    assert.equal(await page.getByLabel("E-mail address").inputValue(), email);
    await looksGood("the form after a mistake");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${clinic.url}/`);
    await page.goto(`${clinic.url}/sign-in`);
    await page.getByRole("heading", { name: "You are signed in" }).waitFor();
    await looksGood("the page of who is signed in");
    await context.close();
  });
}

test("without a script one signs in and out", async () => {
  const context = await chromium.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const seen = observe(page);
  const invitation = invite("Bo Desk", "bo@clinic.example");
  await page.goto(`${clinic.url}/sign-in/password`);
  await page.getByLabel("Invitation").fill(invitation);
  await page.getByLabel("New password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByLabel("E-mail address").fill("bo@clinic.example");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${clinic.url}/`);
  const [cookie, ...others] = await context.cookies();
  assert.deepEqual(
    { name: cookie.name, httpOnly: cookie.httpOnly, sameSite: cookie.sameSite, others: others.length },
    { name: "clinic", httpOnly: true, sameSite: "Lax", others: 0 },
  );
  await page.goto(`${clinic.url}/sign-in`);
  await page.getByText("Bo Desk").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("You are signed out").waitFor();
  assert.deepEqual(await context.cookies(), []);
  assert.deepEqual(seen.errors, []);
  assert.ok(seen.requests.every((url) => url.startsWith(clinic.url) || url.startsWith("data:")), seen.requests.join());
  await context.close();
});

test("GraphiQL leads to the form, and works with the session that begins there, its WebSocket too", async () => {
  const context = await chromium.newContext();
  invite("Cy Desk", "unused@clinic.example");
  const invitation = invite("Cy Desk", "cy@clinic.example");
  await fetch(`${clinic.url}/session/password`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ invitation, password: PASSWORD }),
  });
  const page = await openGraphiQL(context, clinic.url);
  await page.locator("dialog.clinic-token").getByRole("link", { name: "sign in" }).click();
  await page.getByLabel("E-mail address").fill("cy@clinic.example");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${clinic.url}/graphql`);
  await page.locator("button.graphiql-execute-button").waitFor();
  const answer = await answerTo(page, "FindProviders", () => run(page));
  assert.equal(answer.data.providers.totalCount, 1);
  await page.getByRole("tab", { name: /^Watch\b/ }).click();
  await run(page);
  await response(page, "Watching");
  assert.equal(await page.locator("dialog.clinic-token").count(), 0);
  await context.close();
});
