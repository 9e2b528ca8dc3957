// A clinic whose people sign in at a provider, and what is asked of it.

import { CLIENT_ID, CLIENT_SECRET } from "./provider.js";

export const API_TOKEN = "sixteen-letters-or-more";

/** Closed, with an API token to set it up by. */
export const settingsOf = (provider) => ({
  ACCESS: "closed",
  API_TOKEN,
  OIDC_ISSUER: provider.issuer,
  OIDC_CLIENT_ID: CLIENT_ID,
  OIDC_CLIENT_SECRET: CLIENT_SECRET,
});

/** What the server answers to a GraphQL request of the bearer of `token`. */
export async function graphql(url, token, query, variables = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, body: await response.json() };
}

/** Adds somebody to the staff. */
export async function invite(url, name, email, role) {
  const { body } = await graphql(
    url,
    API_TOKEN,
    `mutation ($input: CreatePersonInput!) {
       createPerson(input: $input) { person { id } error { code message } } }`,
    { input: { name, email, role } },
  );
  const { person, error } = body.data?.createPerson ?? {};
  if (!person || error) throw new Error(JSON.stringify(body));
  return person.id;
}
