// Somebody who was never here.

import { useState } from "preact/hooks";

import { CoverageFields } from "./CoverageFields";
import type { Who } from "./who";

type New = Extract<Who, { kind: "new" }>;

interface Props {
  name: string;
  start: New | null;
  onDone: (who: New) => void;
  onBack: () => void;
}

export function NewPatient({ name, start, onDone, onBack }: Props) {
  const empty: New = { kind: "new", name, email: "", phone: "", birthDate: "", state: "", insurance: "" };
  const [who, setWho] = useState<New>(start ?? empty);
  const set = (change: Partial<New>) => setWho((before) => ({ ...before, ...change }));
  return (
    <form
      class="inline-form"
      onSubmit={(event) => {
        event.preventDefault();
        onDone(who);
      }}
    >
      <label>
        Name
        <input
          required
          maxLength={200}
          autocomplete="off"
          value={who.name}
          onInput={({ currentTarget }) => set({ name: currentTarget.value })}
        />
      </label>
      <label>
        E-mail address
        <input
          required
          type="email"
          maxLength={254}
          autocomplete="off"
          value={who.email}
          onInput={({ currentTarget }) => set({ email: currentTarget.value })}
        />
      </label>
      <div class="pair">
        <label>
          Telephone <i>if given</i>
          <input
            type="tel"
            pattern=".*\d.*\d.*\d.*"
            title="Three digits at least"
            maxLength={50}
            autocomplete="off"
            value={who.phone}
            onInput={({ currentTarget }) => set({ phone: currentTarget.value })}
          />
        </label>
        <label>
          Born <i>if given</i>
          <input
            type="date"
            value={who.birthDate}
            onInput={({ currentTarget }) => set({ birthDate: currentTarget.value })}
          />
        </label>
      </div>
      <CoverageFields
        state={who.state}
        insurance={who.insurance}
        onState={(state) => set({ state })}
        onInsurance={(insurance) => set({ insurance })}
      />
      <div class="actions">
        <button type="submit" class="primary">
          Next: with whom
        </button>
        <button type="button" onClick={onBack}>
          Look for a patient
        </button>
      </div>
    </form>
  );
}
