// The waitlist at the front desk: who waits is offered what becomes free, and is put there from a booking or a visit.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { book, dayOf, dialog, janeDoe, nextWednesday, openDesk, toWhen } from "./desk.js";
import { ask, startChromium, startClinic } from "./support.js";

let clinic, chromium, context;
const ten = nextWednesday();
const day = dayOf(ten);
const at = (hours, minutes = 0) => new Date(ten.getTime() + ((hours - 10) * 60 + minutes) * 60_000);

before(async () => {
  [clinic, chromium] = await Promise.all([startClinic(), startChromium()]);
  context = await chromium.newContext({ viewport: { width: 1440, height: 1000 } });
});
after(() => Promise.all([clinic?.stop(), chromium?.close()]));

const open = (search = "?view=waitlist") => openDesk(context, clinic.url, search);

const JOIN = `mutation Join($input: JoinWaitlistInput!) {
  joinWaitlist(input: $input) { entry { id status } error { code message } }
}`;

/** Puts somebody on the waitlist for that very time with Dr. Jane Doe. */
async function join(name, startsAt) {
  const { id: providerId } = await janeDoe(clinic.url);
  const email = `${name.toLowerCase().replaceAll(" ", ".")}@example.com`;
  const patient = { name, email, state: "CT", insurance: "Aetna" };
  const time = startsAt.toISOString();
  const input = { patient, providerId, earliest: time, latest: time };
  const { joinWaitlist } = await ask(clinic.url, JOIN, { input });
  assert.equal(joinWaitlist.error, null, JSON.stringify(joinWaitlist.error));
  return joinWaitlist.entry;
}

const cancel = (id) =>
  ask(clinic.url, `mutation { cancelAppointment(input: { id: "${id}" }) { error { code message } } }`);

/** Who waits, as the view shows them. */
const entry = (page, name) => page.locator(".waiting > li", { hasText: name });

test("a visit is cancelled: who waits for it is offered it, seen without a reload, and it is accepted", async () => {
  const { id } = await book(clinic.url, "Cara Cancels", at(10));
  await join("Walt Waits", at(10));
  const page = await open();
  await entry(page, "Walt Waits").getByText("Nothing was offered yet").waitFor();
  await entry(page, "Walt Waits").getByText("The patient’s clock: America/New York").waitFor();
  assert.equal(await page.getByRole("button", { name: "Accept" }).count(), 0);
  await cancel(id);
  const offer = entry(page, "Walt Waits").locator(".offers [data-open]");
  await offer.filter({ hasText: "10:00 AM" }).waitFor({ timeout: 5000 });
  await offer.getByText(/with Dr. Jane Doe: held until .* minutes more/).waitFor();
  await entry(page, "Walt Waits").getByRole("button", { name: "Accept" }).click();
  await dialog(page).getByRole("heading", { name: "Walt Waits" }).waitFor();
  await dialog(page).getByText("from the waitlist").waitFor();
  await page.keyboard.press("Escape");
  await entry(page, "Walt Waits").waitFor({ state: "detached" });
  await page.getByLabel("Shown").selectOption("Who waits no more");
  await entry(page, "Walt Waits").filter({ hasText: "Booked" }).getByText("accepted").waitFor();
  assert.match(page.url(), /over=yes/);
  await entry(page, "Walt Waits").locator(".offers").getByRole("link", { name: /10:00 AM/ }).click();
  await dialog(page).getByText("from the waitlist").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("d");
  await page.close();
});

test("what is declined passes to the next who waits, in every tab that looks", async () => {
  const { id } = await book(clinic.url, "Carl Cancels", at(11));
  await join("Fay First", at(11));
  await join("Sam Second", at(11));
  const [page, other] = [await open(), await open()];
  await Promise.all([page, other].map((it) => entry(it, "Sam Second").waitFor()));
  await cancel(id);
  await entry(page, "Fay First").locator(".offers [data-open]").waitFor({ timeout: 5000 });
  assert.equal(await entry(page, "Sam Second").locator(".offers [data-open]").count(), 0);
  await entry(page, "Fay First").getByRole("button", { name: "Decline" }).click();
  await entry(page, "Fay First").locator(".offers [data-outcome=DECLINED]").waitFor();
  await entry(page, "Fay First").locator(".pill", { hasText: "Waits" }).waitFor();
  await Promise.all(
    [page, other].map((it) => entry(it, "Sam Second").locator(".offers [data-open]").waitFor({ timeout: 5000 })),
  );
  await Promise.all([page.close(), other.close()]);
});

test("who is taken off the list is asked for first, and then waits no more", async () => {
  await book(clinic.url, "Cleo Stays", at(12));
  await join("Lee Leaves", at(12));
  const page = await open();
  await entry(page, "Lee Leaves").getByRole("button", { name: "Leave …" }).focus();
  await page.keyboard.press("Enter");
  await entry(page, "Lee Leaves").getByRole("button", { name: "Let them wait" }).click();
  await entry(page, "Lee Leaves").getByRole("button", { name: "Leave …" }).click();
  await entry(page, "Lee Leaves").getByRole("button", { name: "Take off the waitlist" }).click();
  await page.getByText("Lee Leaves: waits no more").waitFor();
  await entry(page, "Lee Leaves").waitFor({ state: "detached" });
  await page.close();
});

