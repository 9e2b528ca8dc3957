// What would be said to the booking, before it is tried.

import { isPolicy } from "../../data/changes";
import { useQuery } from "../../data/useQuery";
import { Explain } from "../../operations";

interface Asked {
  providerId: string;
  startsAt: string;
  patientId?: string;
  state: string;
  insurance: string;
  visitTypeId: string | null;
  durationMinutes: number | null;
}

interface Props {
  asked: Asked;
  /** The time is held for this booking: nothing that is against a time counts. */
  isHeld: boolean;
}

export function Foreseen({ asked, isHeld }: Props) {
  const { data } = useQuery(Explain, asked, { requestPolicy: "network-only" });
  const told = data?.explainTime;
  const reasons = (told?.reasons ?? []).filter(({ code }) => !isHeld || !(isPolicy(code) || code.startsWith("SLOT_")));
  if (reasons.length === 0) return null;
  return (
    <ul class="explained">
      {reasons.map(({ code, message }) => (
        <li key={code}>{message}</li>
      ))}
    </ul>
  );
}
