// Takes the pictures of the documentation again: `npm run pictures`, then look at them.

import { fileURLToPath } from "node:url";

import { book, dayOf, dialog, drag, fillDay, nextWednesday, openDesk, visit } from "./desk.js";
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
  const booked = await openExample(context, clinic.url, "Book");
  await bookUntilSeen(booked, watching);
  await response(watching, '"CONFIRMED"');
  await take(booked, "graphiql");
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

  const ten = nextWednesday();
  const search = `?day=${dayOf(ten)}`;
  await fillDay(clinic.url, ten);
  const day = await openDesk(context, clinic.url, search);
  await visit(day, "Mary Stone").first().waitFor();
  await take(day, "desk");
  await book(clinic.url, "Lena Fox", new Date(ten.getTime() + 4.5 * 3_600_000));
  await drag(day, "Lena Fox", 11, 5);
  await dialog(day).locator(".choices button").first().waitFor();
  await take(day, "desk-refused");

  const dark = await chromium.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "dark" });
  const booking = await openDesk(dark, clinic.url, search);
  await visit(booking, "Mary Stone").first().waitFor();
  await booking.keyboard.press("b");
  await dialog(booking).getByLabel("Patient").fill("mary");
  await dialog(booking).locator(".found button").first().click();
  await dialog(booking).getByRole("button", { name: "Next: with whom" }).click();
  await dialog(booking).getByRole("button", { name: "Next: when" }).click();
  await dialog(booking).locator(".slots button").first().waitFor();
  await take(booking, "desk-booking");
} finally {
  await Promise.all([chromium.close(), clinic.stop()]);
}
