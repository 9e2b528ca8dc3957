// Tokens of the clinic's own identity provider at every door, those that are forged among them.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";

import { SignJWT, exportJWK, exportSPKI, generateKeyPair, importJWK } from "jose";
import { WebSocket } from "ws";

import { startClinic } from "../browser/support.js";
import { API_TOKEN, graphql, invite, settingsOf } from "./clinic.js";
import { startProvider } from "./provider.js";

let provider, other, clinic, byClaim, ada;

before(async () => {
  [provider, other] = await Promise.all([startProvider(), startProvider()]);
  [clinic, byClaim] = await Promise.all([
    startClinic(settingsOf(provider)),
    startClinic({ ...settingsOf(provider), OIDC_AUDIENCE: "api://clinic", OIDC_ROLE_CLAIM: "clinic_role" }),
  ]);
  ada = await invite(clinic.url, "Ada Quist", "ada@clinic.example", "SCHEDULER");
  await invite(byClaim.url, "Carla Ruiz", "carla@clinic.example", "ADMIN");
});
after(() =>
  Promise.all([clinic?.stop(), byClaim?.stop()]).then(() => Promise.all([provider?.stop(), other?.stop()])),
);

const VIEWER = "{ viewer { kind name role } }";
const LINK = { email: "Ada@clinic.example", email_verified: true };

async function who(url, token) {
  const { status, body } = await graphql(url, token, VIEWER);
  return status === 200 ? body.data.viewer : status;
}

/** What a REST request is answered. */
async function rest(token, path = "/appointments?from=2027-01-01&to=2027-01-02") {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const response = await fetch(`${clinic.url}${path}`, { headers });
  return { status: response.status, body: await response.json().catch(() => null) };
}

/** With what a WebSocket that says `token` is answered: an answer, or the code it is closed with. */
function overWebSocket(token) {
  const socket = new WebSocket(`${clinic.url.replace("http", "ws")}/graphql/ws`, "graphql-transport-ws");
  return new Promise((resolve, reject) => {
    const say = (message) => socket.send(JSON.stringify(message));
    socket.on("open", () => say({ type: "connection_init", payload: { Authorization: `Bearer ${token}` } }));
    socket.on("message", (data) => {
      const message = JSON.parse(data);
      if (message.type === "connection_ack") say({ type: "subscribe", id: "1", payload: { query: VIEWER } });
      if (message.type === "next") {
        resolve(message.payload.data.viewer);
        socket.close();
      }
    });
    socket.on("close", (code) => resolve(code));
    socket.on("error", reject);
  });
}

test("a token with the verified address of somebody who was invited links them, once", async () => {
  assert.equal(await who(clinic.url, await provider.token()), 401, "nobody is linked yet");
  const unverified = { email: LINK.email, email_verified: false };
  assert.equal(await who(clinic.url, await provider.token(unverified)), 401);
  const expected = { kind: "PERSON", name: "Ada Quist", role: "SCHEDULER" };
  assert.deepEqual(await who(clinic.url, await provider.token(LINK)), expected);
  // From now on they are known by their subject, and by nothing else.
  assert.deepEqual(await who(clinic.url, await provider.token()), expected);
  assert.deepEqual(await who(clinic.url, await provider.token({ email: "new@clinic.example", email_verified: true })), expected);
  assert.equal(await who(clinic.url, await provider.token({ ...LINK, sub: "another" })), 401);
});

test("every algorithm counts, and at every door but the metrics", async () => {
  for (const alg of ["RS256", "ES256", "EdDSA"]) {
    const token = await provider.token(LINK, { alg });
    assert.equal((await who(clinic.url, token)).name, "Ada Quist", alg);
    assert.equal((await rest(token)).status, 200, alg);
    assert.equal((await overWebSocket(token)).name, "Ada Quist", alg);
  }
  const token = await provider.token(LINK);
  const guarded = await startClinic({ ...settingsOf(provider), METRICS_TOKEN: "metrics-token-0123456789" });
  try {
    const response = await fetch(`${guarded.url}/metrics`, { headers: { Authorization: `Bearer ${token}` } });
    assert.equal(response.status, 401);
  } finally {
    await guarded.stop();
  }
});

