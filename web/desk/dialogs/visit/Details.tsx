// What is known of a visit, its time on every clock that somebody concerned lives by.

import { linkTo, NOTHING_OPEN } from "../../route";
import { dateOf, momentOf, plainDate, spanOf, zoneInWords } from "../../time/words";
import type { KnownVisit } from "./VisitPanel";

/** By which door it was booked, in words. */
const DOORS: Record<NonNullable<KnownVisit["provenance"]>, string> = {
  GRAPHQL: "by GraphQL",
  REST: "by REST",
  DESK: "at the desk",
  PATIENT_LINK: "by the patient",
  WAITLIST: "from the waitlist",
  SERIES: "in a series",
};

export function Details({ visit }: { visit: KnownVisit }) {
  const [from, to] = [Date.parse(visit.startsAt), Date.parse(visit.endsAt)];
  const { provider, patient, patientTimeZone } = visit;
  const differs = patientTimeZone !== null && spanOf(from, to, patientTimeZone) !== spanOf(from, to, provider.timeZone);
  return (
    <dl class="facts">
      <dt>When</dt>
      <dd>
        <b>
          {dateOf(from, provider.timeZone)}, {spanOf(from, to, provider.timeZone)}
        </b>
        <small>
          {zoneInWords(from, provider.timeZone)}, {visit.durationMinutes} minutes
        </small>
        {differs && (
          <small>
            For the patient: {dateOf(from, patientTimeZone)}, {spanOf(from, to, patientTimeZone)},{" "}
            {zoneInWords(from, patientTimeZone)}
          </small>
        )}
        {visit.pendingStartsAt !== null && (
          <small class="pending-words">
            Being moved to {momentOf(Date.parse(visit.pendingStartsAt), provider.timeZone)}: both times are held until
            the scheduling service has answered
          </small>
        )}
      </dd>
      <dt>With</dt>
      <dd>
        {provider.name}
        {provider.credentials && `, ${provider.credentials}`}
      </dd>
      {patient && (
        <>
          <dt>Patient</dt>
          <dd>
            <a href={linkTo({ ...NOTHING_OPEN, view: "patients", patient: patient.id })} data-link>
              {patient.name}
            </a>
            <small>
              {[patient.email, patient.phone, patient.birthDate && `born ${plainDate(patient.birthDate)}`]
                .filter(Boolean)
                .join(" · ")}
            </small>
          </dd>
        </>
      )}
      <dt>For</dt>
      <dd>
        {visit.visitType?.name ?? "A visit"}
        {visit.reason && <small class="reason">“{visit.reason}”</small>}
      </dd>
      <dt>State, payer</dt>
      <dd>
        {visit.state} · {visit.insurance}
      </dd>
      {visit.cancelReason && (
        <>
          <dt>Cancelled because</dt>
          <dd>“{visit.cancelReason}”</dd>
        </>
      )}
      <dt>Booked</dt>
      <dd>
        {momentOf(Date.parse(visit.createdAt), provider.timeZone)}
        {visit.provenance && `, ${DOORS[visit.provenance]}`}
      </dd>
    </dl>
  );
}
