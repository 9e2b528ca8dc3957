// What can be done about a mail: it is sent again, or its patient gets another link, or none any more.

import { useState } from "preact/hooks";

import type { Outcome, Refusal } from "../../data/changes";
import { canBeSent, makeLink, sendAgain, type WholeMail } from "../../data/mail";
import { say } from "../../data/toasts";
import { Refused } from "../../parts/Refused";

interface Props {
  mail: WholeMail;
  zone: string;
  /** A link was made. */
  onLink: (url: string) => void;
  onRevoke: () => void;
  onDone: () => void;
}

export function MailActions({ mail, zone, onLink, onRevoke, onDone }: Props) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const attempt = async <T,>(doing: Promise<Outcome<T>>, done: (value: T) => void) => {
    setBusy(true);
    setRefusal(null);
    const outcome = await doing;
    setBusy(false);
    if (outcome.done) done(outcome.value);
    else setRefusal(outcome.refusal);
    return onDone();
  };
  // Nothing is left to be done about a visit by who is told that it is cancelled.
  const hasLink = mail.kind !== "CANCELLATION";
  return (
    <>
      <div class="actions" role="group" aria-label="What to do">
        {canBeSent(mail) && (
          <button
            type="button"
            disabled={isBusy}
            onClick={() => void attempt(sendAgain(mail), () => say("It is sent again"))}
          >
            Send again
          </button>
        )}
        {hasLink && (
          <button
            type="button"
            disabled={isBusy}
            onClick={() => void attempt(makeLink(mail), ({ url }) => url && onLink(url))}
          >
            Open a fresh link
          </button>
        )}
        {hasLink && mail.appointment && (
          <button type="button" class="danger" disabled={isBusy} onClick={onRevoke}>
            Revoke links …
          </button>
        )}
      </div>
      {refusal && <Refused refusal={refusal} zone={zone} />}
    </>
  );
}