test("whatever is wrong with a token is refused in the same words", async () => {
  const nothing = await rest(undefined);
  assert.equal(nothing.status, 401);
  const now = Math.floor(Date.now() / 1000);
  const rsa = provider.keys().find(({ alg }) => alg === "RS256");
  const { d, p, q, dp, dq, qi, ...publicJwk } = rsa.jwk;
  const pem = await exportSPKI(await importJWK(publicJwk, "RS256"));
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: provider.issuer, aud: "clinic", sub: "subject-ada", exp: now + 300 };
  const hs256 = `${part({ alg: "HS256", typ: "JWT", kid: rsa.kid })}.${part(claims)}`;
  const forged = `${hs256}.${createHmac("sha256", pem).update(hs256).digest("base64url")}`;
  const none = `${part({ alg: "none" })}.${part(claims)}.`;
  const mine = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(mine.publicKey);
  const right = await provider.token();
  const refused = {
    "another issuer": await provider.token({ iss: "https://evil.example" }),
    "another provider's": await other.token({ iss: provider.issuer }),
    "another audience": await provider.token({ aud: "another" }),
    "alg none": none,
    "HS256 under the public key": forged,
    "RS256 under the name of an ES256 key": await provider.token({}, { alg: "ES256", header: { alg: "RS256" }, key: rsa.privateKey }),
    expired: await provider.token({ exp: now - 31, iat: now - 400 }),
    "not yet valid": await provider.token({ nbf: now + 60 }),
    "from the future": await provider.token({ iat: now + 60 }),
    "unknown key": await provider.token({}, { header: { kid: "unknown" } }),
    "its own key": await provider.token({}, { header: { kid: "mine", jwk }, key: mine.privateKey }),
    "signed by nobody": await provider.token({}, { key: mine.privateKey }),
    "no subject": await provider.token({ sub: undefined }),
    "no end": await provider.token({ exp: undefined }),
    "somebody else": await provider.token({ sub: "subject-eve" }),
    "a changed payload": right.replace(/\.[^.]+\./, `.${part({ ...claims, sub: "subject-eve" })}.`),
    "a logout token": await provider.token({ events: {} }, { header: { typ: "logout+jwt" } }),
  };
  for (const [what, token] of Object.entries(refused)) {
    const { status, body } = await rest(token);
    assert.equal(status, 401, what);
    assert.deepEqual(body, nothing.body, what);
    assert.equal((await graphql(clinic.url, token, VIEWER)).status, 401, what);
    assert.equal(await overWebSocket(token), 4403, what);
  }
  assert.equal((await who(clinic.url, right)).name, "Ada Quist", "and a right one counts all the time");
});

test("a role claim alone gives the role; an unknown one, and a token for others, are refused", async () => {
  const carla = { email: "carla@clinic.example", email_verified: true, sub: "subject-carla" };
  const as = async (clinic_role, aud = ["api://clinic", "clinic"]) =>
    who(byClaim.url, await provider.token({ ...carla, aud, clinic_role }));
  assert.equal(await as("KING"), 401);
  assert.equal(await as(undefined), 401);
  assert.equal(await as(["VIEWER", "ADMIN"]), 401);
  assert.equal(await as("CLINICIAN"), 401, "they are no provider");
  assert.equal(await as("VIEWER", "clinic"), 401, "it is not for the API");
  assert.deepEqual(await as("VIEWER"), { kind: "PERSON", name: "Carla Ruiz", role: "VIEWER" });
  assert.deepEqual(await as(["AUDITOR"], "api://clinic"), { kind: "PERSON", name: "Carla Ruiz", role: "AUDITOR" });
});

test("a live connection ends with its token, and who is disabled is refused at once", async () => {
  const now = Math.floor(Date.now() / 1000);
  const token = await provider.token({ iat: now - 300, exp: now - 24 });
  const socket = new WebSocket(`${clinic.url.replace("http", "ws")}/graphql/ws`, "graphql-transport-ws");
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.on("open", () =>
    socket.send(JSON.stringify({ type: "connection_init", payload: { Authorization: `Bearer ${token}` } })));
  const [acknowledged] = await Promise.all([
    new Promise((resolve) => socket.once("message", (data) => resolve(JSON.parse(data).type))),
  ]);
  assert.equal(acknowledged, "connection_ack");
  assert.equal(await closed, 4403);

  const disable = `mutation { disablePerson(input: { id: "${ada}" }) { error { code } } }`;
  const { body } = await graphql(clinic.url, API_TOKEN, disable);
  assert.equal(body.data.disablePerson.error, null);
  assert.equal(await who(clinic.url, await provider.token()), 401);
});

test("keys are rotated, and a flood of unknown ones is asked for once a minute at most", async () => {
  const fresh = await startClinic(settingsOf(provider));
  try {
    await invite(fresh.url, "Ada Quist", "ada@clinic.example", "VIEWER");
    const before = provider.asked("/jwks");
    const old = await provider.token(LINK);
    assert.equal((await who(fresh.url, old)).role, "VIEWER");
    assert.equal(provider.asked("/jwks"), before + 1);
    const began = Date.now();

    const unknown = (number) => provider.token({}, { header: { kid: `unknown-${number}` } });
    const flood = await Promise.all(Array.from({ length: 200 }, (_, number) => unknown(number)));
    const answers = await Promise.all(flood.map((token) => who(fresh.url, token)));
    assert.deepEqual(new Set(answers), new Set([401]));
    assert.equal(provider.asked("/jwks"), before + 1);

    await provider.rotate();
    const rotated = await provider.token(LINK);
    let answer = await who(fresh.url, rotated);
    while (answer === 401 && Date.now() < began + 75_000) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      answer = await who(fresh.url, rotated);
    }
    assert.equal(answer.role, "VIEWER");
    assert.ok(Date.now() >= began + 59_000, "not before the minute was over");
    assert.equal(provider.asked("/jwks"), before + 2);
    assert.equal(await who(fresh.url, old), 401, "the old key is gone");

    // What is known is kept while the provider is down.
    provider.isDown = true;
    assert.equal((await who(fresh.url, rotated)).role, "VIEWER");
  } finally {
    provider.isDown = false;
    await fresh.stop();
  }
});
