// The front desk's forms: what is typed goes where it is meant to, Back closes what is open, and nobody
// overwrites what somebody else did while a form was open.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { book, closeByBack, dayOf, dialog, nextWednesday, openDesk, visit } from "./desk.js";
import { ask, startChromium, startClinic } from "./support.js";

let clinic, chromium, context;
const ten = nextWednesday();
const day = dayOf(ten);
const at = (hours, minutes = 0) => new Date(ten.getTime() + ((hours - 10) * 60 + minutes) * 60_000);

before(async () => {
  [clinic, chromium] = await Promise.all([startClinic(), startChromium()]);
  context = await chromium.newContext({ viewport: { width: 1440, height: 900 } });
});
after(() => Promise.all([clinic?.stop(), chromium?.close()]));

const open = (search = "") => openDesk(context, clinic.url, `?day=${day}${search}`);

test("who types on at once after `b` types into the form", async () => {
  const page = await open();
  await page.keyboard.press("b");
  await page.keyboard.type("tutu plan");
  assert.equal(await dialog(page).getByLabel("Patient").inputValue(), "tutu plan");
  await page.close();
});

test("the only patient found is taken with Enter, and the focus stays where one types", async () => {
  await book(clinic.url, "Ivy Insured", at(9));
  const page = await open();
  await page.keyboard.press("b");
  await page.keyboard.type("ivy insured");
  await page.keyboard.press("Enter");
  const insurance = dialog(page).getByLabel("Insurance");
  await insurance.fill("");
  await insurance.pressSequentially("Aetnaa");
  assert.equal(await insurance.inputValue(), "Aetnaa");
  await page.keyboard.press("Enter");
  await dialog(page).getByRole("button", { name: "It is Aetna" }).click();
  await dialog(page).getByRole("radio").nth(1).waitFor();
  await dialog(page).getByRole("button", { name: "Next: when" }).click();
  await dialog(page).locator(".first-free:focus").waitFor();
  await page.keyboard.press("Enter");
  await dialog(page).getByText("for Ivy Insured, CT, Aetna").waitFor();
  await page.close();
});

test("nobody found is somebody new with Enter, asked for what is still missing", async () => {
  const page = await open();
  await page.keyboard.press("b");
  await page.keyboard.type("Newton New");
  await page.keyboard.press("Enter");
  assert.equal(await dialog(page).getByLabel("Name").inputValue(), "Newton New");
  await page.keyboard.type("newton@example.com");
  assert.equal(await dialog(page).getByLabel("E-mail address").inputValue(), "newton@example.com");
  await page.close();
});

test("Back closes what is open, and opens nothing that was closed", async () => {
  await book(clinic.url, "Bill Back", at(11));
  const page = await open();
  await page.keyboard.press("l");
  await page.keyboard.press("d");
  for (const _ of [1, 2]) {
    await visit(page, "Bill Back").click();
    await dialog(page).getByText("History").waitFor();
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
  }
  await page.keyboard.press("b");
  await dialog(page).getByLabel("Patient").waitFor();
  await closeByBack(page, "over");
  assert.doesNotMatch(page.url(), /view=list|visit=/);
  await visit(page, "Bill Back").click();
  await dialog(page).getByText("History").waitFor();
  await closeByBack(page, "opened");
  await page.goBack();
  await page.waitForURL(/view=list/);
  assert.equal(await dialog(page).count(), 0);
  await page.close();
});

test("what opens while the browser still goes back is what Back closes", async () => {
  await book(clinic.url, "Hal Hasty", at(13));
  const page = await open();
  await visit(page, "Hal Hasty").click();
  await dialog(page).getByText("History").waitFor();
  // A browser goes back in its own time. This one takes more of it than anybody's hands.
  await page.evaluate(() => {
    const back = history.back.bind(history);
    history.back = () => setTimeout(back, 300);
    addEventListener("popstate", () => document.body.classList.add("went-back"), { once: true });
  });
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "detached" });
  await page.keyboard.press("b");
  await page.locator("body.went-back").waitFor();
  await dialog(page).getByLabel("Patient").fill("Hal Hasty");
  await dialog(page).locator(".found button").first().waitFor();
  await closeByBack(page, "over");
  assert.doesNotMatch(page.url(), /visit=/);
  await visit(page, "Hal Hasty").waitFor();
  await page.close();
});

test("what somebody else did while a form was open is not overwritten", async () => {
  const { id } = await book(clinic.url, "Stan Stale", at(12), { reason: "A cough" });
  const page = await open(`&visit=${id}`);
  await dialog(page).getByRole("button", { name: "Correct …" }).click();
  await dialog(page).getByLabel("Why the patient comes").fill("A headache");
  await ask(
    clinic.url,
    `mutation { updateAppointment(input: { id: "${id}", reason: "A fever" }) { error { code message } } }`,
  );
  await dialog(page).getByText("“A fever”").first().waitFor();
  await dialog(page).getByRole("button", { name: "Save" }).click();
  await dialog(page).locator(".refused[data-code=VERSION_CONFLICT]").waitFor();
  await dialog(page).getByText("“A fever”").first().waitFor();
  await page.close();
});

test("what is printed of a day is its list", async () => {
  await book(clinic.url, "Pia Paper", at(14));
  const page = await open();
  await visit(page, "Pia Paper").waitFor();
  await page.emulateMedia({ media: "print" });
  await page.locator(".list").getByText("Pia Paper").waitFor();
  assert.equal(await page.locator(".board").isVisible(), false);
  await page.emulateMedia({ media: "screen" });
  await page.locator(".list").waitFor({ state: "detached" });
  await visit(page, "Pia Paper").waitFor();
  await page.close();
});

test("an address with a day that there is not, or a provider who is not here, is no dead end", async () => {
  const page = await open();
  for (const wrong of ["2026-02-31", "9999-12-31", "0001-01-01", "foo"]) {
    await page.goto(`${clinic.url}/desk?day=${wrong}`);
    await page.locator(".lane").first().waitFor();
    assert.equal(await page.getByRole("button", { name: "Today" }).getAttribute("aria-pressed"), "true", wrong);
  }
  await page.goto(`${clinic.url}/desk?provider=nobody`);
  await page.getByRole("button", { name: "Clear filters" }).last().click();
  await page.locator(".lane").first().waitFor();
  await page.close();
});
