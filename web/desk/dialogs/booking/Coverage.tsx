// Where a known patient is this time, and under which insurance: as last time, unless said.

import { useState } from "preact/hooks";

import { CoverageFields } from "./CoverageFields";
import type { KnownPatient, Who } from "./who";

interface Props {
  patient: KnownPatient;
  start: Who | null;
  onDone: (coverage: { state: string; insurance: string }) => void;
  onOther: () => void;
}

export function Coverage({ patient, start, onDone, onOther }: Props) {
  const [state, setState] = useState(start?.state ?? patient.state);
  const [insurance, setInsurance] = useState(start?.insurance ?? patient.insurance);
  return (
    <form
      class="inline-form"
      onSubmit={(event) => {
        event.preventDefault();
        onDone({ state, insurance });
      }}
    >
      <p class="chosen">
        <b>{patient.name}</b>
        <small>{[patient.email, patient.phone].filter(Boolean).join(" · ")}</small>
        <button type="button" class="quiet" onClick={onOther}>
          Somebody else
        </button>
      </p>
      <CoverageFields state={state} insurance={insurance} onState={setState} onInsurance={setInsurance} />
      <div class="actions">
        <button type="submit" class="primary" autofocus>
          Next: with whom
        </button>
      </div>
    </form>
  );
}
