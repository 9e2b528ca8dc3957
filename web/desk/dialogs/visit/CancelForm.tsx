// Cancels a visit, with the reason for its history.

import { useState } from "preact/hooks";

import { cancel, type Refusal } from "../../data/changes";
import { useClinic } from "../../data/clinic";
import { say } from "../../data/toasts";
import { titleOf } from "../../data/visits";
import { Refused } from "../../parts/Refused";
import type { KnownVisit } from "./VisitPanel";

export function CancelForm({ visit: now, onDone }: { visit: KnownVisit; onDone: () => void }) {
  // As it was when the form was opened: what somebody else does meanwhile is not overwritten.
  const [visit] = useState(now);
  const { withPatients } = useClinic();
  const [reason, setReason] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const outcome = await cancel(visit, reason.trim(), withPatients);
    setBusy(false);
    if (!outcome.done) return setRefusal(outcome.refusal);
    say(`${titleOf(visit)}: cancelled`);
    return onDone();
  };
  return (
    <form class="inline-form" onSubmit={(event) => void submit(event)}>
      <h3>Cancel this visit</h3>
      <label>
        Why
        <textarea
          rows={2}
          maxLength={1000}
          value={reason}
          placeholder="As the patient said it"
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </label>
      <p class="hint">The time is free again at once. This can’t be undone: the visit would be booked anew.</p>
      {refusal && <Refused refusal={refusal} zone={visit.provider.timeZone} />}
      <div class="actions">
        <button type="submit" class="danger solid" disabled={isBusy}>
          Cancel the visit
        </button>
        <button type="button" onClick={onDone}>
          Keep it
        </button>
      </div>
    </form>
  );
}
