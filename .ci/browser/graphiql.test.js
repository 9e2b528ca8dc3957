// GraphiQL in a browser without a network: its examples run, and Watch is told of what Book does.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { bookUntilSeen, openExample, response, run, servePlainPage } from "./graphiql.js";
import { observe, startChromium, startClinic } from "./support.js";

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

test("the plain page of a build without npm watches and books as well", async () => {
  const { context, nothingWrong } = await watched();
  await servePlainPage(context, clinic.url);
  const open = async (example) => {
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
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
