// The pages behind a proxy that puts a path before all of them.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, test } from "node:test";

import { answerTo, openExample, run } from "./graphiql.js";
import { observe, startChromium, startClinic } from "./support.js";

let clinic, chromium, url;

/** A port that is free now. */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

before(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}/booking`;
  [clinic, chromium] = await Promise.all([
    startClinic({ PORT: String(port), PUBLIC_URL: url, ACCESS: "open" }),
    startChromium(),
  ]);
});
after(() => Promise.all([clinic?.stop(), chromium?.close()]));

/** Every request went to an address behind the path. */
const stayedBehindThePath = (seen) => {
  const strayed = seen.requests.filter(
    (request) => /^(http|ws)/.test(request) && !request.replace(/^ws/, "http").startsWith(url),
  );
  assert.deepEqual(strayed, []);
};

test("the landing page leads to each page, with and without a slash at its end", async () => {
  for (const address of [url, `${url}/`]) {
    const page = await (await chromium.newContext()).newPage();
    const seen = observe(page);
    await page.goto(address);
    const links = await page.locator("li a").evaluateAll((all) => all.map((link) => link.href));
    assert.ok(links.length > 4);
    for (const link of links) {
      assert.ok(link.startsWith(`${url}/`), link);
      const answer = await fetch(link, { headers: { Accept: "text/html, */*" } });
      assert.equal(answer.status, 200, link);
      await answer.body.cancel();
    }
    assert.deepEqual(seen.errors, []);
    stayedBehindThePath(seen);
  }
});

test("an operation runs in GraphiQL, and a subscription connects", async () => {
  const context = await chromium.newContext();
  const page = await openExample(context, url, "FindProviders");
  const seen = observe(page);
  const answer = await answerTo(page, "FindProviders", () => run(page));
  assert.equal(answer.errors, undefined);
  assert.ok(answer.data.providers.totalCount > 0);
  await page.getByRole("tab", { name: /^Watch\b/ }).click();
  await page
    .locator(".graphiql-query-editor .view-lines")
    .getByText(/subscription\s+Watch\b/)
    .waitFor();
  const connects = page.waitForEvent("websocket");
  await run(page);
  assert.equal((await connects).url(), `${url.replace("http", "ws")}/graphql/ws`);
  assert.deepEqual(seen.errors, []);
  stayedBehindThePath(seen);
});

test("the front desk opens, reads the day and is live", async () => {
  const page = await (await chromium.newContext()).newPage();
  page.setDefaultTimeout(30_000);
  const seen = observe(page);
  await page.goto(`${url}/desk`);
  await page.locator(".lane").first().waitFor();
  await page.locator(".live[data-state=live]").waitFor();
  assert.deepEqual(seen.errors, []);
  stayedBehindThePath(seen);
});

test("the mail opens at an address of its own", async () => {
  const page = await (await chromium.newContext()).newPage();
  page.setDefaultTimeout(30_000);
  const seen = observe(page);
  await page.goto(`${url}/desk/mail`);
  await page.getByRole("heading", { name: "Mail", exact: true }).waitFor();
  await page.locator(".live[data-state=live]").waitFor();
  assert.equal(page.url(), `${url}/desk?view=mail`);
  assert.deepEqual(seen.errors, []);
  stayedBehindThePath(seen);
});

test("the REST documentation loads and executes", async () => {
  const page = await (await chromium.newContext()).newPage();
  page.setDefaultTimeout(30_000);
  const seen = observe(page);
  await page.goto(`${url}/docs`);
  const route = page.locator(".opblock", { hasText: "/insurances" }).first();
  await route.locator(".opblock-summary-control").click();
  await route.locator("button.execute").click();
  const status = route.locator(".live-responses-table .response-col_status").last();
  await status.waitFor();
  assert.equal(parseInt(await status.innerText(), 10), 200);
  assert.deepEqual(seen.errors, []);
  stayedBehindThePath(seen);
});
