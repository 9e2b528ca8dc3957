// Requests to the server: with the session's cookie, and an eye on whether that still opens anything.

import { Store } from "./store";

/** Whether the server wants somebody to sign in. It stays so: whoever comes next gets a page of their own. */
export const isSignedOut = new Store(false);

/** Marks what nobody has asked for just now: it keeps no session alive. */
export const BACKGROUND = { "X-Clinic-Background": "1" } as const;

export const fetchAsUser: typeof fetch = async (input, init) => {
  const headers = new Headers(init?.headers);
  // What is booked here says so in its history.
  headers.set("X-Clinic-Client", "desk");
  const response = await fetch(input, { ...init, headers, credentials: "same-origin" });
  if (response.status === 401) isSignedOut.set(true);
  return response;
};

/** A key under which one change is done once, however often it is sent. */
export function newKey(): string {
  // Not randomUUID, which there is only where the page came over https or from this machine.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `desk-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
