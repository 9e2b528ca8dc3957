// What becomes of a visit that was dropped somewhere: it moves, or is told there why it does not.

import { useEffect, useState } from "preact/hooks";

import { type Overruling, type Place, type Refusal } from "../../data/changes";
import { useClinic } from "../../data/clinic";
import { moveWithUndo } from "../../data/undoable";
import { titleOf } from "../../data/visits";
import { Dialog } from "../../parts/Dialog";
import { Refused } from "../../parts/Refused";
import { momentOf, abbreviation } from "../../time/words";
import { instantOf } from "../../time/zone";
import type { BoardLane } from "./Board";
import type { Drop } from "./drag";

interface Props {
  drop: Drop;
  lanes: BoardLane[];
  onClose: () => void;
}

export function Dropped({ drop, lanes, onClose }: Props) {
  const { withPatients } = useClinic();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const from = lanes.find(({ lane }) => lane.key === drop.fromLane);
  const to = lanes.find(({ lane }) => lane.key === drop.toLane);
  const visit = from?.visits.find(({ id }) => id === drop.visitId);
  const [target, setTarget] = useState<Place | null>(
    to
      ? {
          startsAt: new Date(instantOf(to.lane.day, drop.minutes, to.lane.zone)).toISOString(),
          providerId: to.lane.providerId,
        }
      : null,
  );

  const ask = async (place: Place, overruling?: Overruling) => {
    if (!visit || !from || !to) return onClose();
    setTarget(place);
    const start: Place = { startsAt: visit.startsAt, providerId: from.lane.providerId };
    const options = { zone: to.lane.zone, withPatients, ...(overruling && { overruling }) };
    const outcome = await moveWithUndo(visit, start, place, options);
    if (outcome.done) onClose();
    else setRefusal(outcome.refusal);
  };
  useEffect(() => {
    if (target) void ask(target);
  }, [drop]);

  if (!refusal || !visit || !target || !to) return null;
  const asked = Date.parse(target.startsAt);
  return (
    <Dialog kind="note" title="Not moved" at={drop.at} onClose={onClose}>
      <p>
        {titleOf(visit)} to {momentOf(asked, to.lane.zone)} {abbreviation(asked, to.lane.zone)}
      </p>
      <Refused
        refusal={refusal}
        zone={to.lane.zone}
        search={{ providerId: target.providerId, insteadOf: visit.id, after: target.startsAt }}
        onTake={(slot) => void ask({ startsAt: slot.startsAt, providerId: slot.provider.id })}
        onOverrule={(overruling) => void ask(target, overruling)}
      />
    </Dialog>
  );
}
