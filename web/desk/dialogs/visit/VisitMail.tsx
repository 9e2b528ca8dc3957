// What the patient of a visit was and is to be told by mail, in short, and whether that went wrong.

import { isRefused, KINDS, lastTried, type ShortMail, STATUS } from "../../data/mail";
import { linkTo, NOTHING_OPEN } from "../../route";
import { momentOf, zoneInWords } from "../../time/words";
import type { KnownVisit } from "./VisitPanel";

/** That the last mail came back: whoever looks at the visit is the one to do something. */
export function MailWarning({ visit, mails }: { visit: KnownVisit; mails: ShortMail[] }) {
  const last = lastTried(mails);
  if (!last || !isRefused(last)) return null;
  return (
    <div class="refused" role="alert" data-mail-refused>
      <p class="refused-why">The last mail was refused: the patient may not know of this</p>
      <p>
        <a href={linkTo({ ...NOTHING_OPEN, view: "mail", mail: last.id, mailOf: visit.id, mailStatus: "" })} data-link>
          {KINDS[last.kind]}
        </a>
        {last.recipient && ` to ${last.recipient}`}.{" "}
        {visit.patient && (
          <a href={linkTo({ ...NOTHING_OPEN, view: "patients", patient: visit.patient.id })} data-link>
            Correct the address
          </a>
        )}
      </p>
    </div>
  );
}

export function VisitMail({ visit, mails }: { visit: KnownVisit; mails: ShortMail[] }) {
  const first = mails[0];
  if (!first) return null;
  const { timeZone } = visit.provider;
  return (
    <details class="history" open>
      <summary>Mail, {zoneInWords(Date.parse(first.at), timeZone)}</summary>
      <ol>
        {mails.map((mail) => (
          <li key={mail.id} data-refused={isRefused(mail) ? "" : undefined}>
            <b>{KINDS[mail.kind]}</b>
            <small>
              {STATUS[mail.status]}
              {isRefused(mail) && ", refused"} · {momentOf(Date.parse(mail.settledAt ?? mail.at), timeZone)}
            </small>
          </li>
        ))}
      </ol>
      <p class="mail-link">
        <a href={linkTo({ ...NOTHING_OPEN, view: "mail", mailOf: visit.id, mailStatus: "" })} data-link>
          What it says, and links
        </a>
      </p>
    </details>
  );
}
