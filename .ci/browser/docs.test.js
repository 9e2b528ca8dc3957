// The REST documentation: Execute works on every route as it stands.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { observe, startChromium, startClinic } from "./support.js";

let clinic, chromium;

before(async () => {
  [clinic, chromium] = await Promise.all([startClinic(), startChromium()]);
});
after(() => Promise.all([clinic?.stop(), chromium?.close()]));

async function openDocs(context, url) {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  await page.goto(`${url}/docs`);
  await page.locator(".opblock").first().waitFor();
  return page;
}

/** Opens a route, presses Execute, and answers its name and the status that is shown. */
async function execute(block) {
  await block.locator(".opblock-summary-control").click();
  await block.locator("button.execute").click();
  const status = block.locator(".live-responses-table .response-col_status");
  await status.last().waitFor();
  const name = `${await block.locator(".opblock-summary-method").innerText()} ${await block.getAttribute("id")}`;
  return { name, status: parseInt(await status.last().innerText(), 10) };
}

/** How many routes the document has. */
async function routes(url) {
  const { paths } = await (await fetch(`${url}/openapi.json`)).json();
  return Object.values(paths).flatMap((methods) => Object.keys(methods)).length;
}

test("Execute works on every route in a new profile, those that need a visit with an empty book", async () => {
  const count = await routes(clinic.url);
  // From the last to the first, so that booking comes last.
  for (let n = count - 1; n >= 0; n -= 1) {
    const context = await chromium.newContext();
    const page = await openDocs(context, clinic.url);
    const seen = observe(page);
    assert.equal(await page.locator(".opblock").count(), count);
    const { name, status } = await execute(page.locator(".opblock").nth(n));
    assert.ok(status >= 200 && status < 300, `${name}: ${status}`);
    assert.deepEqual(seen.errors, [], name);
    await context.close();
  }
});

test("Execute works on one route after the other, on the visit that was booked before", async () => {
  const page = await openDocs(await chromium.newContext(), clinic.url);
  const seen = observe(page);
  for (const block of await page.locator(".opblock").all()) {
    const { name, status } = await execute(block);
    assert.ok(status >= 200 && status < 300, `${name}: ${status}`);
  }
  assert.deepEqual(seen.errors, []);
  const { host } = new URL(clinic.url);
  assert.deepEqual(seen.requests.filter((url) => /^http/.test(url) && new URL(url).host !== host), []);
});
