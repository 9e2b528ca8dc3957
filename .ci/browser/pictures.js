// Takes the pictures of the documentation again: `npm run pictures`, then look at them.

import { fileURLToPath } from "node:url";

import { bookUntilSeen, openExample, response, run } from "./graphiql.js";
import { startChromium, startClinic } from "./support.js";

const [clinic, chromium] = await Promise.all([startClinic(), startChromium()]);
try {
  const context = await chromium.newContext({ viewport: { width: 1440, height: 900 } });
  const take = async (page, name) => {
    await page.bringToFront();
    await page.mouse.move(0, 0);
    // Until the editor's scroll bars have faded.
    await page.waitForTimeout(1500);
    await page.screenshot({ path: fileURLToPath(new URL(`../../docs/images/${name}.png`, import.meta.url)) });
  };

  const watching = await openExample(context, clinic.url, "Watch");
  await run(watching);
  const booking = await openExample(context, clinic.url, "Book");
  await bookUntilSeen(booking, watching);
  await response(watching, '"CONFIRMED"');
  await take(booking, "graphiql");
  await take(watching, "graphiql-watch");

  // Last: windows opened after it have the explorer open too.
  const exploring = await openExample(context, clinic.url, "FindProviders");
  await run(exploring);
  await response(exploring, '"Dr. Jane Doe"');
  await exploring.getByRole("button", { name: "Show Documentation Explorer" }).click();
  const docs = exploring.locator(".graphiql-doc-explorer");
  for (const name of ["Query", "providers"]) await docs.getByRole("link", { name, exact: true }).first().click();
  await docs.getByText("Provider", { exact: false }).first().waitFor();
  await take(exploring, "graphiql-docs");
} finally {
  await Promise.all([chromium.close(), clinic.stop()]);
}
