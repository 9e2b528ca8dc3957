// Webhooks at the front desk: a program is added, told what happens, tried, told anew, switched off and deleted.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { findings, overflow } from "./axe.js";
import { book, dayOf, dialog, nextWednesday, openDesk } from "./desk.js";
import { ask, startChromium, startClinic } from "./support.js";

let clinic, chromium, context, receiver;
const ten = nextWednesday();
const at = (hours, minutes = 0) => new Date(ten.getTime() + ((hours - 10) * 60 + minutes) * 60_000);

before(async () => {
  [clinic, chromium, receiver] = await Promise.all([
    startClinic({ WEBHOOK_ALLOW_PRIVATE: "true" }),
    startChromium(),
    startReceiver(),
  ]);
  context = await newContext({ viewport: { width: 1440, height: 1000 } });
});
after(() => Promise.all([clinic?.stop(), chromium?.close(), receiver?.stop()]));

/** A program that is told: it keeps what came by path, and answers each path with a status. */
async function startReceiver() {
  const messages = [];
  const answers = new Map();
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    messages.push({ path: request.url, headers: request.headers, body });
    response.writeHead(answers.get(request.url) ?? 204).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  const url = (path) => `http://127.0.0.1:${server.address().port}${path}`;
  return { url, messages, answers, stop, at: (path) => messages.filter((message) => message.path === path) };
}

/** A profile in which the page may read what it has copied. */
async function newContext(options) {
  const made = await chromium.newContext(options);
  await made.grantPermissions(["clipboard-read", "clipboard-write"], { origin: clinic.url });
  return made;
}

const open = (search = "?view=webhooks") => openDesk(context, clinic.url, search);

/** An endpoint, as the view shows it. */
const card = (page, path) => page.locator(".endpoints > li", { hasText: receiver.url(path) });
const button = (scope, name) => scope.getByRole("button", { name, exact: true });

/** Has the server tell a path. */
async function add(path) {
  const input = { url: receiver.url(path) };
  const { createWebhookEndpoint } = await ask(
    clinic.url,
    `mutation Add($input: CreateWebhookEndpointInput!) {
       createWebhookEndpoint(input: $input) { endpoint { id } error { message } } }`,
    { input },
  );
  assert.equal(createWebhookEndpoint.error, null, JSON.stringify(createWebhookEndpoint.error));
  return createWebhookEndpoint.endpoint.id;
}

/** What was copied last signs a message as it was signed. */
async function assertSigned(page, { headers, body }) {
  const secret = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(secret, /^whsec_/);
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const said = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const expected = `v1,${createHmac("sha256", key).update(said).digest("base64")}`;
  assert.ok(headers["webhook-signature"].split(" ").includes(expected));
}

test("an endpoint is added with the keyboard alone, its secret is copied, and a visit is told and seen here", async () => {
  const page = await open("");
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Webhooks" }).click();
  await page.getByText("Nobody is told yet").waitFor();
  await page.getByRole("button", { name: "Add an endpoint …" }).focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.labels?.[0]?.textContent), "Address");
  await page.keyboard.type(receiver.url("/first"));
  await dialog(page).getByRole("checkbox", { name: "Confirmed", exact: true }).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await dialog(page).getByRole("heading", { name: "Its secret" }).waitFor();
  assert.match(await dialog(page).getByLabel("Secret").inputValue(), /^whsec_/);
  await page.waitForFunction(() => document.activeElement.textContent === "Copy");
  await page.keyboard.press("Enter");
  await dialog(page).getByText("The secret is copied").waitFor();
  await page.keyboard.press("Escape");
  await card(page, "/first").getByText("Told: Confirmed").waitFor();
  await button(card(page, "/first"), "Deliveries").click();
  await card(page, "/first").getByText("Nothing has happened yet that it is told").waitFor();
  assert.match(page.url(), /endpoint=whe_/);
  await book(clinic.url, "Tilda Told", at(10));
  const row = card(page, "/first").locator("tbody tr");
  await row.filter({ hasText: "Delivered" }).getByText("Taken: HTTP 204").waitFor({ timeout: 15_000 });
  await row.getByRole("rowheader").waitFor();
  await row.getByText("Confirmed", { exact: true }).waitFor();
  const [message] = receiver.at("/first");
  await assertSigned(page, message);
  assert.doesNotMatch(await page.locator("main").innerText(), /whsec_|Tilda/);
  await page.close();
});

