// What axe finds on a page.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

// What WCAG 2.2 asks for at level AA, and what axe holds to be good practice beside it.
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds on a page; none is expected. The page's policy lets no script in but the inspector's. */
export async function findings(page) {
  const session = await page.context().newCDPSession(page);
  const evaluate = async (expression) => {
    const told = await session.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    assert.equal(told.exceptionDetails, undefined, JSON.stringify(told.exceptionDetails));
    return told.result.value;
  };
  await evaluate(axe);
  const options = { runOnly: { type: "tag", values: RULES } };
  const { violations } = JSON.parse(
    await evaluate(`axe.run(document, ${JSON.stringify(options)}).then((found) => JSON.stringify(found))`),
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

/** By how many pixels a page is wider than its window. */
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
