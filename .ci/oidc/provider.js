// A real OpenID provider on loopback, whose keys can be rotated, and who counts what it is asked.

import { createServer } from "node:http";

import { SignJWT, exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

export const CLIENT_ID = "clinic";
/** With what a form has to write otherwise: it goes encoded into the header. */
export const CLIENT_SECRET = "a secret: with+plus/and 100%";

/** Who can sign in there: the password is anything. */
const ACCOUNTS = {
  "subject-ada": { email: "ada@clinic.example", email_verified: true, name: "Ada" },
  "subject-eve": { email: "eve@elsewhere.example", email_verified: true },
  "subject-unverified": { email: "ben@clinic.example", email_verified: false },
  "subject-other-ada": { email: "ada@clinic.example", email_verified: true },
  "subject-carla": { email: "carla@clinic.example", email_verified: true, clinic_role: "AUDITOR" },
  "subject-king": { email: "carla@clinic.example", email_verified: true, clinic_role: "KING" },
};

let made = 0;

async function newKeys() {
  made += 1;
  const keys = [];
  for (const [alg, options] of [
    ["RS256", {}],
    ["ES256", {}],
    ["EdDSA", { crv: "Ed25519" }],
  ]) {
    const { privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
    const jwk = { ...(await exportJWK(privateKey)), kid: `${alg}-${made}`, alg, use: "sig" };
    keys.push({ alg, kid: jwk.kid, privateKey, jwk });
  }
  return keys;
}

/** Starts a provider for a clinic that `redirectTo` names later. */
export async function startProvider() {
  const asked = new Map();
  let keys = await newKeys();
  let redirects = [];
  let provider;
  let isDown = false;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://here");
    asked.set(pathname, (asked.get(pathname) ?? 0) + 1);
    if (isDown) response.writeHead(503).end();
    else provider.callback()(request, response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Another site than the clinic's 127.0.0.1, as a provider is.
  const issuer = `http://localhost:${server.address().port}`;

  const build = () => {
    provider = new Provider(issuer, {
      clients: [
        {
          client_id: CLIENT_ID,
          client_secret: CLIENT_SECRET,
          redirect_uris: redirects,
          grant_types: ["authorization_code"],
          response_types: ["code"],
        },
      ],
      jwks: { keys: keys.map(({ jwk }) => jwk) },
      cookies: { keys: ["for these tests"] },
      claims: {
        openid: ["sub"],
        email: ["email", "email_verified"],
        profile: ["name", "clinic_role"],
      },
      // As the specification has it, the address is told to who asks for it by name.
      features: { claimsParameter: { enabled: true } },
      ttl: { Interaction: 600, Session: 600, Grant: 600, AuthorizationCode: 60, IdToken: 300, AccessToken: 300 },
      findAccount: (_context, id) => ({
        accountId: id,
        claims: () => ({ sub: id, ...ACCOUNTS[id] }),
      }),
    });
  };
  build();

  return {
    issuer,
    /** Where clinics live that it sends people back to. */
    redirectTo(clinics) {
      redirects = clinics.map((clinic) => `${clinic}/session/oidc/callback`);
      build();
    },
    /** How often that path was asked for. */
    asked: (path) => asked.get(path) ?? 0,
    /** Signs with other keys from now on. */
    async rotate() {
      keys = await newKeys();
      build();
    },
    set isDown(down) {
      isDown = down;
    },
    keys: () => keys,
    /** A token of this provider, or what passes for one. */
    token(claims = {}, { alg = "ES256", header = {}, key } = {}) {
      const signing = keys.find((one) => one.alg === alg);
      const now = Math.floor(Date.now() / 1000);
      const said = { iss: issuer, aud: CLIENT_ID, sub: "subject-ada", iat: now, exp: now + 300, ...claims };
      return new SignJWT(said)
        .setProtectedHeader({ alg, kid: signing?.kid, typ: "JWT", ...header })
        .sign(key ?? signing.privateKey);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
