// Loads what hardly changes, after taking down where the logs stand, and reads it again when it changes.

import { useEffect, useState } from "preact/hooks";

import { Clinic as ClinicQuery } from "../operations";
import { client, live } from "./client";
import { type Answered, type Clinic, clinicOf, type Provider } from "./clinic";
import { BACKGROUND } from "./fetching";
import { useStore } from "./store";
import { useRosterChange } from "./useLive";

async function ask(after: string | null): Promise<Answered> {
  const context = { requestPolicy: "network-only", fetchOptions: { headers: BACKGROUND } } as const;
  const { data, error } = await client.query(ClinicQuery, { after }, context).toPromise();
  if (!data) throw error ?? new Error("The clinic could not be loaded");
  return data;
}

async function load(): Promise<Clinic> {
  const providers: Provider[] = [];
  let after: string | null = null;
  for (;;) {
    const answered: Answered = await ask(after);
    const { nodes = [], pageInfo } = answered.providers ?? {};
    providers.push(...nodes);
    if (!pageInfo?.hasNextPage) return clinicOf(answered, providers);
    after = pageInfo.endCursor;
  }
}

const isSame = ({ viewer: before }: Clinic, { viewer: now }: Clinic): boolean =>
  before.kind === now.kind && before.name === now.name && before.role === now.role;

export function useClinicData(): { clinic: Clinic | null; error: string | null; again: () => void } {
  const [clinic, setClinic] = useState<Clinic | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  const resets = useStore(live.resets);
  useEffect(() => {
    let isOver = false;
    const ready = clinic === null ? live.begin() : Promise.resolve();
    ready
      .then(load)
      .then((loaded) => {
        if (isOver) return;
        // Somebody else has signed in meanwhile, or may do other things: they begin afresh.
        if (clinic && !isSame(clinic, loaded)) return location.reload();
        setClinic(loaded);
        setError(null);
      })
      .catch((cause: Error) => {
        if (!isOver && clinic === null) setError(cause.message);
      });
    return () => {
      isOver = true;
    };
  }, [tries, resets]);
  const again = () => setTries((count) => count + 1);
  useRosterChange(again, []);
  // Streams are cut when rights change: whoever is back asks what they are.
  useEffect(() => {
    let wasAway = false;
    return live.status.listen(({ state }) => {
      if (state === "live" && wasAway) again();
      wasAway = state === "away" || (wasAway && state !== "live");
    });
  }, []);
  return { clinic, error, again };
}
