// One patient.

import { useState } from "preact/hooks";

import { useClinic } from "../../data/clinic";
import type { ResultOf } from "../../data/graphql";
import { isPending, statusName } from "../../data/visits";
import type { BookingStart } from "../../dialogs/booking/BookingDialog";
import type { Patient } from "../../operations";
import { go } from "../../route";
import { useNow } from "../../time/now";
import { momentOf, abbreviation, plainDate } from "../../time/words";
import { PatientForm } from "./PatientForm";

export type KnownPatient = NonNullable<ResultOf<typeof Patient>["patient"]>;
type Visit = NonNullable<KnownPatient["appointments"]>["nodes"][number];

interface Props {
  patient: KnownPatient;
  onBooking: (start: BookingStart) => void;
}

export function PatientPage({ patient, onBooking }: Props) {
  const { may } = useClinic();
  const [isEditing, setEditing] = useState(false);
  const now = useNow();
  const visits = patient.appointments?.nodes ?? [];
  const isToCome = (visit: Visit) => Date.parse(visit.endsAt) > now && visit.status !== "CANCELLED";
  const toCome = visits.filter(isToCome);
  const past = visits.filter((visit) => !isToCome(visit)).reverse();
  return (
    <>
      <header class="patient-head">
        <h2>{patient.name}</h2>
        <div class="actions">
          {may("UPDATE_PATIENTS") && !isEditing && (
            <button type="button" onClick={() => setEditing(true)}>
              Correct …
            </button>
          )}
          {may("BOOK") && (
            <button type="button" class="primary" onClick={() => onBooking({ patientId: patient.id })}>
              Book
            </button>
          )}
        </div>
      </header>
      {isEditing ? (
        <PatientForm patient={patient} onDone={() => setEditing(false)} />
      ) : (
        <dl class="facts">
          <dt>E-mail</dt>
          <dd>
            <a href={`mailto:${patient.email}`}>{patient.email}</a>
          </dd>
          <dt>Telephone</dt>
          <dd>{patient.phone ?? "Not known"}</dd>
          <dt>Born</dt>
          <dd>{patient.birthDate ? plainDate(patient.birthDate) : "Not known"}</dd>
          <dt>State, payer</dt>
          <dd>
            {patient.state} · {patient.insurance}
          </dd>
          <dt>Reminders</dt>
          <dd>{patient.reminders ? "Sent before each visit" : "Not sent"}</dd>
          <dt>Lives by</dt>
          <dd>{patient.timeZone.replaceAll("_", " ")} time</dd>
        </dl>
      )}
      <Visits title="To come" visits={toCome} none="Nothing is booked." />
      <Visits title="Before" visits={past} none="No visits before." />
      {patient.appointments?.pageInfo.hasPreviousPage && <p class="hint">There are older visits than these 50.</p>}
    </>
  );
}

function Visits({ title, visits, none }: { title: string; visits: Visit[]; none: string }) {
  return (
    <section class="patient-visits">
      <h3>{title}</h3>
      {visits.length === 0 && <p class="hint">{none}</p>}
      <ul role="list">
        {visits.map((visit) => {
          const at = Date.parse(visit.startsAt);
          const { timeZone, name } = visit.provider;
          return (
            <li key={visit.id}>
              <button type="button" onClick={() => go({ visit: visit.id })}>
                <b>
                  {momentOf(at, timeZone)} {abbreviation(at, timeZone)}
                </b>
                <small>{[name, visit.visitType?.name].filter(Boolean).join(" · ")}</small>
                <span class="pill" data-status={visit.status} data-pending={isPending(visit) ? "" : undefined}>
                  {statusName(visit)}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