test("what is refused says why, and what was written stays", async () => {
  const page = await open();
  await page.getByRole("button", { name: "Add an endpoint …" }).click();
  await dialog(page).getByLabel("Address").fill("ftp://example.com/events");
  await button(dialog(page), "Add it").click();
  await dialog(page).locator(".refused").getByText(/Address must be/).waitFor();
  assert.equal(await dialog(page).getByLabel("Address").inputValue(), "ftp://example.com/events");
  await button(dialog(page), "Cancel").click();
  await dialog(page).waitFor({ state: "detached" });
  await page.close();
});

test("a trial tells what became of it, taken or refused", async () => {
  await add("/trial");
  const page = await open();
  await button(card(page, "/trial"), "Send a trial").click();
  await card(page, "/trial").locator("[data-outcome=ACCEPTED]").getByText("Taken: HTTP 204").waitFor();
  receiver.answers.set("/trial", 503);
  await button(card(page, "/trial"), "Send a trial").click();
  await card(page, "/trial").locator("[data-outcome=REFUSED]").getByText("Refused: HTTP 503").waitFor();
  await button(card(page, "/trial"), "Deliveries").click();
  await card(page, "/trial").getByRole("row", { name: /Trial Failed Refused: HTTP 503/ }).waitFor();
  assert.equal(await card(page, "/trial").locator("tbody button").count(), 0);
  assert.equal(receiver.at("/trial").length, 2);
  await page.close();
});

test("what fails says since when and when it is tried next, and is found by its status", async () => {
  receiver.answers.set("/failing", 500);
  const id = await add("/failing");
  const page = await open(`?view=webhooks&endpoint=${id}`);
  await book(clinic.url, "Fritz Fails", at(11));
  const failing = card(page, "/failing");
  await failing.locator(".pill", { hasText: "Failing" }).waitFor({ timeout: 15_000 });
  await failing.getByText(/No attempt was taken since .* E[SD]T/).waitFor();
  const row = failing.getByRole("row", { name: /Pending Refused: HTTP 500 \d+ attempts?, the next at/ }).first();
  await row.waitFor({ timeout: 15_000 });
  await failing.getByLabel("Deliveries shown").selectOption("Delivered");
  await failing.getByText("None is so").waitFor();
  await failing.getByLabel("Deliveries shown").selectOption("Pending");
  await row.waitFor();
  // Mended, it is active again without anybody looking for it.
  receiver.answers.delete("/failing");
  await failing.locator(".pill", { hasText: "Active" }).waitFor({ timeout: 30_000 });
  await failing.getByText("None is so").waitFor({ timeout: 30_000 });
  await page.close();
});

test("it is told anew after a delivery, or since a moment, with the same ids", async () => {
  const id = await add("/anew");
  await book(clinic.url, "Anna Anew", at(12));
  const page = await open(`?view=webhooks&endpoint=${id}`);
  const endpoint = card(page, "/anew");
  const row = (kind) => endpoint.getByRole("row", { name: new RegExp(` ${kind} Delivered`) });
  await row("Confirmed").waitFor({ timeout: 15_000 });
  assert.equal(receiver.at("/anew").length, 2);
  await button(row("Booked"), "Tell anew …").click();
  await dialog(page).getByText("what happened after this").waitFor();
  await button(dialog(page), "Tell anew").click();
  await page.getByText("It is told anew").waitFor();
  await until(() => receiver.at("/anew").length === 3);
  const [, confirmed, again] = receiver.at("/anew");
  assert.deepEqual([again.headers["webhook-id"], again.body], [confirmed.headers["webhook-id"], confirmed.body]);
  await button(endpoint.getByRole("group"), "Tell anew …").click();
  await dialog(page).getByLabel("Day", { exact: true }).fill(dayOf(Date.now() - 86_400_000));
  await button(dialog(page), "Tell anew").click();
  await dialog(page).waitFor({ state: "detached" });
  // All since yesterday, those of the tests before too.
  await until(() => receiver.at("/anew").length >= 5);
  await page.close();
});

