// The clock that somebody lives by who is to be seen.

import { useState } from "preact/hooks";

import { useQuery } from "../../data/useQuery";
import { FirstFree } from "../../operations";
import type { Who } from "../booking/who";

/** The patient's own, where it is one of the state they are in; else that of the state; null until it is known. */
export function usePatientZone(who: Who): string | null {
  const [after] = useState(() => new Date().toISOString());
  const { state, insurance } = who;
  const own = who.kind === "known" && who.patient.state === state ? who.patient.timeZone : null;
  // Whatever is free says what the clock of the state shows then.
  const { data } = useQuery(FirstFree, own === null ? { after, state, insurance } : null);
  return own ?? data?.firstAvailable?.patientTimeZone ?? null;
}
