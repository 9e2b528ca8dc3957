// Corrects what is known of a patient.

import { useState } from "preact/hooks";

import { change, type Refusal } from "../../data/changes";
import { newKey } from "../../data/fetching";
import { say } from "../../data/toasts";
import { CoverageFields } from "../../dialogs/booking/CoverageFields";
import { CorrectPatient } from "../../operations";
import { Refused } from "../../parts/Refused";
import type { KnownPatient } from "./PatientPage";

export function PatientForm({ patient: now, onDone }: { patient: KnownPatient; onDone: () => void }) {
  // As it was when the form was opened: what somebody else does meanwhile is not overwritten.
  const [patient] = useState(now);
  const [fields, setFields] = useState({
    name: patient.name,
    email: patient.email,
    phone: patient.phone ?? "",
    birthDate: patient.birthDate ?? "",
    state: patient.state,
    insurance: patient.insurance,
    reminders: patient.reminders,
  });
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const set = (changed: Partial<typeof fields>) => setFields((before) => ({ ...before, ...changed }));
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const { phone, birthDate, ...said } = fields;
    const input = { id: patient.id, ...said, phone: phone || null, birthDate: birthDate || null };
    const outcome = await change(CorrectPatient, {
      input: { ...input, expectedVersion: patient.version, idempotencyKey: newKey() },
    });
    setBusy(false);
    if (!outcome.done) return setRefusal(outcome.refusal);
    say(`${fields.name}: corrected`);
    return onDone();
  };
  return (
    <form class="inline-form framed" onSubmit={(event) => void submit(event)}>
      <label>
        Name
        <input
          required
          maxLength={200}
          value={fields.name}
          onInput={({ currentTarget }) => set({ name: currentTarget.value })}
        />
      </label>
      <label>
        E-mail address
        <input
          required
          type="email"
          value={fields.email}
          onInput={({ currentTarget }) => set({ email: currentTarget.value })}
        />
      </label>
      <div class="pair">
        <label>
          Telephone
          <input
            type="tel"
            pattern=".*\d.*\d.*\d.*"
            title="Three digits at least"
            maxLength={50}
            value={fields.phone}
            onInput={({ currentTarget }) => set({ phone: currentTarget.value })}
          />
        </label>
        <label>
          Born
          <input
            type="date"
            value={fields.birthDate}
            onInput={({ currentTarget }) => set({ birthDate: currentTarget.value })}
          />
        </label>
      </div>
      <CoverageFields
        state={fields.state}
        insurance={fields.insurance}
        onState={(state) => set({ state })}
        onInsurance={(insurance) => set({ insurance })}
      />
      <p class="hint">Visits that are booked keep their state and insurance.</p>
      <label class="check">
        <input
          type="checkbox"
          checked={fields.reminders}
          onChange={({ currentTarget }) => set({ reminders: currentTarget.checked })}
        />
        Send reminders
      </label>
      {refusal && <Refused refusal={refusal} zone={patient.timeZone} />}
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