/** Waits until something is so. */
async function until(isSo) {
  for (const start = Date.now(); !isSo(); ) {
    assert.ok(Date.now() - start < 15_000, `not so after 15 seconds: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("it is changed, switched off and on, and given another secret after being asked", async () => {
  await add("/changed");
  const page = await open();
  const endpoint = card(page, "/changed");
  await button(endpoint, "Change …").click();
  await dialog(page).getByRole("checkbox", { name: "No-show" }).check();
  await button(dialog(page), "Change it").click();
  await endpoint.getByText("Told: No-show").waitFor();
  await button(endpoint, "Switch off").click();
  await endpoint.locator(".pill", { hasText: "Off" }).waitFor();
  assert.equal(await button(endpoint, "Tell anew …").count(), 0);
  await button(endpoint, "Switch on").click();
  await endpoint.locator(".pill", { hasText: "Active" }).waitFor();
  await button(endpoint, "New secret …").click();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Keep the secret");
  await page.keyboard.press("Enter");
  await dialog(page).waitFor({ state: "detached" });
  await button(endpoint, "New secret …").click();
  await button(dialog(page), "Make a new secret").click();
  await button(dialog(page), "Copy").click();
  await dialog(page).getByText("The secret is copied").waitFor();
  await button(dialog(page), "Done").click();
  await button(endpoint, "Send a trial").click();
  await endpoint.getByText("Taken: HTTP 204").waitFor();
  await assertSigned(page, receiver.at("/changed").at(-1));
  await page.close();
});

test("somebody else's change is not overwritten, and is seen without a reload", async () => {
  const id = await add("/shared");
  const page = await open();
  await button(card(page, "/shared"), "Change …").click();
  await ask(
    clinic.url,
    `mutation { updateWebhookEndpoint(input: { id: "${id}", kinds: [CANCELLED] }) { error { message } } }`,
  );
  await dialog(page).getByRole("checkbox", { name: "Completed" }).check();
  await button(dialog(page), "Change it").click();
  await dialog(page).locator(".refused[data-code=VERSION_CONFLICT]").waitFor();
  await page.keyboard.press("Escape");
  await card(page, "/shared").getByText("Told: Cancelled").waitFor();
  await page.close();
});

test("a trial of what somebody else has deleted says so, and then it is gone here too", async () => {
  const id = await add("/gone");
  const page = await open();
  await card(page, "/gone").waitFor();
  await page.route("**/graphql", (route) =>
    route.request().postData()?.includes("query Webhooks") ? route.abort() : route.continue(),
  );
  await ask(clinic.url, `mutation { deleteWebhookEndpoint(input: { id: "${id}" }) { error { message } } }`);
  await button(card(page, "/gone"), "Send a trial").click();
  await card(page, "/gone").locator(".refused[data-code=NOT_FOUND]").waitFor();
  assert.equal(await card(page, "/gone").getByText("on its way").count(), 0);
  await page.getByText("This is not up to date").waitFor();
  await page.unroute("**/graphql");
  await card(page, "/gone").waitFor({ state: "detached" });
  await page.close();
});

test("it is deleted after being asked", async () => {
  await add("/deleted");
  const page = await open();
  await button(card(page, "/deleted"), "Delete …").click();
  await button(dialog(page), "Keep it").click();
  await button(card(page, "/deleted"), "Delete …").click();
  await button(dialog(page), "Delete it").click();
  await card(page, "/deleted").waitFor({ state: "detached" });
  await page.getByText("Deleted", { exact: true }).waitFor();
  await page.close();
});

test("more deliveries than are shown at first are had by a button, and stay while it is looked at", async () => {
  const id = await add("/many");
  for (let quarter = 0; quarter < 12; quarter += 1) {
    const place = { durationMinutes: 15 };
    await book(clinic.url, `Mina Many ${quarter}`, at(13, quarter * 15), place);
  }
  const page = await open(`?view=webhooks&endpoint=${id}`);
  const rows = card(page, "/many").locator("tbody tr");
  await page.waitForFunction(() => document.querySelectorAll(".deliveries tbody tr").length === 20);
  await button(card(page, "/many"), "More").click();
  await page.waitForFunction(() => document.querySelectorAll(".deliveries tbody tr").length === 24);
  assert.equal(await button(card(page, "/many"), "More").count(), 0);
  await page.waitForResponse((response) => response.request().postData()?.includes("query Deliveries") ?? false);
  assert.equal(await rows.count(), 24);
  await page.close();
});

test("axe finds nothing, in light and dark, and nothing is wider than a telephone", async () => {
  for (const [colorScheme, width] of [
    ["light", 1280],
    ["dark", 1280],
    ["light", 800],
    ["light", 360],
  ]) {
    const own = await newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await openDesk(own, clinic.url, "?view=webhooks");
    await button(card(page, "/trial"), "Deliveries").click();
    await card(page, "/trial").locator("tbody tr").first().waitFor();
    assert.deepEqual(await findings(page), [], `the view (${colorScheme})`);
    assert.ok((await overflow(page)) <= 0, "the view is too wide");
    for (const name of ["Add an endpoint …", "Tell anew …", "New secret …", "Delete …"]) {
      await button(page, name).first().click();
      await dialog(page).waitFor();
      assert.deepEqual(await findings(page), [], `${name} (${colorScheme})`);
      assert.ok((await overflow(page)) <= 0, `${name} is too wide`);
      await page.keyboard.press("Escape");
      await dialog(page).waitFor({ state: "detached" });
    }
    await own.close();
  }
});
