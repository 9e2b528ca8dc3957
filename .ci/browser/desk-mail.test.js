// Mail at the front desk: what patients are told, what became of it, and what is done where it went wrong.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";

import { findings, overflow } from "./axe.js";
import { book, closeByBack, dialog, isLive, nextWednesday, openDesk } from "./desk.js";
import { ask, startChromium, startClinic } from "./support.js";

let kept, sending, chromium, context, mailServer;
const ten = nextWednesday();
const at = (hours, minutes = 0) => new Date(ten.getTime() + ((hours - 10) * 60 + minutes) * 60_000);

before(async () => {
  [chromium, mailServer] = await Promise.all([startChromium(), startMailServer()]);
  // One without a mail server, which keeps what it would send, and one that sends.
  [kept, sending] = await Promise.all([
    startClinic(),
    startClinic({ SMTP_URL: mailServer.url, MAIL_FROM: "clinic@example.com" }),
  ]);
  context = await newContext({ viewport: { width: 1440, height: 1000 } });
});
after(() => Promise.all([kept?.stop(), sending?.stop(), chromium?.close(), mailServer?.stop()]));

/** A mail server that takes everything but for addresses that begin with "refused"; it keeps to whom it was. */
async function startMailServer() {
  const recipients = [];
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let isData = false;
    const say = (line) => socket.write(`${line}\r\n`);
    say("220 mail.example ESMTP");
    createInterface(socket).on("line", (line) => {
      if (isData) {
        if (line !== ".") return;
        isData = false;
        return say("250 2.0.0 taken");
      }
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === "RCPT") {
        const [, address] = line.match(/<(.*)>/);
        recipients.push(address);
        return say(address.startsWith("refused") ? "550 5.1.1 there is nobody of that name" : "250 2.1.5 known");
      }
      if (verb === "DATA") {
        isData = true;
        return say("354 go on");
      }
      if (verb === "QUIT") return socket.end("221 2.0.0 goodbye\r\n");
      return say("250 mail.example");
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      for (const socket of sockets) socket.destroy();
    });
  return { url: `smtp://127.0.0.1:${server.address().port}`, recipients, stop };
}

/** A profile in which the pages may read what they have copied. */
async function newContext(options) {
  const made = await chromium.newContext(options);
  for (const { url } of [kept, sending]) {
    await made.grantPermissions(["clipboard-read", "clipboard-write"], { origin: url });
  }
  return made;
}

const open = (clinic, search = "?view=mail") => openDesk(context, clinic.url, search);
const button = (scope, name) => scope.getByRole("button", { name, exact: true });

/** A mail in the list. */
const row = (page, name, kind = "Confirmation") =>
  page.locator(".mail tbody tr", { hasText: name }).filter({ hasText: kind });

const openMail = async (page, name, kind) => {
  await row(page, name, kind).getByRole("button").click({ timeout: 15_000 });
  await dialog(page).locator(".said").waitFor();
};

const cancel = (clinic, { id }) =>
  ask(clinic.url, `mutation { cancelAppointment(input: { id: "${id}" }) { error { message } } }`);

test("a visit that is booked has its mail here, which is opened with the keyboard alone and read", async () => {
  const page = await open(kept, "");
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Mail" }).click();
  await page.getByText("No mail yet").waitFor();
  const { startsAt } = await book(kept.url, "Kitty Kept", at(10));
  const mail = row(page, "Kitty Kept");
  await mail.getByText("Kept to be read here: no mail server is set").waitFor({ timeout: 15_000 });
  await mail.getByText("kitty.kept@example.com").waitFor();
  await mail.getByRole("button").focus();
  await page.keyboard.press("Enter");
  const panel = dialog(page);
  await panel.getByRole("heading", { name: "Confirmation" }).waitFor();
  assert.match(await panel.locator(".said-text").innerText(), /Jane Doe/);
  assert.match(page.url(), /view=mail&mail=/);
  // How it looks is shown where it can do nothing, and nothing of it is asked of another host.
  await panel.getByText("How it looks").focus();
  await page.keyboard.press("Enter");
  const frame = panel.locator("iframe");
  assert.equal(await frame.getAttribute("sandbox"), "");
  await frame.contentFrame().getByText("Jane Doe").first().waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    panel.getByRole("link", { name: /for a calendar/ }).press("Enter"),
  ]);
  assert.equal(download.suggestedFilename(), "visit.ics");
  const calendar = await readFile(await download.path(), "utf8");
  assert.match(calendar, new RegExp(`DTSTART:${startsAt.replace(/[-:]|\.\d+/g, "")}`));
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
  assert.ok(await mail.getByRole("button").evaluate((element) => element === document.activeElement));
  await page.close();
});

