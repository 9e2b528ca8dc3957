// Lets the patient of a visit wait for an earlier time. The visit stays as it is until they accept one.

import { useState } from "preact/hooks";

import { WaitForm } from "../waitlist/WaitForm";
import type { KnownVisit } from "./VisitPanel";

export function WaitForEarlier({ visit: now, onDone }: { visit: KnownVisit; onDone: () => void }) {
  // As it was when the form was opened: an earlier time than that is waited for.
  const [visit] = useState(now);
  const { id, name } = visit.provider;
  const [providerId, setProvider] = useState<string | null>(id);
  return (
    <WaitForm
      title="Wait for an earlier time"
      wished={{ insteadOf: visit.id, providerId }}
      zone={visit.patientTimeZone}
      before={visit.startsAt}
      backTo="Leave it where it is"
      onBack={onDone}
    >
      <label>
        With
        <select
          value={providerId ?? ""}
          onChange={({ currentTarget }) => setProvider(currentTarget.value || null)}
        >
          <option value={id}>{name}</option>
          <option value="">Anybody who fits</option>
        </select>
      </label>
      <p class="hint">The visit stays as it is until an earlier time is accepted.</p>
    </WaitForm>
  );
}
