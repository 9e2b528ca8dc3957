// What can be done about somebody who waits: accept or decline for them what is offered, or take them off the list.

import { useState } from "preact/hooks";

import type { Outcome, Refusal } from "../../data/changes";
import { useClinic } from "../../data/clinic";
import { say } from "../../data/toasts";
import { statusName } from "../../data/visits";
import { accept, decline, type Entry, leave, nameOf, openOffer } from "../../data/waitlist";
import { Refused } from "../../parts/Refused";
import { go } from "../../route";

interface Props {
  entry: Entry;
  zone: string;
  /** Something was done: the list is another. */
  onDone: () => void;
}

export function Answers({ entry, zone, onDone }: Props) {
  const { withPatients } = useClinic();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isLeaving, setLeaving] = useState(false);
  const who = nameOf(entry);

  /** Does one thing, and tells what came of it. */
  const attempt = async <T,>(doing: Promise<Outcome<T>>, done: (value: T) => void) => {
    setBusy(true);
    setRefusal(null);
    const outcome = await doing;
    setBusy(false);
    if (!outcome.done) return setRefusal(outcome.refusal);
    done(outcome.value);
    return onDone();
  };
  const take = () =>
    attempt(accept(entry, withPatients), ({ appointment }) => {
      if (!appointment) return;
      const isOnItsWay = appointment.pendingStartsAt !== null;
      say(`${who}: ${entry.insteadOf && !isOnItsWay ? "moved" : statusName(appointment).toLowerCase()}`);
      go({ visit: appointment.id });
    });
  const turnDown = () => attempt(decline(entry, withPatients), () => say(`${who}: declined, and waits on`));
  const takeOff = () => attempt(leave(entry, withPatients), () => say(`${who}: waits no more`));

  if (isLeaving) {
    return (
      <form
        class="inline-form framed"
        onSubmit={(event) => {
          event.preventDefault();
          void takeOff();
        }}
      >
        <h3>Take {who} off the waitlist</h3>
        <p class="hint">
          What is offered to them is free at once. This can’t be undone: they would join again, as the last.
        </p>
        {refusal && <Refused refusal={refusal} zone={zone} />}
        <div class="actions">
          <button type="submit" class="danger solid" disabled={isBusy} autofocus>
            Take off the waitlist
          </button>
          <button type="button" onClick={() => setLeaving(false)}>
            Let them wait
          </button>
        </div>
      </form>
    );
  }
  const isOpen = openOffer(entry) !== null;
  // What was accepted is being booked: from now on it is a visit, and cancelled as one.
  if (entry.status === "OFFERED" && !isOpen) return null;
  return (
    <>
      {refusal && <Refused refusal={refusal} zone={zone} />}
      <div class="actions" role="group" aria-label={`What to do for ${who}`}>
        {isOpen && (
          <>
            <button type="button" class="primary" disabled={isBusy} onClick={() => void take()}>
              Accept
            </button>
            <button type="button" disabled={isBusy} onClick={() => void turnDown()}>
              Decline
            </button>
          </>
        )}
        <button type="button" class="danger" disabled={isBusy} onClick={() => setLeaving(true)}>
          Leave …
        </button>
      </div>
    </>
  );
}
