// A patient's pages: used as people do, without a script, on a telephone and at a desk, and looked at by axe.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";

import { findings, overflow } from "./axe.js";
import { ON_POSTGRES, startChromium, startClinic } from "./support.js";

let clinic, chromium;

before(async () => {
  const settings = { CANCEL_CUTOFF_MINUTES: "60", CLINIC_CONTACT: "+1 203 555 0100" };
  [clinic, chromium] = await Promise.all([startClinic(settings), startChromium()]);
});
after(() => Promise.all([clinic?.stop(), chromium?.close()]));

const hash = (text) => createHash("sha256").update(text).digest("hex");

/** Writes into the database of the server. */
function write(sql) {
  if (ON_POSTGRES) {
    execFileSync("psql", ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", clinic.database, "--command", sql]);
    return;
  }
  const file = clinic.database.replace("sqlite://", "").replace("?mode=rwc", "");
  execFileSync("sqlite3", ["-cmd", ".timeout 5000", file, sql]);
}

/** Asks the server for something. */
async function ask(query, variables) {
  const body = JSON.stringify({ query, variables });
  const answer = await fetch(`${clinic.url}/graphql`, { method: "POST", headers: { "content-type": "application/json" }, body });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

/** The path of a link to what was last made for that address, as a mail would have it. */
function linkTo(kind, email) {
  const token = `clv_${randomBytes(32).toString("hex")}`;
  const [id, bytes] = ON_POSTGRES
    ? ["gen_random_uuid()", (hex) => `'\\x${hex}'::bytea`]
    : ["randomblob(16)", (hex) => `x'${hex}'`];
  const from = {
    visit: `appointment_id, address_hash, created_at) SELECT ${id}, ${bytes(hash(token))}, visit.id, ${bytes(hash(email))},
      visit.created_at FROM appointment visit JOIN patient ON patient.id = visit.patient_id`,
    offer: `offer_id, address_hash, created_at) SELECT ${id}, ${bytes(hash(token))}, offer.id, ${bytes(hash(email))},
      offer.offered_at FROM waitlist_offer offer JOIN waitlist_entry entry ON entry.id = offer.entry_id
      JOIN patient ON patient.id = entry.patient_id`,
  };
  write(`INSERT INTO visit_link (id, token_hash, ${from[kind]} WHERE patient.email = '${email}'`);
  return `${clinic.url}/${kind}/${token}`;
}

const BOOK = `mutation ($input: BookAppointmentInput!) {
  bookAppointment(input: $input) { appointment { id status } error { code } } }`;
const JOIN = `mutation ($input: JoinWaitlistInput!) { joinWaitlist(input: $input) { entry { status } error { code } } }`;

const SCREENS = [
  ["light", 360, 740],
  ["dark", 360, 740],
  ["light", 1280, 900],
  ["dark", 1280, 900],
];

for (const [colorScheme, width, height] of SCREENS) {
  const screen = `${colorScheme}, ${width} px`;

  /** A window without JavaScript, and what is looked at in it. */
  const open = async () => {
    const context = await chromium.newContext({ colorScheme, viewport: { width, height } });
    const page = await context.newPage();
    const looksGood = async (what) => {
      assert.deepEqual(await findings(page), [], `${what} (${screen})`);
      const tooWide = await overflow(page);
      assert.ok(tooWide <= 0, `${what} is ${tooWide} px too wide (${screen})`);
      if (process.env.PICTURES) {
        await page.screenshot({ path: `${process.env.PICTURES}/${what}-${colorScheme}-${width}.png`.replaceAll(" ", "-"), fullPage: true });
      }
    };
    return { context, page, looksGood };
  };

  test(`a patient sees, moves and cancels a visit (${screen})`, async () => {
    const email = `visit.${colorScheme}.${width}@example.com`;
    const patient = { name: `Pat ${colorScheme} ${width}`, email, state: "CT", insurance: "Aetna" };
    const day = new Date(Date.now() + 7 * 86_400_000).toISOString();
    const booked = await ask(BOOK, { input: { patient, after: day } });
    assert.equal(booked.bookAppointment.error, null);
    const link = linkTo("visit", email);
    const { context, page, looksGood } = await open();

    await page.goto(link);
    await page.getByText("Confirmed").waitFor();
    await looksGood("a visit");
    const before = await page.getByRole("definition").first().textContent();

    await page.getByRole("button", { name: "Move my visit to this time" }).click();
    await page.getByRole("alert").getByText("Choose one of the times.").waitFor();
    assert.match(await page.title(), /^Error: /);
    await looksGood("a visit after a mistake");
    await page.getByRole("radio").nth(3).check();
    await page.getByRole("button", { name: "Move my visit to this time" }).click();
    await page.getByRole("status").getByText("Your visit has its new time.").waitFor();
    assert.notEqual(await page.getByRole("definition").first().textContent(), before);

    await page.getByRole("button", { name: "Turn reminders off" }).click();
    await page.getByRole("button", { name: "Turn reminders on" }).waitFor();

    await page.getByText("I can’t come").click();
    await looksGood("a visit about to be cancelled");
    await page.getByRole("button", { name: "Yes, cancel my visit" }).click();
    await page.getByRole("status").getByText("Your visit is cancelled.").waitFor();
    assert.equal(await page.getByRole("button").count(), 0);
    await looksGood("a cancelled visit");

    await page.goto(`${clinic.url}/visit/nothing`);
    await looksGood("nothing");
    await context.close();
  });

  test(`a patient takes what the waitlist offers (${screen})`, async () => {
    const email = `offer.${colorScheme}.${width}@example.com`;
    const patient = { name: `Otto ${colorScheme} ${width}`, email, state: "CT", insurance: "Aetna" };
    const joined = await ask(JOIN, { input: { patient } });
    assert.equal(joined.joinWaitlist.entry.status, "OFFERED");
    const link = linkTo("offer", email);
    const { context, page, looksGood } = await open();
    await page.goto(link);
    await page.getByRole("heading", { name: "A time is free for you" }).waitFor();
    await looksGood("an offer");
    await page.getByRole("button", { name: "Take this time" }).click();
    await page.getByRole("status").getByText("The time is yours.").waitFor();
    await looksGood("a visit that was offered");
    await context.close();
  });
}

test("the pages need no JavaScript and ask nobody for anything", async () => {
  const email = "plain@example.com";
  const patient = { name: "Plain Jane", email, state: "CT", insurance: "Aetna" };
  const booked = await ask(BOOK, { input: { patient } });
  assert.equal(booked.bookAppointment.error, null);
  const link = linkTo("visit", email);
  const context = await chromium.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(link);
  await page.getByRole("button", { name: "Turn reminders off" }).click();
  await page.getByRole("status").getByText("You will not be reminded any more.").waitFor();
  assert.deepEqual(
    asked.filter((url) => !url.startsWith("data:")),
    [link, `${link}/reminders`, `${link}?done=reminders-off`],
  );
  await context.close();
});
