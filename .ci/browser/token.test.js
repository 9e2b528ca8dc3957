// A server with an API token: its pages open, and ask for the token when they need it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { answerTo, openGraphiQL, response, run, servePlainPage } from "./graphiql.js";
import { observe, startChromium, startClinic } from "./support.js";

const TOKEN = "sixteen-letters-or-more";

let guarded, open, chromium;

before(async () => {
  [guarded, open, chromium] = await Promise.all([
    startClinic({ API_TOKEN: TOKEN }),
    startClinic(),
    startChromium(),
  ]);
});
after(() => Promise.all([guarded?.stop(), open?.stop(), chromium?.close()]));

const dialogOf = (page) => page.locator("dialog.clinic-token");

async function give(page, token) {
  const dialog = dialogOf(page);
  await dialog.getByLabel("Token").fill(token);
  await dialog.getByRole("button", { name: "Use it" }).click();
}

/** Says a wrong token, hears so, and says the right one. */
async function giveAfterAMistake(page) {
  await dialogOf(page).getByText("This server asks for a token").waitFor();
  await give(page, "a-token-that-is-wrong");
  await dialogOf(page).getByText("That is not the token").waitFor();
  await give(page, TOKEN);
  await dialogOf(page).waitFor({ state: "detached" });
}

test("GraphiQL asks once, for queries, the schema and the WebSocket, until it is right", async () => {
  const context = await chromium.newContext();
  const page = await openGraphiQL(context, guarded.url);
  await giveAfterAMistake(page);
  const answer = await answerTo(page, "FindProviders", () => run(page));
  assert.equal(answer.data.providers.totalCount, 1);
  await page.reload();
  await page.getByRole("tab", { name: /^Watch\b/ }).click();
  await run(page);
  await response(page, "Watching");
  assert.equal(await dialogOf(page).count(), 0);

  // Nothing stays when the tab is closed.
  await page.close();
  const later = await openGraphiQL(context, guarded.url);
  await dialogOf(later).waitFor();
  // Without one the page says what the server says, and asks again when it is run.
  await dialogOf(later).getByRole("button", { name: "Not now" }).click();
  await dialogOf(later).waitFor({ state: "detached" });
  await run(later);
  await dialogOf(later).getByRole("button", { name: "Not now" }).click();
  await response(later, "UNAUTHENTICATED");
  await context.close();
});

test("a token of the Headers tab goes before the one that was asked for", async () => {
  const context = await chromium.newContext();
  const page = await openGraphiQL(context, guarded.url);
  await dialogOf(page).getByRole("button", { name: "Not now" }).click();
  await page.getByRole("button", { name: "Headers", exact: true }).click();
  await page.locator(".graphiql-editor-tool .view-lines").last().click();
  await page.keyboard.insertText(`{ "Authorization": "Bearer ${TOKEN}" }`);
  const answer = await answerTo(page, "FindProviders", () => run(page));
  assert.equal(answer.data.providers.totalCount, 1);
  assert.equal(await dialogOf(page).count(), 0);
  await context.close();
});

test("the plain page asks too", async () => {
  const context = await chromium.newContext();
  await servePlainPage(context, guarded.url);
  const page = await context.newPage();
  await page.goto(`${guarded.url}/graphql`);
  await giveAfterAMistake(page);
  await page.locator("#example").selectOption("Watch");
  await page.locator("#run").click();
  await page.getByText("Subscribed", { exact: true }).waitFor();
  await context.close();
});

test("the REST documentation asks too, and takes one under Authorize", async () => {
  const context = await chromium.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(`${guarded.url}/docs`);
  const block = page.locator(".opblock").first();
  await block.locator(".opblock-summary-control").click();
  await block.locator("button.execute").click();
  await giveAfterAMistake(page);
  await block.locator(".live-responses-table .response-col_status").getByText("201").first().waitFor();
  await context.close();

  const other = await (await chromium.newContext()).newPage();
  await other.goto(`${guarded.url}/docs`);
  await other.locator(".btn.authorize").click();
  await other.locator(".modal-ux input").fill(TOKEN);
  await other.locator(".modal-ux .btn.authorize").click();
  await other.locator(".modal-ux .btn-done").click();
  const first = other.locator(".opblock").first();
  await first.locator(".opblock-summary-control").click();
  await first.locator("button.execute").click();
  await first.locator(".live-responses-table .response-col_status").getByText("201").first().waitFor();
  assert.equal(await dialogOf(other).count(), 0);
});

test("every link of the landing page leads somewhere", async () => {
  const context = await chromium.newContext();
  const page = await context.newPage();
  await page.goto(guarded.url);
  const links = await page.locator("a[href^='/']:not([data-guarded])").all();
  for (const link of links) {
    const path = await link.getAttribute("href");
    assert.equal((await fetch(`${guarded.url}${path}`, { headers: { accept: "text/html" } })).status, 200, path);
  }
  await page.getByRole("link", { name: "Metrics" }).click();
  await giveAfterAMistake(page);
  await page.getByText("clinic_http_requests_total").first().waitFor();
  await context.close();
});

test("a server without a token asks nobody", async () => {
  const context = await chromium.newContext();
  const page = await openGraphiQL(context, open.url);
  const seen = observe(page);
  await answerTo(page, "FindProviders", () => run(page));
  await page.goto(`${open.url}/docs`);
  await page.locator(".opblock").first().waitFor();
  await page.goto(open.url);
  assert.deepEqual(seen.errors, []);
  await page.getByRole("link", { name: "Metrics" }).click();
  await page.waitForURL("**/metrics");
  assert.equal(await dialogOf(page).count(), 0);
  await context.close();
});
