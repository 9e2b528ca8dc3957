// Writes a server's OpenAPI document into a file: `node document.js URL FILE`.

import { writeFile } from "node:fs/promises";

const [url, file] = process.argv.slice(2);
const response = await fetch(`${url}/openapi.json`);
if (!response.ok) throw new Error(`${url}/openapi.json: ${response.status}`);
await writeFile(file, await response.text());
