// Patients: looked up by name, e-mail or telephone, with what was and what is to come.

import { useClinic } from "../../data/clinic";
import { useQuery } from "../../data/useQuery";
import type { BookingStart } from "../../dialogs/booking/BookingDialog";
import { Patient } from "../../operations";
import { Note } from "../../parts/Note";
import { PatientSearch } from "../../parts/PatientSearch";
import { go, type Route } from "../../route";
import { PatientPage } from "./PatientPage";

interface Props {
  route: Route;
  onBooking: (start: BookingStart) => void;
}

export function PatientsView({ route, onBooking }: Props) {
  const { withPatients } = useClinic();
  const { data, error, again } = useQuery(Patient, route.patient ? { id: route.patient, withPatients } : null, {
    requestPolicy: "cache-and-network",
  });
  return (
    <div class="patients" data-chosen={route.patient ? "" : undefined}>
      <section class="patients-search" aria-label="Patients found">
        <h1>Patients</h1>
        <PatientSearch
          label="Look up"
          onChoose={({ id }) => go({ patient: id })}
          onType={() => route.patient && go({ patient: "" }, { replace: true })}
          isFocused={!route.patient}
        />
      </section>
      <section class="patients-page" aria-label="Patient" aria-live="polite">
        {!route.patient ? (
          <Note title="Nobody is looked up">
            <p>
              Type a name, an e-mail address or a telephone number. New patients are entered with their first booking.
            </p>
          </Note>
        ) : data?.patient ? (
          <PatientPage patient={data.patient} onBooking={onBooking} />
        ) : error ? (
          <Note title="The patient could not be loaded" isWrong>
            <p>{error.graphQLErrors[0]?.message ?? error.message}</p>
            <button type="button" onClick={again}>
              Try again
            </button>
          </Note>
        ) : data ? (
          <Note title="There is no such patient">
            <p>Or it is not yours to see.</p>
          </Note>
        ) : null}
      </section>
    </div>
  );
}
