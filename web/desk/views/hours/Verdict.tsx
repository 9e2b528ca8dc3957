// What comes, or came, of an edit: the visits that fit no more, each with the way to move it.

import { isPending, statusName, titleOf } from "../../data/visits";
import { Refused } from "../../parts/Refused";
import { go } from "../../route";
import { momentOf, abbreviation } from "../../time/words";
import type { Edit, Stranded } from "./useEdit";

export function Verdict({ edit, zone }: { edit: Edit; zone: string }) {
  const { verdict } = edit;
  if (verdict.state === "refused") {
    return (
      <div class="verdict">
        <Refused refusal={verdict.refusal} zone={zone} />
        <button type="button" onClick={edit.dismiss}>
          Dismiss
        </button>
      </div>
    );
  }
  if (verdict.state === "asking") {
    const count = verdict.stranded.length;
    return (
      <div class="verdict framed" role="alert">
        <h2>
          {count} {count === 1 ? "visit" : "visits"} would fit no more
        </h2>
        <p>They stay booked until somebody moves or cancels them.</p>
        <StrandedList visits={verdict.stranded} zone={zone} />
        <div class="actions">
          <button type="button" class="primary" onClick={() => void edit.confirm()}>
            Change it all the same
          </button>
          <button type="button" onClick={edit.dismiss}>
            Leave it as it is
          </button>
        </div>
      </div>
    );
  }
  if (verdict.state === "done" && verdict.stranded.length > 0) {
    return (
      <div class="verdict framed" role="status">
        <h2>To be moved or cancelled</h2>
        <StrandedList visits={verdict.stranded} zone={zone} />
        <button type="button" onClick={edit.dismiss}>
          Done with them
        </button>
      </div>
    );
  }
  return null;
}

function StrandedList({ visits, zone }: { visits: Stranded[]; zone: string }) {
  return (
    <ul class="stranded" role="list">
      {visits.map((visit) => {
        const at = Date.parse(visit.startsAt);
        return (
          <li key={visit.id}>
            <button type="button" onClick={() => go({ visit: visit.id })}>
              <b>{titleOf(visit)}</b>
              <small>
                {momentOf(at, zone)} {abbreviation(at, zone)}
              </small>
              <span class="pill" data-status={visit.status} data-pending={isPending(visit) ? "" : undefined}>
                {statusName(visit)}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
