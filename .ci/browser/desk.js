// The front desk as its users handle it.

import { ask } from "./support.js";

const CLINIC_ZONE = "America/New_York";

/** The day of an instant at the clinic. */
export const dayOf = (instant) => new Intl.DateTimeFormat("en-CA", { timeZone: CLINIC_ZONE }).format(new Date(instant));

/** Ten in the morning of the next Wednesday that is not today, or of a later one: demo providers work then. */
export function nextWednesday(weeksLater = 0) {
  const day = new Date(Date.now() + 86_400_000);
  while (day.getUTCDay() !== 3) day.setUTCDate(day.getUTCDate() + 1);
  day.setUTCDate(day.getUTCDate() + 7 * weeksLater);
  day.setUTCHours(15, 0, 0, 0);
  // What their clocks show then says how far it is from ten, in summer and in winter.
  const hour = new Intl.DateTimeFormat("en-US", { timeZone: CLINIC_ZONE, hour: "numeric", hourCycle: "h23" }).format(
    day,
  );
  return new Date(day.getTime() - (Number(hour) - 10) * 3_600_000);
}

const BOOK = `mutation Book($input: BookAppointmentInput!) {
  bookAppointment(input: $input) {
    appointment { id version startsAt provider { id name } patient { id } }
    error { code message }
  }
}`;

/** Dr. Jane Doe of the demo roster. */
export async function janeDoe(url) {
  const { providers } = await ask(url, `{ providers(name: "Jane Doe") { nodes { id version } } }`);
  return providers.nodes[0];
}

/** Books for somebody with Dr. Jane Doe at a time. */
export async function book(url, name, startsAt, rest = {}) {
  const { id: providerId } = await janeDoe(url);
  const email = `${name.toLowerCase().replaceAll(" ", ".")}@example.com`;
  const patient = { name, email, state: "CT", insurance: "Aetna" };
  const input = { patient, providerId, startsAt: startsAt.toISOString(), ...rest };
  const { bookAppointment } = await ask(url, BOOK, { input });
  if (!bookAppointment.appointment) throw new Error(JSON.stringify(bookAppointment.error));
  return bookAppointment.appointment;
}

const NAMES = [
  "Mary Stone",
  "Ada Byron",
  "Luis García",
  "Wei Chen",
  "Priya Patel",
  "Sam O’Neil",
  "Nora Lind",
  "Omar Haddad",
];

/** Fills a day of the demo roster, from nine in the morning on, as a busy clinic would have it. */
export async function fillDay(url, ten) {
  const types = [
    ["Follow-up", 30],
    ["Intake", 60],
    ["Quick check", 15],
  ];
  for (const [name, durationMinutes] of types) {
    await ask(
      url,
      `mutation { createVisitType(input: { name: "${name}", durationMinutes: ${durationMinutes} }) { error { code } } }`,
    );
  }
  const { visitTypes, providers } = await ask(
    url,
    "{ visitTypes { id } providers(first: 9) { nodes { id states insurances } } }",
  );
  const after = new Date(ten.getTime() - 3_600_000).toISOString();
  for (const [column, { id, states, insurances }] of providers.nodes.entries()) {
    for (let row = 0; row < 6; row += 1) {
      const name = NAMES[(column + row) % NAMES.length];
      const email = `${column}.${row}@example.com`;
      const patient = {
        name,
        email,
        state: states[row % states.length],
        insurance: insurances[row % insurances.length],
      };
      const visitTypeId = visitTypes[(column + row) % visitTypes.length].id;
      await ask(url, BOOK, { input: { patient, providerId: id, after, visitTypeId } });
    }
  }
}

/** Opens the desk, and waits until it is live. */
export async function openDesk(context, url, search = "") {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(`${url}/desk${search}`);
  await isLive(page);
  return page;
}

export const isLive = (page, timeout = 30_000) => page.locator(".live[data-state=live]").waitFor({ timeout });

/** A visit on the board. */
export const visit = (page, name) => page.locator(".board [data-visit]", { hasText: name });

/** What is open. */
export const dialog = (page) => page.locator("dialog[open]");

/**
 * Presses Back to close what is open: a form that is over the page, or a visit that was opened. Waits before until the
 * history knows of it: a browser that still goes back from what was closed before takes both for one step.
 */
export async function closeByBack(page, openedAs) {
  await page.waitForFunction((name) => history.state?.[name], openedAs);
  await page.goBack();
  await dialog(page).waitFor({ state: "detached" });
}

/** Drags a visit so that it begins at a time of its day. */
export async function drag(page, name, hours, minutes = 0) {
  const block = visit(page, name).first();
  // Both times in view: from above the earlier one on.
  await block.evaluate(
    (element, target) => {
      const from = Number(element.style.getPropertyValue("--from"));
      const board = element.closest(".board");
      const pxAMinute = Number(getComputedStyle(board).getPropertyValue("--px-a-minute"));
      board.scrollTop = (Math.min(from, target) - 30) * pxAMinute;
      board.scrollLeft = 0;
    },
    hours * 60 + minutes,
  );
  const from = await block.boundingBox();
  const lane = await block.locator("xpath=ancestor::section").boundingBox();
  const to = lane.y + ((hours * 60 + minutes) / 1440) * lane.height;
  await page.mouse.move(from.x + 40, from.y + 5);
  await page.mouse.down();
  await page.mouse.move(from.x + 44, from.y + 20, { steps: 3 });
  await page.mouse.move(from.x + 44, to + 5, { steps: 5 });
  await page.mouse.up();
}

/** Goes through the booking as far as its last step, for somebody new, with Dr. Jane Doe. */
export async function toWhen(page, name) {
  await page.keyboard.press("b");
  await page.keyboard.type(name);
  await page.keyboard.press("Enter");
  const form = dialog(page);
  await form.getByLabel("E-mail address").fill(`${name.toLowerCase().replaceAll(" ", ".")}@example.com`);
  await form.getByLabel("State the patient is in").selectOption("CT");
  await form.getByLabel("Insurance").fill("Aetna");
  await page.keyboard.press("Enter");
  await form.getByRole("radio", { name: /Dr. Jane Doe/ }).check();
  await form.getByRole("button", { name: "Next: when" }).click();
  await form.locator(".slots button").first().waitFor();
}
