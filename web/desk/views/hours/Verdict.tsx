// What comes, or came, of an edit: the visits that fit no more, each with the way to move it.

import { useClinic } from "../../data/clinic";
import { useQuery } from "../../data/useQuery";
import { isPending, statusName, titleOf } from "../../data/visits";
import { Visit } from "../../operations";
import { Refused } from "../../parts/Refused";
import { go } from "../../route";
import { momentOf, abbreviation } from "../../time/words";
import type { Edit, Stranded } from "./useEdit";

export function Verdict({ edit, zone, providerId }: { edit: Edit; zone: string; providerId: string }) {
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
        <div class="actions">
          <button type="button" class="primary" onClick={() => void edit.confirm()}>
            Change it all the same
          </button>
          <button type="button" onClick={edit.dismiss}>
            Leave it as it is
          </button>
        </div>
        <StrandedList visits={verdict.stranded} zone={zone} providerId={providerId} />
      </div>
    );
  }
  if (verdict.state === "done" && verdict.stranded.length > 0) {
    return (
      <div class="verdict framed" role="status">
        <h2>To be moved or cancelled</h2>
        <StrandedList visits={verdict.stranded} zone={zone} providerId={providerId} />
        <button type="button" onClick={edit.dismiss}>
          Done with them
        </button>
      </div>
    );
  }
  return null;
}

function StrandedList({ visits, ...rest }: { visits: Stranded[]; zone: string; providerId: string }) {
  return (
    <ul class="stranded" role="list">
      {visits.map((visit) => (
        <StrandedVisit key={visit.id} visit={visit} {...rest} />
      ))}
    </ul>
  );
}

/** As it stands now: what was done about it since is seen. */
function StrandedVisit({ visit, zone, providerId }: { visit: Stranded; zone: string; providerId: string }) {
  const { withPatients, withHistory } = useClinic();
  const now = useQuery(Visit, { id: visit.id, withPatients, withHistory }).data?.appointment ?? visit;
  const isElsewhere = "provider" in now && now.provider.id !== providerId;
  const isMoved = isElsewhere || now.startsAt !== visit.startsAt || now.pendingStartsAt !== null;
  const isDone = isMoved || now.status === "CANCELLED";
  const at = Date.parse(now.startsAt);
  return (
    <li>
      <button type="button" data-done={isDone ? "" : undefined} onClick={() => go({ visit: visit.id })}>
        <b>{titleOf(now)}</b>
        <small>
          {isMoved && "✓ Moved: "}
          {momentOf(at, zone)} {abbreviation(at, zone)}
          {isElsewhere && `, ${now.provider.name}`}
        </small>
        <span class="pill" data-status={now.status} data-pending={isPending(now) ? "" : undefined}>
          {statusName(now)}
        </span>
      </button>
    </li>
  );
}
