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

/** Changes of the roster come in crowds, when a file is applied: they are read together. */
const CROWD_MS = 150;
/** Of more providers than these everything is read at once. */
const MOST = 5;

/** Calls `read` for each provider that has changed; with nobody where it is the clinic, or many. */
export function useRosterChange(read: (providerId: string | null) => void, dependencies: unknown[]): void {
  useEffect(() => {
    const changed = new Set<string | null>();
    let timer = 0;
    const readAll = () => {
      const ids = changed.has(null) || changed.size > MOST ? [null] : [...changed];
      changed.clear();
      for (const id of ids) read(id);
    };
    const stop = rosterChange.listen((change) => {
      if (!change) return;
      changed.add(change.providerId);
      clearTimeout(timer);
      timer = setTimeout(readAll, CROWD_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, dependencies);
}
