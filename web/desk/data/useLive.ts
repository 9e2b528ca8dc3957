// Follows what happens: visits change in the cache by themselves; what changes of the roster is read again.

import { useEffect } from "preact/hooks";
import { pipe, subscribe } from "wonka";

import { RosterChanges, VisitChanges } from "../operations";
import { client } from "./client";
import { Store } from "./store";

/** The last change of the roster: of one provider, or of the clinic. */
export interface RosterChange {
  cursor: string;
  providerId: string | null;
}

export const rosterChange = new Store<RosterChange | null>(null);

export function useLive(withPatients: boolean | null): void {
  useEffect(() => {
    if (withPatients === null) return undefined;
    const visits = pipe(
      client.subscription(VisitChanges, { withPatients }),
      // The cache has taken it already.
      subscribe(() => undefined),
    );
    const roster = pipe(
      client.subscription(RosterChanges, {}),
      subscribe(({ data }) => {
        const event = data?.rosterChanged;
        if (event) rosterChange.set({ cursor: event.cursor, providerId: event.provider?.id ?? null });
      }),
    );
    return () => {
      visits.unsubscribe();
      roster.unsubscribe();
    };
  }, [withPatients]);
}

/** Calls `read` when the roster has changed; with nobody where it is the clinic's. */
export function useRosterChange(read: (providerId: string | null) => void, dependencies: unknown[]): void {
  useEffect(() => rosterChange.listen((change) => change && read(change.providerId)), dependencies);
}
