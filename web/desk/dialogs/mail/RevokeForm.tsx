// Asks whether it is meant, before the links to a visit open nothing any more.

import { useState } from "preact/hooks";

import type { Refusal } from "../../data/changes";
import { revokeLinks } from "../../data/mail";
import { say } from "../../data/toasts";
import { Refused } from "../../parts/Refused";

interface Props {
  appointmentId: string;
  zone: string;
  onRevoked: () => void;
  onCancel: () => void;
}

export function RevokeForm({ appointmentId, zone, onRevoked, onCancel }: Props) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const outcome = await revokeLinks(appointmentId);
    setBusy(false);
    if (!outcome.done) return setRefusal(outcome.refusal);
    say("The links to this visit open nothing any more");
    return onRevoked();
  };
  return (
    <form class="inline-form" onSubmit={(event) => void submit(event)}>
      <h3>Revoke the links to this visit</h3>
      <p>
        Links in mail about it, and those that were made here, open nothing any more. The visit stays as it is, and mail
        that is yet to come has a link of its own.
      </p>
      {refusal && <Refused refusal={refusal} zone={zone} />}
      <div class="actions">
        <button type="submit" class="danger solid" disabled={isBusy}>
          Revoke the links
        </button>
        <button type="button" autofocus onClick={onCancel}>
          Keep them
        </button>
      </div>
    </form>
  );
}
