// How near the page is to what is so now.

import { live } from "../data/client";
import { useStore } from "../data/store";
import type { Status } from "../live/messages";
import { timeOf } from "../time/words";
import { here } from "../time/zone";

function words(status: Status): { text: string; detail: string } {
  switch (status.state) {
    case "connecting":
      return { text: "Connecting …", detail: "The page is being connected" };
    case "live":
      return { text: "Live", detail: "Every change by anybody is shown as it happens" };
    case "away": {
      const since = timeOf(status.since, here());
      return { text: `Away since ${since}, reconnecting …`, detail: `What is shown is as it was at ${since}` };
    }
    case "catching-up":
      return { text: `Was away since ${timeOf(status.since, here())}, catching up …`, detail: "" };
  }
}

export function LiveStatus() {
  const status = useStore(live.status);
  const { text, detail } = words(status);
  return (
    <p class="live" data-state={status.state} role="status" title={detail}>
      <span class="live-dot" />
      {text}
    </p>
  );
}
