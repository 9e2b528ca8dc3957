// Who: found as one types, or new.

import { useEffect, useState } from "preact/hooks";

import { useQuery } from "../../data/useQuery";
import { Patient } from "../../operations";
import { PatientSearch } from "../../parts/PatientSearch";
import { Coverage } from "./Coverage";
import { NewPatient } from "./NewPatient";
import type { KnownPatient, Who } from "./who";

interface Props {
  start: Who | null;
  patientId?: string | undefined;
  onDone: (who: Who) => void;
}

export function WhoStep({ start, patientId, onDone }: Props) {
  const [known, setKnown] = useState<KnownPatient | null>(start?.kind === "known" ? start.patient : null);
  const [newName, setNewName] = useState<string | null>(start?.kind === "new" ? start.name : null);
  const asked = useQuery(Patient, patientId && !known && !start ? { id: patientId, withPatients: true } : null);
  const found = asked.data?.patient;
  useEffect(() => {
    if (found) setKnown(found);
  }, [found?.id]);

  if (known) {
    return (
      <Coverage
        patient={known}
        start={start}
        onDone={(coverage) => onDone({ kind: "known", patient: known, ...coverage })}
        onOther={() => setKnown(null)}
      />
    );
  }
  if (newName !== null) {
    return (
      <NewPatient
        name={newName}
        start={start?.kind === "new" ? start : null}
        onDone={onDone}
        onBack={() => setNewName(null)}
      />
    );
  }
  return <PatientSearch label="Patient" onChoose={setKnown} onNew={setNewName} isFocused />;
}
