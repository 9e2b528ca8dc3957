// Fails when what a browser loads first of the desk, packed, is more than its budget.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET_KIB = 90;

const dist = fileURLToPath(new URL("../../dist/desk/", import.meta.url));
let total = 0;
for (const name of readdirSync(dist).filter((name) => !name.endsWith(".gz"))) {
  const bytes = gzipSync(readFileSync(dist + name), { level: 9 }).length;
  total += bytes;
  console.log(`${name}: ${(bytes / 1024).toFixed(1)} KiB`);
}
const said = `${(total / 1024).toFixed(1)} KiB of ${BUDGET_KIB}`;
if (total > BUDGET_KIB * 1024) {
  console.error(`The desk is too large: ${said}`);
  process.exit(1);
}
console.log(said);
