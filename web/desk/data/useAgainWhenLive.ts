// What failed while the server was away is asked for again when it is back.

import { useEffect } from "preact/hooks";

import { live } from "./client";

export function useAgainWhenLive(hasFailed: boolean, again: () => void): void {
  useEffect(() => {
    if (!hasFailed) return undefined;
    return live.status.listen(({ state }) => state === "live" && again());
  }, [hasFailed, again]);
}
