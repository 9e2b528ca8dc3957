// The front desk for everybody: axe finds nothing, in light and dark, and nothing is too wide for a telephone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { findings, overflow } from "./axe.js";
import { book, dayOf, dialog, drag, nextWednesday, openDesk, visit } from "./desk.js";
import { ask, startChromium, startClinic } from "./support.js";

let clinic, chromium, patient;
const ten = nextWednesday();
const day = dayOf(ten);

before(async () => {
  [clinic, chromium] = await Promise.all([startClinic(), startChromium()]);
  await ask(
    clinic.url,
    `mutation { createVisitType(input: { name: "Intake", durationMinutes: 60, bufferAfterMinutes: 10 }) { error { code } } }`,
  );
  ({ patient } = await book(clinic.url, "Axel Axe", ten));
  await book(clinic.url, "Else Other", new Date(ten.getTime() + 7_200_000));
  for (const quarter of [0, 1, 2]) {
    const startsAt = new Date(ten.getTime() + 3_600_000 + quarter * 900_000);
    await book(clinic.url, `Kurt Quarter ${quarter}`, startsAt, { durationMinutes: 15 });
  }
  const waits = `patient: { name: "Wanda Waits", email: "wanda@example.com", state: "CT", insurance: "Aetna" }`;
  await ask(clinic.url, `mutation { joinWaitlist(input: { ${waits} }) { error { code } } }`);
  await ask(
    clinic.url,
    `mutation { joinWaitlist(input: { patientId: "${patient.id}", latest: "${ten.toISOString()}", localFrom: "18:00" }) {
       error { code } } }`,
  );
});
after(() => Promise.all([clinic?.stop(), chromium?.close()]));

const VIEWS = [
  ["the day", "", async (page) => visit(page, "Axel Axe").waitFor()],
  ["the day on each provider's clock", "&zone=own", async (page) => visit(page, "Axel Axe").waitFor()],
  ["a day that nobody fits", "&state=GU", async (page) => page.getByText("No provider fits").waitFor()],
  ["the week", "&view=week", async (page) => visit(page, "Axel Axe").waitFor()],
  ["the list", "&view=list", async (page) => page.getByRole("link", { name: "Axel Axe" }).waitFor()],
  [
    "the waitlist",
    "&view=waitlist",
    async (page) => page.locator(".waiting li", { hasText: "Axel Axe" }).getByText("Nothing was offered").waitFor(),
  ],
  [
    "the waitlist, and whether somebody is to leave it",
    "&view=waitlist",
    async (page) => {
      await page.getByRole("button", { name: "Leave …" }).first().click();
      await page.getByRole("heading", { name: /off the waitlist/ }).waitFor();
    },
  ],
  ["patients", "&view=patients", async (page) => page.getByText("Nobody is looked up").waitFor()],
  [
    "a patient",
    () => `&view=patients&patient=${patient.id}`,
    async (page) => page.getByRole("heading", { name: "Axel Axe" }).waitFor(),
  ],
  ["the mail", "&view=mail", async (page) => page.getByRole("heading", { name: "Mail", exact: true }).waitFor()],
  ["hours", "&view=hours", async (page) => page.getByRole("heading", { name: "Every week" }).waitFor()],
];

