// One mail: to whom and about what it is, what became of it, what it says, and what can be done about it.

import { useState } from "preact/hooks";

import { askMail, KINDS, STATUS } from "../../data/mail";
import { usePolled } from "../../data/usePolled";
import { Dialog } from "../../parts/Dialog";
import { Note } from "../../parts/Note";
import { FreshLink } from "./FreshLink";
import { MailActions } from "./MailActions";
import { MailFacts } from "./MailFacts";
import { RevokeForm } from "./RevokeForm";
import { Said } from "./Said";

interface Props {
  id: string;
  zone: string;
  /** Something was done. */
  onDone: () => void;
  onClose: () => void;
}

export function MailPanel({ id, zone, onDone, onClose }: Props) {
  const { value: mail, error, again } = usePolled(id, (isRepeated) => askMail(id, isRepeated));
  const [isRevoking, setRevoking] = useState(false);
  const [link, setLink] = useState<string | null>(null);
  const done = () => {
    again();
    onDone();
  };
  const revoked = () => {
    setRevoking(false);
    setLink(null);
  };
  return (
    <Dialog kind="sheet" title={mail ? KINDS[mail.kind] : "Mail"} isInAddress onClose={onClose}>
      {mail ? (
        <>
          <p class="status-line" data-mail={mail.status}>
            <span class="pill">{STATUS[mail.status]}</span>
          </p>
          {error && (
            <p class="refused" role="alert">
              This is not up to date: {error}
            </p>
          )}
          <MailFacts mail={mail} zone={zone} />
          {isRevoking && mail.appointment ? (
            <RevokeForm
              appointmentId={mail.appointment.id}
              zone={zone}
              onRevoked={revoked}
              onCancel={() => setRevoking(false)}
            />
          ) : (
            <MailActions mail={mail} zone={zone} onLink={setLink} onRevoke={() => setRevoking(true)} onDone={done} />
          )}
          {link && <FreshLink key={link} url={link} />}
          {mail.content ? <Said content={mail.content} /> : <p class="hint">What it said is no longer kept.</p>}
        </>
      ) : error ? (
        <Note title="The mail could not be loaded" isWrong>
          <p>{error}</p>
          <button type="button" onClick={again}>
            Try again
          </button>
        </Note>
      ) : mail === null ? (
        <Note title="There is no such mail">
          <p>The link may be of another clinic, or the mail is not yours to see.</p>
        </Note>
      ) : (
        <p aria-busy="true">Loading …</p>
      )}
    </Dialog>
  );
}
