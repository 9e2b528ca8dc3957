// What can be done about a visit, and nothing that can't.

import { useState } from "preact/hooks";

import type { Refusal } from "../../data/changes";
import { useClinic } from "../../data/clinic";
import { setStatusWithUndo } from "../../data/undoable";
import type { Status } from "../../data/visits";
import { Refused } from "../../parts/Refused";
import { useNow } from "../../time/now";
import { shown } from "../../time/zone";
import type { BookingStart } from "../booking/BookingDialog";
import type { Doing, KnownVisit } from "./VisitPanel";

interface Props {
  visit: KnownVisit;
  onDo: (doing: Doing) => void;
  onBooking: (start: BookingStart) => void;
}

/** Where a visit can go from where it stands, and how a desk says so. */
const NEXT: Partial<Record<Status, { to: Status; words: string; isFirst?: boolean }[]>> = {
  CONFIRMED: [
    { to: "CHECKED_IN", words: "Check in", isFirst: true },
    { to: "NO_SHOW", words: "No-show" },
  ],
  CHECKED_IN: [
    { to: "COMPLETED", words: "Complete", isFirst: true },
    { to: "NO_SHOW", words: "No-show" },
    { to: "CONFIRMED", words: "Not here after all" },
  ],
  COMPLETED: [{ to: "CHECKED_IN", words: "Not over yet" }],
  NO_SHOW: [
    { to: "CHECKED_IN", words: "Did come" },
    { to: "CONFIRMED", words: "Back to confirmed" },
  ],
};

/** Checked in on the day of the visit at the earliest; over or missed from its start on. */
function isTime({ to }: { to: Status }, visit: KnownVisit, now: number): boolean {
  const { timeZone } = visit.provider;
  if (to === "CHECKED_IN") return shown(now, timeZone).day >= shown(Date.parse(visit.startsAt), timeZone).day;
  return to === "CONFIRMED" || now >= Date.parse(visit.startsAt);
}

export function Actions({ visit, onDo, onBooking }: Props) {
  const { may, withPatients } = useClinic();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const now = useNow();

  const set = async (to: Status) => {
    setBusy(true);
    setRefusal(null);
    const outcome = await setStatusWithUndo(visit, to, withPatients);
    setBusy(false);
    if (!outcome.done) setRefusal(outcome.refusal);
  };
  const steps = may("SET_VISIT_STATUS") ? (NEXT[visit.status] ?? []).filter((step) => isTime(step, visit, now)) : [];
  const hasBegun = Date.parse(visit.startsAt) <= now;
  const canMove = may("BOOK") && visit.status === "CONFIRMED" && visit.pendingStartsAt === null && !hasBegun;
  const canCancel = may("BOOK") && (visit.status === "CONFIRMED" || visit.status === "PENDING") && !hasBegun;
  const canCorrect = may("BOOK") && visit.scheduled && visit.pendingStartsAt === null;
  const { patient } = visit;
  return (
    <>
      <div class="actions" role="group" aria-label="What to do">
        {steps.map(({ to, words, isFirst = false }) => (
          <button
            key={to}
            type="button"
            class={isFirst ? "primary" : ""}
            disabled={isBusy}
            onClick={() => void set(to)}
          >
            {words}
          </button>
        ))}
        {canMove && (
          <button type="button" disabled={isBusy} onClick={() => onDo("moving")}>
            Move …
          </button>
        )}
        {canMove && (
          <button type="button" disabled={isBusy} onClick={() => onDo("waiting")}>
            Wait for an earlier time …
          </button>
        )}
        {canCorrect && (
          <button type="button" disabled={isBusy} onClick={() => onDo("correcting")}>
            Correct …
          </button>
        )}
        {canCancel && (
          <button type="button" class="danger" disabled={isBusy} onClick={() => onDo("cancelling")}>
            Cancel visit …
          </button>
        )}
        {may("BOOK") && patient && !canMove && (
          <button
            type="button"
            onClick={() => onBooking({ patientId: patient.id, visitTypeId: visit.visitType?.id ?? "" })}
          >
            Book again …
          </button>
        )}
      </div>
      {refusal && <Refused refusal={refusal} zone={visit.provider.timeZone} />}
    </>
  );
}
