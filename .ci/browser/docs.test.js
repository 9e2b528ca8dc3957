// The REST documentation: Execute works on every route as it stands.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ask, observe, startChromium, startClinic } from "./support.js";

let clinic, chromium;

before(async () => {
  [clinic, chromium] = await Promise.all([startClinic(), startChromium()]);
  // Of whom the example of signing in speaks.
  const add = `mutation { createPerson(input: { name: "Ada", email: "ada@example.com", role: ADMIN }) { invitation } }`;
  const { invitation } = (await ask(clinic.url, add)).createPerson;
  const body = JSON.stringify({ invitation, password: "seven wise badgers" });
  const headers = { "Content-Type": "application/json" };
  await fetch(`${clinic.url}/session/password`, { method: "POST", headers, body });
});
after(() => Promise.all([clinic?.stop(), chromium?.close()]));

async function openDocs(context, url) {
  const page = await context.newPage();
  // A page full of answers is drawn slowly on a busy machine.
  page.setDefaultTimeout(30_000);
  await page.goto(`${url}/docs`);
  await page.locator(".opblock").first().waitFor();
  return page;
}

/**
 * Opens a route, presses Execute, and answers its name and the status that is shown. It is closed again: Swagger UI
 * draws all that are open at each press.
 */
async function execute(block) {
  await block.locator(".opblock-summary-control").click();
  await block.locator("button.execute").click();
  const status = block.locator(".live-responses-table .response-col_status");
  await status.last().waitFor();
  const name = `${await block.locator(".opblock-summary-method").innerText()} ${await block.getAttribute("id")}`;
  const shown = parseInt(await status.last().innerText(), 10);
  await block.locator(".opblock-summary-control").click();
  return { name, status: shown };
}

/** Whether a route can be tried as it stands: nobody but an administrator can fill in an invitation. */
const isTried = async (block) => !(await block.getAttribute("id")).includes("set_password");

/** How many routes the document has. */
async function routes(url) {
  const { paths } = await (await fetch(`${url}/openapi.json`)).json();
  return Object.values(paths).flatMap((methods) => Object.keys(methods)).length;
}

test("Execute works on every route in a new profile, those that need a visit or a hold with an empty book", async () => {
  const count = await routes(clinic.url);
  // From the last to the first, so that booking comes last.
  for (let n = count - 1; n >= 0; n -= 1) {
    const context = await chromium.newContext();
    const page = await openDocs(context, clinic.url);
    const seen = observe(page);
    assert.equal(await page.locator(".opblock").count(), count);
    const block = page.locator(".opblock").nth(n);
    if (await isTried(block)) {
      const { name, status } = await execute(block);
      assert.ok(status >= 200 && status < 300, `${name}: ${status}`);
      assert.deepEqual(seen.errors, [], name);
    }
    await context.close();
  }
});

test("Execute works on one route after the other, on the visit that was booked before", async () => {
  const page = await openDocs(await chromium.newContext(), clinic.url);
  const seen = observe(page);
  for (const block of await page.locator(".opblock").all()) {
    if (!(await isTried(block))) continue;
    const { name, status } = await execute(block);
    assert.ok(status >= 200 && status < 300, `${name}: ${status}`);
  }
  assert.deepEqual(seen.errors, []);
  const { host } = new URL(clinic.url);
  assert.deepEqual(seen.requests.filter((url) => /^http/.test(url) && new URL(url).host !== host), []);
});