/** What opens over the day. */
const DIALOGS = [
  ["the shortcuts", (page) => page.keyboard.press("?"), (page) => dialog(page).getByText("Book a visit").waitFor()],
  ["a visit", (page) => visit(page, "Axel Axe").click(), (page) => dialog(page).getByText("History").waitFor()],
  [
    "the form to move",
    async (page) => {
      await visit(page, "Axel Axe").click();
      await dialog(page).getByRole("button", { name: "Move …" }).click();
    },
    (page) => dialog(page).locator(".slots button").first().waitFor(),
  ],
  [
    "the form to wait for an earlier time",
    async (page) => {
      await visit(page, "Axel Axe").click();
      await dialog(page).getByRole("button", { name: "Wait for an earlier time …" }).click();
    },
    (page) => dialog(page).getByLabel("Earliest day").waitFor(),
  ],
  [
    "with whom",
    async (page) => {
      await page.keyboard.press("b");
      await dialog(page).getByLabel("Patient").fill("axel");
      await dialog(page).locator(".found button").first().click();
      await dialog(page).getByRole("button", { name: "Next: with whom" }).click();
    },
    (page) => dialog(page).getByRole("radio").nth(1).waitFor(),
  ],
  [
    "a time that is held, and before it the way to the waitlist",
    async (page) => {
      await page.keyboard.press("b");
      await page.keyboard.type("axel");
      await page.keyboard.press("Enter");
      await dialog(page).getByRole("button", { name: "Next: with whom" }).click();
      await dialog(page).getByRole("button", { name: "Next: when" }).click();
      await dialog(page).getByRole("button", { name: "Put on the waitlist …" }).click();
      await dialog(page).getByLabel("Earliest day").waitFor();
      assert.deepEqual(await findings(page), [], "the form to wait");
      await dialog(page).getByRole("button", { name: "Offered times" }).click();
      await dialog(page).locator(".first-free").click();
    },
    (page) => dialog(page).getByText("Held for you until").waitFor(),
  ],
  [
    "somebody new",
    async (page) => {
      await page.keyboard.press("b");
      await dialog(page).getByRole("button", { name: "New patient" }).click();
    },
    (page) => dialog(page).getByLabel("E-mail address").waitFor(),
  ],
];

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in any view (${colorScheme})`, async () => {
    const context = await chromium.newContext({ colorScheme, viewport: { width: 1280, height: 900 } });
    for (const [what, search, isThere] of VIEWS) {
      const page = await openDesk(context, clinic.url, `?day=${day}${typeof search === "string" ? search : search()}`);
      await isThere(page);
      assert.deepEqual(await findings(page), [], what);
      await page.close();
    }
    await context.close();
  });

  test(`axe finds nothing in what opens over the day (${colorScheme})`, async () => {
    const context = await chromium.newContext({ colorScheme, viewport: { width: 1280, height: 900 } });
    for (const [what, opens, isThere] of DIALOGS) {
      const page = await openDesk(context, clinic.url, `?day=${day}`);
      await visit(page, "Axel Axe").waitFor();
      await opens(page);
      await isThere(page);
      assert.deepEqual(await findings(page), [], what);
      await page.close();
    }
    const page = await openDesk(context, clinic.url, `?day=${day}`);
    await drag(page, "Axel Axe", 20);
    await dialog(page).locator(".choices button").first().waitFor();
    assert.deepEqual(await findings(page), [], "a refusal");
    await context.close();
  });
}

test("what is pending outside looks pending, and says so", async () => {
  const silent = await startClinic({ MOCK_DOWN: "true" });
  const context = await chromium.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    await book(silent.url, "Penny Pending", ten);
    const page = await openDesk(context, silent.url, `?day=${day}`);
    await visit(page, "Penny Pending").filter({ hasText: "Pending outside" }).waitFor();
    await page.getByText("1 visit, 1 pending outside").waitFor();
    assert.deepEqual(await findings(page), []);
    await visit(page, "Penny Pending").click();
    await dialog(page).getByText("Pending outside").waitFor();
    assert.equal(await dialog(page).getByRole("button", { name: "Move …" }).count(), 0);
  } finally {
    await context.close();
    await silent.stop();
  }
});

test("nothing is wider than a telephone, nor than a window at 200 %", async () => {
  for (const viewport of [
    { width: 360, height: 740 },
    { width: 640, height: 480 },
  ]) {
    const context = await chromium.newContext({ viewport });
    for (const [what, search, isThere] of VIEWS) {
      const page = await openDesk(context, clinic.url, `?day=${day}${typeof search === "string" ? search : search()}`);
      await isThere(page);
      const tooWide = await overflow(page);
      assert.ok(tooWide <= 0, `${what} is ${tooWide} px too wide at ${viewport.width}`);
      await page.close();
    }
    await context.close();
  }
});
