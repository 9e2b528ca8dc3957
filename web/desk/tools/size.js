// Fails when what a browser loads first of the desk, packed, is more than its budget.

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "vite";

const BUDGET_KIB = 90;

const configFile = fileURLToPath(new URL("../../vite.desk.config.js", import.meta.url));
// Nothing is written: what lies in dist is what the server would embed.
const { output } = await build({ configFile, logLevel: "warn", build: { write: false } });

let total = 0;
for (const file of output) {
  const bytes = gzipSync(file.type === "chunk" ? file.code : file.source, { level: 9 }).length;
  total += bytes;
  console.log(`${file.fileName}: ${(bytes / 1024).toFixed(1)} KiB`);
}
const said = `${(total / 1024).toFixed(1)} KiB of ${BUDGET_KIB}`;
if (total > BUDGET_KIB * 1024) {
  console.error(`The desk is too large: ${said}`);
  process.exit(1);
}
console.log(said);