test("what can’t be accepted tells why, and stays offered", async () => {
  await join("Rafa Refused", at(13, 30));
  const page = await open();
  await entry(page, "Rafa Refused").locator(".offers [data-open]").waitFor();
  // The patient takes a visit with somebody else meanwhile.
  const { providers } = await ask(clinic.url, `{ providers(name: "Strange") { nodes { id states insurances } } }`);
  const [{ id: providerId, states, insurances }] = providers.nodes;
  const email = "rafa.refused@example.com";
  const patient = { name: "Rafa Refused", email, state: states[0], insurance: insurances[0] };
  await book(clinic.url, "Rafa Refused", at(13, 30), { patient, providerId });
  await entry(page, "Rafa Refused").getByRole("button", { name: "Accept" }).click();
  await entry(page, "Rafa Refused").locator(".refused[data-code=PATIENT_DOUBLE_BOOKED]").waitFor();
  await entry(page, "Rafa Refused").locator(".offers [data-open]").waitFor();
  assert.equal(await dialog(page).count(), 0);
  await page.close();
});

test("what is accepted while the scheduling service is silent is being booked, and nothing more is asked", async () => {
  const silent = await startClinic({ MOCK_DOWN: "true" });
  try {
    const patient = { name: "Pia Pending", email: "pia@example.com", state: "CT", insurance: "Aetna" };
    await ask(silent.url, JOIN, { input: { patient } });
    const page = await openDesk(context, silent.url, "?view=waitlist");
    await entry(page, "Pia Pending").getByRole("button", { name: "Accept" }).click();
    await dialog(page).getByText("Pending outside").first().waitFor();
    await page.keyboard.press("Escape");
    await entry(page, "Pia Pending").filter({ hasText: "Being booked" }).waitFor();
    assert.equal(await entry(page, "Pia Pending").getByRole("button").count(), 0);
    await page.close();
  } finally {
    await silent.stop();
  }
});

test("after the network was away the list is read again", async () => {
  const page = await open();
  await entry(page, "Fay First").waitFor();
  await context.setOffline(true);
  await page.locator(".live[data-state=away]").waitFor();
  await book(clinic.url, "Cora Stays", at(13));
  await join("Ned Network", at(13));
  await context.setOffline(false);
  await entry(page, "Ned Network").waitFor();
  await page.close();
});

test("who finds no time in the booking is put on the waitlist, with the keyboard alone, and stands there", async () => {
  const page = await open(`?day=${day}`);
  await toWhen(page, "Una Unsuited");
  const form = dialog(page);
  await form.getByRole("button", { name: "Put on the waitlist …" }).focus();
  await page.keyboard.press("Enter");
  await form.getByText("On the patient’s clock: America/New York").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.labels?.[0]?.textContent), "Earliest day if any");
  await form.getByRole("checkbox", { name: "Sunday" }).focus();
  await page.keyboard.press("Space");
  await form.getByLabel("From").focus();
  await page.keyboard.type("0800AM");
  await page.keyboard.press("Enter");
  await form.getByRole("heading", { name: "Una Unsuited is on the waitlist" }).waitFor();
  await form.getByText("Nothing that fits is free now").waitFor();
  await form.getByRole("link", { name: "To the waitlist" }).focus();
  await page.keyboard.press("Enter");
  await entry(page, "Una Unsuited").getByText("Sun, from 8:00 AM on").waitFor();
  await entry(page, "Una Unsuited").getByText("Dr. Jane Doe").waitFor();
  assert.equal(await dialog(page).count(), 0);
  await page.close();
});

test("what is free already is offered at once, and a window that nothing can fit is told", async () => {
  const page = await open(`?day=${day}`);
  await toWhen(page, "Otto Offered");
  const form = dialog(page);
  await form.getByRole("button", { name: "Put on the waitlist …" }).click();
  await form.getByLabel("From").fill("03:00");
  await form.getByLabel("Before").fill("04:00");
  await form.getByRole("button", { name: "Put on the waitlist" }).click();
  await form.locator(".refused").getByText(/must meet the hours/).waitFor();
  await form.getByLabel("From").fill("");
  await form.getByLabel("Before").fill("");
  await form.getByRole("button", { name: "Put on the waitlist" }).click();
  await form.getByText(/Offered at once: .* with Dr. Jane Doe, held until/).waitFor();
  await form.getByRole("button", { name: "Done" }).click();
  await form.locator(".slots").waitFor();
  await page.close();
});

test("the patient of a visit waits for an earlier time, and accepting it moves the visit", async () => {
  const { id: earlier } = await book(clinic.url, "Cato Cancels", at(14));
  const { id } = await book(clinic.url, "Edda Earlier", at(15));
  const page = await open(`?day=${day}&visit=${id}`);
  await dialog(page).getByRole("button", { name: "Wait for an earlier time …" }).click();
  await dialog(page).getByText("The visit stays as it is").waitFor();
  await dialog(page).getByLabel("Earliest day").fill(day);
  await dialog(page).getByLabel("From").fill("14:00");
  await dialog(page).getByLabel("Before").fill("14:10");
  await dialog(page).getByRole("button", { name: "Put on the waitlist" }).click();
  await dialog(page).getByText("Nothing that fits is free now").waitFor();
  await dialog(page).getByRole("link", { name: "To the waitlist" }).click();
  await entry(page, "Edda Earlier").getByRole("link", { name: /3:00 PM/ }).waitFor();
  await cancel(earlier);
  await entry(page, "Edda Earlier").getByRole("button", { name: "Accept" }).click();
  await dialog(page).getByText("2:00 – 2:30 PM").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("d");
  await page.close();
});
