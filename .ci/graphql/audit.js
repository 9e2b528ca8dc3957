// Runs graphql-http's audit of GraphQL over HTTP against a server: `node audit.js URL`.
// Every check has to pass, also those that the specification only recommends or permits.

import { serverAudits } from "graphql-http";

const [url] = process.argv.slice(2);
if (!url) {
  console.error("usage: node audit.js http://127.0.0.1:8080/graphql");
  process.exit(2);
}
const token = process.env.API_TOKEN;

/** `fetch` with the token, where the server wants one. */
const fetchFn = (input, init = {}) => {
  const headers = new Headers(init.headers);
  if (token) headers.set("Authorization", `Bearer ${token}`);
  return fetch(input, { ...init, headers, signal: AbortSignal.timeout(10_000) });
};

const passed = { MUST: 0, SHOULD: 0, MAY: 0 };
let failed = 0;
for (const audit of serverAudits({ url, fetchFn })) {
  const result = await audit.fn();
  if (result.status === "ok") {
    passed[audit.name.split(" ")[0]] += 1;
  } else {
    failed += 1;
    console.error(`FAILED ${audit.id} ${audit.name}: ${result.reason}`);
  }
}
console.log(
  `graphql-http audit: passed ${passed.MUST} MUST, ${passed.SHOULD} SHOULD, ${passed.MAY} MAY; failed ${failed}`,
);
process.exitCode = failed === 0 && passed.MUST > 0 ? 0 : 1;
