// Follows the waitlist while somebody looks at it. One tab of the browser follows for all that do; unlike the
// logs it has no cursors, so that whoever was cut off reads the list again.

import { stringifyDocument } from "@urql/core";

import { shared } from "../data/address";
import { isSignedOut } from "../data/fetching";
import { WaitlistChanges } from "../operations";
import { pause } from "./follower";
import { stream } from "./stream";

/** Calls `changed` whenever the list may be another, and once it is followed. Answers how to stop. */
export function followWaitlist(changed: () => void): () => void {
  const stop = new AbortController();
  const channel = new BroadcastChannel(shared("waitlist"));
  channel.addEventListener("message", changed);
  const tell = () => {
    channel.postMessage(null);
    changed();
  };
  const lead = () => keepOpen(tell, stop.signal);
  // Locks are for pages over https, or of this machine; elsewhere each tab follows for itself.
  if (navigator.locks) {
    navigator.locks.request(shared("waitlist"), { signal: stop.signal }, lead).catch(() => undefined);
  } else void lead();
  return () => {
    stop.abort();
    channel.close();
  };
}

async function keepOpen(tell: () => void, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted && !isSignedOut.value) {
    const opened = () => {
      failures = 0;
      tell();
    };
    await listen(opened, tell, signal).catch(() => undefined);
    if (signal.aborted) return;
    await pause(failures, signal);
    failures += 1;
  }
}

/** Listens until it is cut off. */
async function listen(opened: () => void, tell: () => void, signal: AbortSignal): Promise<void> {
  const cut = new AbortController();
  const offline = () => cut.abort();
  addEventListener("offline", offline);
  try {
    const asked = { query: stringifyDocument(WaitlistChanges), variables: {} };
    const ears = { opened, heard: () => undefined, signal: AbortSignal.any([signal, cut.signal]) };
    for await (const { errors } of stream(asked, ears)) {
      if (errors) return;
      tell();
    }
  } finally {
    removeEventListener("offline", offline);
  }
}
