// Changes that say what they did and offer to undo it.

import { say } from "./toasts";
import { move, type Overruling, type Outcome, type Place, setStatus } from "./changes";
import { STATUS, type Status, titleOf, type Visit } from "./visits";
import { abbreviation, momentOf } from "../time/words";

/** Where a visit stands after a change, for what is done to it next. */
function changed(outcome: Outcome<{ appointment: Visit | null }>): Visit | null {
  return outcome.done ? outcome.value.appointment : null;
}

function tellFailure(what: string, outcome: Outcome<unknown>): void {
  if (!outcome.done) say(`${what}: ${outcome.refusal.message}`, { tone: "wrong" });
}

export async function moveWithUndo(
  visit: Visit,
  from: Place,
  to: Place,
  { zone, withPatients, overruling }: { zone: string; withPatients: boolean; overruling?: Overruling },
) {
  const outcome = await move(visit, from, to, withPatients, overruling);
  const moved = changed(outcome);
  if (moved) {
    const isOnItsWay = moved.pendingStartsAt !== null;
    const when = `${momentOf(Date.parse(to.startsAt), zone)} ${abbreviation(Date.parse(to.startsAt), zone)}`;
    const text = `${titleOf(visit)} ${isOnItsWay ? "is being moved" : "moved"} to ${when}`;
    const undo = async () => tellFailure("Not moved back", await move(moved, to, from, withPatients));
    say(text, isOnItsWay ? {} : { undo });
  }
  return outcome;
}

export async function setStatusWithUndo(visit: Visit, status: Status, withPatients: boolean) {
  const outcome = await setStatus(visit, status, withPatients);
  const now = changed(outcome);
  if (now) {
    const undo = async () => tellFailure("Not undone", await setStatus(now, visit.status, withPatients));
    say(`${titleOf(visit)}: ${STATUS[status].name.toLowerCase()}`, { undo });
  }
  return outcome;
}
