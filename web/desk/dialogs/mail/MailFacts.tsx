// To whom a mail is, about what, and what became of it.

import { becameOf, isRefused, patientOf, type WholeMail } from "../../data/mail";
import { linkTo, NOTHING_OPEN } from "../../route";
import { abbreviation, momentOf } from "../../time/words";

export function MailFacts({ mail, zone }: { mail: WholeMail; zone: string }) {
  const patient = patientOf(mail);
  const inWords = (moment: string, of = zone) => {
    const at = Date.parse(moment);
    return `${momentOf(at, of)} ${abbreviation(at, of)}`;
  };
  const { appointment, waitlistEntry, recipient, at, settledAt } = mail;
  const became = becameOf(mail, zone);
  return (
    <dl class="facts" data-refused={isRefused(mail) ? "" : undefined}>
      <dt>To</dt>
      <dd>
        {patient && (
          <a href={linkTo({ ...NOTHING_OPEN, view: "patients", patient: patient.id })} data-link>
            {patient.name}
          </a>
        )}
        {recipient ? (
          <small class="recipient">{recipient}</small>
        ) : (
          <small>The address that is known when it goes out</small>
        )}
      </dd>
      <dt>About</dt>
      <dd>
        {appointment && (
          <a href={linkTo({ visit: appointment.id })} data-link>
            {inWords(appointment.startsAt, appointment.provider.timeZone)}
          </a>
        )}
        {appointment && <small>{appointment.provider.name}</small>}
        {waitlistEntry && !appointment && (
          <a href={linkTo({ ...NOTHING_OPEN, view: "waitlist" })} data-link>
            A time for who waits
          </a>
        )}
      </dd>
      <dt>{mail.status === "PENDING" ? "Due" : "Happened"}</dt>
      <dd>{inWords(at)}</dd>
      {(became || settledAt) && (
        <>
          <dt>Outcome</dt>
          <dd class="became">
            {became}
            {settledAt && <small>{inWords(settledAt)}</small>}
          </dd>
        </>
      )}
    </dl>
  );
}
