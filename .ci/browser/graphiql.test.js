// GraphiQL in a browser without a network: its examples run, and Watch is told of what Book does.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { bookUntilSeen, openExample, response, run } from "./graphiql.js";
import { observe, startChromium, startClinic } from "./support.js";

const TOKEN = "sixteen-letters-or-more";

let clinic, chromium;

before(async () => {
  [clinic, chromium] = await Promise.all([startClinic(), startChromium()]);
});
after(() => Promise.all([clinic?.stop(), chromium?.close()]));

/** A window's context that keeps an eye on all its pages. */
async function watched() {
  const context = await chromium.newContext({ viewport: { width: 1440, height: 900 } });
  const seen = [];
  context.on("page", (page) => seen.push(observe(page)));
  const nothingWrong = (url) => {
    const { host } = new URL(url);
    for (const { errors, requests } of seen) {
      assert.deepEqual(errors, []);
      assert.ok(requests.length > 0);
      const strangers = requests.filter((request) => !/^(blob|data):/.test(request) && new URL(request).host !== host);
      assert.deepEqual(strangers, [], "asked of other hosts");
    }
  };
  return { context, nothingWrong };
}

test("Watch is told of what Book does, and CatchUp tells it again", async () => {
  const { context, nothingWrong } = await watched();
  const watching = await openExample(context, clinic.url, "Watch");
  await run(watching);
  const booking = await openExample(context, clinic.url, "Book");
  assert.match(await bookUntilSeen(booking, watching), /"kind": "(BOOKED|CONFIRMED)"/);

  const catchingUp = await openExample(context, clinic.url, "CatchUp");
  await run(catchingUp);
  await response(catchingUp, '"BOOKED"');
  assert.match(await response(catchingUp, '"CONFIRMED"'), /"cursor": "evt_\w+"/);
  nothingWrong(clinic.url);
  await context.close();
});

test("Watch goes on after its connection was lost", async () => {
  const { context, nothingWrong } = await watched();
  let connections = 0;
  await context.routeWebSocket("**/graphql/ws", (socket) => {
    connections += 1;
    const server = socket.connectToServer();
    if (connections > 1) return;
    // Lost once, as soon as the subscription is there.
    socket.onMessage((message) => {
      if (JSON.parse(message).type === "subscribe") {
        server.close();
        socket.close({ code: 1001, reason: "Going away" });
      } else {
        server.send(message);
      }
    });
  });
  const watching = await openExample(context, clinic.url, "Watch");
  await run(watching);
  const booking = await openExample(context, clinic.url, "Book");
  await bookUntilSeen(booking, watching);
  assert.equal(connections, 2);
  nothingWrong(clinic.url);
  await context.close();
});

test("the token of the Headers tab opens the WebSocket too, and without it the page says so", async () => {
  const guarded = await startClinic({ API_TOKEN: TOKEN });
  const context = await chromium.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    // With a token the page itself wants it; a proxy that adds it to requests stands before it here.
    await context.route("**/*", (route) =>
      route.continue({ headers: { ...route.request().headers(), authorization: `Bearer ${TOKEN}` } }),
    );
    const watching = await openExample(context, guarded.url, "Watch");
    await run(watching);
    await response(watching, "4403");
    const tab = watching.getByRole("button", { name: "Headers", exact: true });
    await tab.click();
    const headers = watching.locator("[aria-label='Headers'] .view-lines, .graphiql-editor-tool .view-lines");
    await headers.last().click();
    await watching.keyboard.insertText(`{ "Authorization": "Bearer ${TOKEN}" }`);
    const acknowledged = new Promise((resolve) => {
      watching.on("websocket", (socket) =>
        socket.on("framereceived", ({ payload }) => payload.includes("connection_ack") && resolve()),
      );
    });
    await run(watching);
    await acknowledged;
  } finally {
    await context.close();
    await guarded.stop();
  }
});

test("the plain page of a build without npm watches and books as well", async () => {
  const { context, nothingWrong } = await watched();
  // Handed in below and not by the server, the page is for Chromium from nobody knows where.
  await context.grantPermissions(["local-network-access"]);
  const web = new URL("../../web/", import.meta.url);
  for (const [path, file, contentType] of [
    ["/graphql", "fallback.html", "text/html"],
    ["/assets/graphiql/fallback.js", "fallback.js", "text/javascript"],
    ["/assets/graphiql/fallback.css", "fallback.css", "text/css"],
    ["/assets/graphiql/examples.js", "examples.js", "text/javascript"],
  ]) {
    const body = await readFile(new URL(file, web));
    await context.route(`${clinic.url}${path}`, (route) =>
      route.request().method() === "GET" ? route.fulfill({ body, contentType }) : route.fallback(),
    );
  }
  const open = async (example) => {
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(`${clinic.url}/graphql`);
    await page.locator("#example").selectOption(example);
    await page.locator("#run").click();
    return page;
  };
  const watching = await open("Watch");
  await watching.getByText("Subscribed", { exact: true }).waitFor();
  const booking = await open("Book");
  await booking.getByText(/"apt_/).waitFor();
  await watching.getByText('"CONFIRMED"').first().waitFor();
  await watching.locator("#run").click();
  await watching.getByText("Stopped", { exact: true }).waitFor();
  nothingWrong(clinic.url);
  await context.close();
});
