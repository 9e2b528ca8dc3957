// Moves a visit by form: an offered time with its provider or another, or any time that is asked for.

import { useState } from "preact/hooks";

import type { Overruling, Place, Refusal } from "../../data/changes";
import { useClinic } from "../../data/clinic";
import { moveWithUndo } from "../../data/undoable";
import { OfferedTimes } from "../../parts/OfferedTimes";
import { Refused } from "../../parts/Refused";
import type { KnownVisit } from "./VisitPanel";

export function MoveForm({ visit: now, onDone }: { visit: KnownVisit; onDone: () => void }) {
  // As it was when the form was opened: what somebody else does meanwhile is not overwritten.
  const [visit] = useState(now);
  const { withPatients, providers } = useClinic();
  const [providerId, setProvider] = useState(visit.provider.id);
  const [asked, setAsked] = useState<Place | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const others = providers.filter(
    ({ id, active, states, insurances }) =>
      id === visit.provider.id || (active && states.includes(visit.state) && insurances.includes(visit.insurance)),
  );
  const zone = providers.find(({ id }) => id === providerId)?.timeZone ?? visit.provider.timeZone;

  const take = async (place: Place, overruling?: Overruling) => {
    setAsked(place);
    setBusy(true);
    const from = { startsAt: visit.startsAt, providerId: visit.provider.id };
    const outcome = await moveWithUndo(visit, from, place, { zone, withPatients, ...(overruling && { overruling }) });
    setBusy(false);
    if (outcome.done) onDone();
    else setRefusal(outcome.refusal);
  };
  return (
    <section class="inline-form" aria-label="Move this visit">
      <h3>Move this visit</h3>
      <label>
        With
        <select value={providerId} onChange={({ currentTarget }) => setProvider(currentTarget.value)}>
          {others.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
              {id === visit.provider.id ? "" : " (licensed, takes the insurance)"}
            </option>
          ))}
        </select>
      </label>
      {refusal && asked && (
        <Refused
          refusal={refusal}
          zone={zone}
          search={{ providerId, insteadOf: visit.id, after: asked.startsAt }}
          onTake={(slot) => void take({ startsAt: slot.startsAt, providerId: slot.provider.id })}
          onOverrule={(overruling) => void take(asked, overruling)}
        />
      )}
      <OfferedTimes
        key={providerId}
        search={{ providerId, insteadOf: visit.id }}
        zone={zone}
        own={{ startsAt: visit.startsAt, providerId: visit.provider.id }}
        isBusy={isBusy}
        onTake={(startsAt, by) => void take({ startsAt, providerId: by ?? providerId })}
      />
      <div class="actions">
        <button type="button" onClick={onDone}>
          Leave it where it is
        </button>
      </div>
    </section>
  );
}
