// Puts somebody on the waitlist: between which days, on which of the week, and at what time they can come.

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

import { change, type Refusal } from "../../data/changes";
import { useClinic } from "../../data/clinic";
import { newKey } from "../../data/fetching";
import { type Entry, nameOf } from "../../data/waitlist";
import { Join } from "../../operations";
import { Refused } from "../../parts/Refused";
import { zoneInWords } from "../../time/words";
import { shown } from "../../time/zone";
import { Joined } from "./Joined";
import { WeekdayBoxes } from "./WeekdayBoxes";
import { ANY_TIME, type Fields, windowOf, type Wished } from "./window";

interface Props {
  title: string;
  wished: Wished;
  /** The patient's clock; null where it is not known. */
  zone: string | null;
  /** What begins from then on would be too late. */
  before?: string;
  /** What the way back is called. */
  backTo: string;
  onBack: () => void;
  /** The waitlist is shown now. */
  onLeft?: () => void;
  children?: ComponentChildren;
}

export function WaitForm({ title, wished, zone: known, before, backTo, onBack, onLeft, children }: Props) {
  const { withPatients, zone: clinicZone } = useClinic();
  const [fields, setFields] = useState<Fields>(ANY_TIME);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [entry, setEntry] = useState<Entry | null>(null);
  // One key for one wish: where no answer came, the same is asked again and done once.
  const key = useRef({ of: "", key: "" });
  const set = (change: Partial<Fields>) => setFields((now) => ({ ...now, ...change }));
  const zone = known ?? clinicZone;
  const today = shown(Date.now(), zone).day;

  const submit = async (event: Event) => {
    event.preventDefault();
    const asked = { ...wished, ...windowOf(fields, zone, before) };
    const of = JSON.stringify(asked);
    if (key.current.of !== of) key.current = { of, key: newKey() };
    setBusy(true);
    setRefusal(null);
    const outcome = await change(Join, { input: { ...asked, idempotencyKey: key.current.key }, withPatients });
    setBusy(false);
    if (!outcome.done) return setRefusal(outcome.refusal);
    return setEntry(outcome.value.entry);
  };
  if (entry) return <Joined entry={entry} who={nameOf(entry)} zone={zone} onClose={onBack} onLeft={onLeft} />;
  return (
    <form class="inline-form wait-form" onSubmit={(event) => void submit(event)}>
      <h3>{title}</h3>
      {children}
      <div class="pair">
        <label>
          Earliest day <i>if any</i>
          <input
            type="date"
            min={today}
            value={fields.earliest}
            onChange={({ currentTarget }) => set({ earliest: currentTarget.value })}
          />
        </label>
        <label>
          Latest day <i>if any</i>
          <input
            type="date"
            min={fields.earliest || today}
            value={fields.latest}
            onChange={({ currentTarget }) => set({ latest: currentTarget.value })}
          />
        </label>
      </div>
      <WeekdayBoxes chosen={fields.weekdays} onChoose={(weekdays) => set({ weekdays })} />
      <div class="pair">
        <label>
          From <i>if any</i>
          <input
            type="time"
            step={300}
            value={fields.from}
            onChange={({ currentTarget }) => set({ from: currentTarget.value })}
          />
        </label>
        <label>
          Before <i>if any</i>
          <input
            type="time"
            step={300}
            value={fields.until}
            onChange={({ currentTarget }) => set({ until: currentTarget.value })}
          />
        </label>
      </div>
      <p class="hint">
        {known ? `On the patient’s clock: ${zoneInWords(Date.now(), known)}.` : "On the patient’s clock."} What is free
        now is offered at once; else what becomes free, in the order of joining.
      </p>
      {refusal && <Refused refusal={refusal} zone={zone} />}
      <div class="actions">
        <button type="submit" class="primary" disabled={isBusy}>
          Put on the waitlist
        </button>
        <button type="button" onClick={onBack}>
          {backTo}
        </button>
      </div>
    </form>
  );
}
