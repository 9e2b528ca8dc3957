// Mails as a table: when, what, to whom, and what became of each.

import { becameOf, isRefused, KINDS, type Mail, patientOf, STATUS } from "../../data/mail";
import { go, linkTo, NOTHING_OPEN } from "../../route";
import { abbreviation, momentOf, zoneInWords } from "../../time/words";

export function MailTable({ mails, zone }: { mails: Mail[]; zone: string }) {
  return (
    <table class="list">
      <caption>Times are those of {zoneInWords(Date.now(), zone)}.</caption>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">What</th>
          <th scope="col">To whom</th>
          <th scope="col">Status</th>
          <th scope="col">What became of it</th>
        </tr>
      </thead>
      <tbody>
        {mails.map((mail) => (
          <tr key={mail.id} data-mail={mail.status} data-refused={isRefused(mail) ? "" : undefined}>
            <th scope="row">
              <button
                type="button"
                class="quiet"
                aria-label={`${KINDS[mail.kind]}, ${momentOf(Date.parse(mail.at), zone)}`}
                onClick={() => go({ mail: mail.id })}
              >
                {momentOf(Date.parse(mail.at), zone)}
              </button>
            </th>
            <td>
              {KINDS[mail.kind]}
              <Visit mail={mail} />
            </td>
            <td>
              <Recipient mail={mail} />
            </td>
            <td>
              <span class="pill">{STATUS[mail.status]}</span>
            </td>
            <td class="became">{becameOf(mail, zone)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The visit that it is about, on the clock of who is visited. */
function Visit({ mail: { appointment } }: { mail: Mail }) {
  if (!appointment) return null;
  const { startsAt, provider } = appointment;
  const at = Date.parse(startsAt);
  return (
    <small>
      {momentOf(at, provider.timeZone)} {abbreviation(at, provider.timeZone)}, {provider.name}
    </small>
  );
}

function Recipient({ mail }: { mail: Mail }) {
  const patient = patientOf(mail);
  return (
    <>
      {patient && (
        <a href={linkTo({ ...NOTHING_OPEN, view: "patients", patient: patient.id })} data-link>
          {patient.name}
        </a>
      )}
      {mail.recipient && (
        <small class="recipient">
          {isRefused(mail) && "✕\u00a0"}
          {mail.recipient}
        </small>
      )}
    </>
  );
}
