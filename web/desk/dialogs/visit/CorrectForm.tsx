// Corrects what is written down of a visit: why, of which type, and for which state and insurance.

import { useState } from "preact/hooks";

import { change, type Refusal } from "../../data/changes";
import { useClinic } from "../../data/clinic";
import { newKey } from "../../data/fetching";
import { say } from "../../data/toasts";
import { titleOf } from "../../data/visits";
import { Correct } from "../../operations";
import { Refused } from "../../parts/Refused";
import { CoverageFields } from "../booking/CoverageFields";
import type { KnownVisit } from "./VisitPanel";

export function CorrectForm({ visit: now, onDone }: { visit: KnownVisit; onDone: () => void }) {
  // As it was when the form was opened: what somebody else does meanwhile is not overwritten.
  const [visit] = useState(now);
  const { withPatients, visitTypes } = useClinic();
  const [state, setState] = useState(visit.state);
  const [insurance, setInsurance] = useState(visit.insurance);
  const [visitTypeId, setVisitType] = useState(visit.visitType?.id ?? "");
  const [reason, setReason] = useState(visit.reason ?? "");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    // What stays is left out, for a provider is matched anew by what is said.
    const outcome = await change(Correct, {
      input: {
        id: visit.id,
        ...(state !== visit.state && { state }),
        ...(insurance !== visit.insurance && { insurance }),
        ...(visitTypeId !== (visit.visitType?.id ?? "") && { visitTypeId: visitTypeId || null }),
        ...(reason !== (visit.reason ?? "") && { reason: reason.trim() || null }),
        expectedVersion: visit.version,
        idempotencyKey: newKey(),
      },
      withPatients,
    });
    setBusy(false);
    if (!outcome.done) return setRefusal(outcome.refusal);
    say(`${titleOf(visit)}: corrected`);
    return onDone();
  };
  const offered = [...visitTypes.values()].filter(({ id, active }) => active || id === visitTypeId);
  return (
    <form class="inline-form" onSubmit={(event) => void submit(event)}>
      <h3>Correct this visit</h3>
      {offered.length > 0 && (
        <label>
          Visit type
          <select value={visitTypeId} onChange={({ currentTarget }) => setVisitType(currentTarget.value)}>
            <option value="">Not said</option>
            {offered.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        Why the patient comes
        <input maxLength={1000} value={reason} onInput={({ currentTarget }) => setReason(currentTarget.value)} />
      </label>
      <CoverageFields state={state} insurance={insurance} onState={setState} onInsurance={setInsurance} />
      <p class="hint">Its time and its length stay.</p>
      {refusal && <Refused refusal={refusal} zone={visit.provider.timeZone} />}
      <div class="actions">
        <button type="submit" class="primary" disabled={isBusy}>
          Save
        </button>
        <button type="button" onClick={onDone}>
          Leave it
        </button>
      </div>
    </form>
  );
}
