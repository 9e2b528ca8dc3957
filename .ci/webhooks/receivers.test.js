// The receivers of docs/webhooks.md, as they stand there, and the specification's own libraries of two languages, are
// told what happens to visits by the server.

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Webhook } from "standardwebhooks";

import { startClinic } from "../browser/support.js";

const DOCUMENT = readFileSync(fileURLToPath(new URL("../../docs/webhooks.md", import.meta.url)), "utf8");
const FILES = { python: "receiver.py", javascript: "receiver.mjs", java: "Receiver.java" };
const RUN = { python: "python3", javascript: process.execPath, java: "java" };

const folder = mkdtempSync(join(tmpdir(), "clinic-webhooks-"));
const children = [];
let clinic;

before(async () => {
  clinic = await startClinic({ WEBHOOK_ALLOW_PRIVATE: "true" });
});
after(async () => {
  for (const child of children) child.kill("SIGKILL");
  await clinic?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function graphql(query, variables = {}) {
  const response = await fetch(`${clinic.url}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const body = await response.json();
  assert.equal(body.errors, undefined, JSON.stringify(body));
  return body.data;
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Asks until it is so, for 20 seconds. */
async function until(look) {
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("it never came");
}

/** What the endpoint at that port was told, once something was. */
async function endpoint(port) {
  const { createWebhookEndpoint: made } = await graphql(
    `mutation ($input: CreateWebhookEndpointInput!) {
       createWebhookEndpoint(input: $input) { endpoint { id } secret error { code } } }`,
    { input: { url: `http://127.0.0.1:${port}/clinic-events` } },
  );
  assert.equal(made.error, null);
  return { id: made.endpoint.id, secret: made.secret };
}

const trial = async (id) => {
  const { sendTestWebhook: sent } = await graphql(
    `mutation ($input: SendTestWebhookInput!) {
       sendTestWebhook(input: $input) { delivery { outcome responseStatus } error { code } } }`,
    { input: { endpointId: id } },
  );
  return sent.delivery;
};

let patients = 0;
async function book() {
  patients += 1;
  const patient = { name: `Pat ${patients}`, email: `p${patients}@example.com`, state: "CT", insurance: "Aetna" };
  const response = await fetch(`${clinic.url}/appointment`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ patient }),
  });
  assert.equal(response.status, 201);
  return (await response.json()).appointment_id;
}

/** A receiver of the documentation, in that language, with the lines that it says. */
async function start(language, secret, port) {
  const [, text] = DOCUMENT.match(new RegExp("```" + language + " receiver\n([\\s\\S]*?)```")) ?? [];
  assert.ok(text, `docs/webhooks.md has no receiver in ${language}`);
  const file = join(folder, FILES[language]);
  writeFileSync(file, text);
  const child = spawn(RUN[language], [file], {
    env: { ...process.env, WEBHOOK_SECRET: secret, PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const lines = [];
  createInterface(child.stdout).on("line", (line) => lines.push(line));
  return lines;
}

for (const language of Object.keys(FILES)) {
  const missing = spawnSync(RUN[language], ["-version"]).error !== undefined;
  test(`the receiver in ${language} takes what is genuine and refuses what is not`, { skip: missing && `${RUN[language]} is missing` }, async () => {
    const port = await freePort();
    const { id, secret } = await endpoint(port);
    const lines = await start(language, secret, port);
    await until(async () => (await trial(id)).outcome === "ACCEPTED");
    const visit = await book();
    await until(() => lines.filter((line) => line.includes(visit)).length === 2);
    const body = JSON.parse(lines.at(-1).replace(/^\S+ /, ""));
    assert.deepEqual([body.type, body.data.status], ["appointment.confirmed", "CONFIRMED"]);
    const forged = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      headers: {
        "webhook-id": body.id,
        "webhook-timestamp": String(Math.floor(Date.now() / 1000)),
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
      },
      body: JSON.stringify(body),
    });
    assert.equal(forged.status, 401);
    await graphql(`mutation ($id: ID!) { deleteWebhookEndpoint(input: { id: $id }) { error { code } } }`, { id });
  });
}

test("the libraries of the specification verify what is sent, in JavaScript and in Python", async () => {
  const { createServer: http } = await import("node:http");
  const came = [];
  const server = http(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    came.push({ headers: request.headers, body });
    response.writeHead(204).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { id, secret } = await endpoint(server.address().port);
    const visit = await book();
    await until(() => came.filter((one) => one.body.includes(visit)).length === 2);
    await graphql(`mutation ($id: ID!) { rotateWebhookSecret(input: { id: $id }) { error { code } } }`, { id });
    assert.equal((await trial(id)).outcome, "ACCEPTED");
    const python = process.env.WEBHOOK_PYTHON;
    for (const { headers, body } of came) {
      assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
      assert.throws(() => new Webhook(secret).verify(body.replace("{", "{ "), headers));
      if (python) {
        const script =
          "import json, sys; from standardwebhooks.webhooks import Webhook; one = json.load(sys.stdin); Webhook(one['secret']).verify(one['body'], one['headers'])";
        execFileSync(python, ["-c", script], { input: JSON.stringify({ secret, headers, body }) });
      }
    }
    assert.ok(came.length >= 3);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