test("a fresh link is shown, copied and opens the visit, until the links are revoked", async () => {
  await book(kept.url, "Fred Fresh", at(11));
  const page = await open(kept);
  await openMail(page, "Fred Fresh");
  const panel = dialog(page);
  assert.doesNotMatch(await panel.locator(".said-text").innerText(), /\/visit\/\w/);
  await button(panel, "Open a fresh link").click();
  const field = panel.getByLabel("The patient’s link");
  const url = await field.inputValue();
  assert.ok(url.startsWith(`${kept.url}/visit/`), url);
  await button(panel, "Copy").click();
  await panel.getByText("The link is copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), url);
  const link = panel.getByRole("link", { name: "Open it in a new tab" });
  assert.deepEqual([await link.getAttribute("href"), await link.getAttribute("target")], [url, "_blank"]);
  assert.equal((await fetch(url)).status, 200);
  await button(panel, "Revoke links …").click();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Keep them");
  await page.keyboard.press("Enter");
  await field.waitFor();
  await button(panel, "Revoke links …").click();
  await button(panel, "Revoke the links").click();
  await panel.getByText("The links to this visit open nothing any more").waitFor();
  assert.equal(await field.count(), 0);
  assert.equal((await fetch(url)).status, 404);
  await closeByBack(page, "opened");
  assert.match(page.url(), /view=mail$/);
  await page.close();
});

test("what is refused says why: of a visit that is cancelled there is no link", async () => {
  const visit = await book(kept.url, "Otto Over", at(12));
  const page = await open(kept);
  await openMail(page, "Otto Over");
  await cancel(kept, visit);
  await button(dialog(page), "Open a fresh link").click();
  await dialog(page).locator(".refused[data-code]").waitFor();
  assert.equal(await dialog(page).getByLabel("The patient’s link").count(), 0);
  await page.keyboard.press("Escape");
  await openMail(page, "Otto Over", "Cancellation");
  assert.equal(await button(dialog(page), "Open a fresh link").count(), 0);
  await page.close();
});

test("what is sent says so, and is sent again", async () => {
  await book(sending.url, "Sara Sent", at(10));
  const page = await open(sending);
  await row(page, "Sara Sent").getByText("The mail server took it").waitFor({ timeout: 15_000 });
  const told = () => mailServer.recipients.filter((address) => address === "sara.sent@example.com").length;
  assert.equal(told(), 1);
  await openMail(page, "Sara Sent");
  await button(dialog(page), "Send again").click();
  await dialog(page).getByText("It is sent again").waitFor();
  await until(() => told() === 2);
  await dialog(page).locator(".pill", { hasText: "Sent" }).waitFor({ timeout: 15_000 });
  await page.close();
});

test("an address that is refused stands out here and in the visit, is corrected, and then is told", async () => {
  const visit = await book(sending.url, "Refused Rita", at(11));
  const page = await open(sending);
  await row(page, "Refused Rita").locator(".pill", { hasText: "Failed" }).waitFor({ timeout: 15_000 });
  await page.getByLabel("Mail shown").selectOption("Failed");
  await page.waitForFunction(() => document.querySelectorAll(".mail tbody tr").length === 1);
  await row(page, "Refused Rita").getByText("The mail server refused it: is the address right?").waitFor();
  assert.match(page.url(), /mailStatus=FAILED/);
  await openMail(page, "Refused Rita");
  await dialog(page).getByRole("link", { name: /11:00 AM/ }).click();
  const panel = dialog(page).last();
  await panel.getByRole("heading", { name: "Refused Rita" }).waitFor();
  await panel.getByText("The last mail was refused").waitFor();
  await panel.getByText("Failed, refused").waitFor();
  await panel.getByRole("link", { name: "Correct the address" }).click();
  await button(page, "Correct …").click();
  await page.getByLabel("E-mail address").fill("right.rita@example.com");
  await button(page, "Save").click();
  await page.getByText("Refused Rita: corrected").waitFor();
  const search = `?view=mail&mailOf=${visit.id}`;
  const again = await open(sending, search);
  await openMail(again, "Refused Rita");
  await button(dialog(again), "Send again").click();
  await until(() => mailServer.recipients.includes("right.rita@example.com"));
  await dialog(again).locator(".pill", { hasText: "Sent" }).waitFor({ timeout: 15_000 });
  await again.goto(`${sending.url}/desk?visit=${visit.id}`);
  await dialog(again).locator(".history", { hasText: "Mail," }).getByText("Sent").first().waitFor();
  assert.equal(await dialog(again).getByText("The last mail was refused").count(), 0);
  await Promise.all([page.close(), again.close()]);
});

/** Waits until something is so. */
async function until(isSo) {
  for (const start = Date.now(); !isSo(); ) {
    assert.ok(Date.now() - start < 15_000, `not so after 15 seconds: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("the mail of one visit is reached from the visit, and of all visits from there", async () => {
  const visit = await book(kept.url, "Vera Visit", at(13));
  await book(kept.url, "Other Olga", at(14));
  const page = await open(kept, `?visit=${visit.id}`);
  await dialog(page).getByRole("link", { name: "What it says, and links" }).click({ timeout: 15_000 });
  await row(page, "Vera Visit").waitFor();
  assert.equal(await row(page, "Other Olga").count(), 0);
  await button(page, "Of all visits").click();
  await row(page, "Other Olga").waitFor({ timeout: 15_000 });
  await page.close();
});

test("its own address leads here, and what it is about stands in it", async () => {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(`${kept.url}/desk/mail?mailStatus=KEPT`);
  await isLive(page);
  await row(page, "Vera Visit").waitFor();
  assert.equal(await page.getByLabel("Mail shown").inputValue(), "KEPT");
  await page.getByRole("link", { name: "Day", exact: true }).click();
  await page.locator(".lane").first().waitFor();
  assert.equal(new URL(page.url()).pathname, "/desk");
  await page.close();
});

test("who wants no reminders is sent none", async () => {
  const { patient } = await book(kept.url, "Nora None", at(15));
  const page = await open(kept, `?view=patients&patient=${patient.id}`);
  await button(page, "Correct …").click();
  await page.getByRole("checkbox", { name: "Send reminders" }).focus();
  await page.keyboard.press("Space");
  await button(page, "Save").click();
  await page.locator(".facts").getByText("Not sent").waitFor();
  const told = await ask(kept.url, `{ patient(id: "${patient.id}") { reminders } }`);
  assert.deepEqual(told.patient, { reminders: false });
  await page.close();
});

test("more than are shown at first are had by a button, and stay while it is looked at", async () => {
  for (let quarter = 0; quarter < 11; quarter += 1) {
    const visit = await book(sending.url, `Mina Many ${quarter}`, at(13, quarter * 15), { durationMinutes: 15 });
    await cancel(sending, visit);
  }
  const page = await open(sending);
  const rows = page.locator(".mail tbody tr");
  await page.waitForFunction(() => document.querySelectorAll(".mail tbody tr").length === 20);
  await button(page, "More").click();
  await page.waitForFunction(() => document.querySelectorAll(".mail tbody tr").length > 20);
  await page.waitForResponse((response) => response.request().postData()?.includes("query Mails") ?? false);
  assert.ok((await rows.count()) > 20);
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
    const page = await openDesk(own, kept.url, "?view=mail");
    const assertFine = async (what) => {
      assert.deepEqual(await findings(page), [], `${what} (${colorScheme})`);
      assert.ok((await overflow(page)) <= 0, `${what} is too wide at ${width}`);
    };
    await row(page, "Vera Visit").waitFor();
    await assertFine("the list");
    await openMail(page, "Vera Visit");
    await dialog(page).getByText("How it looks").click();
    await dialog(page).locator("iframe").contentFrame().getByText("Jane Doe").first().waitFor();
    await assertFine("a mail");
    await button(dialog(page), "Open a fresh link").click();
    await dialog(page).getByLabel("The patient’s link").waitFor();
    await assertFine("a link");
    await button(dialog(page), "Revoke links …").click();
    await button(dialog(page), "Revoke the links").waitFor();
    await assertFine("the question");
    await page.goto(`${sending.url}/desk?view=mail&mailStatus=FAILED`);
    await page.locator(".mail").waitFor();
    await assertFine("what failed");
    await own.close();
  }
});

test("a mail by itself reads well on a telephone and a desk, in light and dark", async () => {
  const { mails } = await ask(kept.url, "{ mails(first: 50) { nodes { kind content { html } } } }");
  const byKind = new Map(mails.nodes.map((mail) => [mail.kind, mail.content.html]));
  assert.ok(byKind.has("CONFIRMATION"), [...byKind.keys()].join());
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [360, 1280]) {
      const own = await newContext({ colorScheme, viewport: { width, height: 900 } });
      const page = await own.newPage();
      for (const [kind, html] of byKind) {
        await page.setContent(html);
        await page.getByText("Jane Doe").first().waitFor();
        assert.deepEqual(await findings(page), [], `${kind} (${colorScheme}, ${width})`);
        assert.ok((await overflow(page)) <= 0, `${kind} is too wide at ${width}`);
      }
      await own.close();
    }
  }
});
