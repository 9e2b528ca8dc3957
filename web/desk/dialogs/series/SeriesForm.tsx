// The time that was chosen, every week: each visit with what is against it, and then all are booked, or none.

import { useRef, useState } from "preact/hooks";

import { change, type Refusal } from "../../data/changes";
import { useClinic } from "../../data/clinic";
import { newKey } from "../../data/fetching";
import { say } from "../../data/toasts";
import { useQuery } from "../../data/useQuery";
import { titleOf } from "../../data/visits";
import { BookCourse, SeriesAhead } from "../../operations";
import { Refused } from "../../parts/Refused";
import { go } from "../../route";
import { momentOf, zoneInWords } from "../../time/words";
import { shown } from "../../time/zone";
import type { Taken } from "../booking/Chosen";
import type { With } from "../booking/WithStep";
import { describe, patientOf, type Who } from "../booking/who";
import { type Occurrence, Occurrences } from "./Occurrences";

interface Props {
  first: Taken;
  who: Who;
  chosen: With;
  zone: string;
  /** One visit after all, at that time. */
  onOnce: () => void;
  onBooked: () => void;
}

const FEWEST = 2;
const MOST = 52;

export function SeriesForm({ first, who, chosen, zone, onOnce, onBooked }: Props) {
  const { providers, visitTypes, withPatients } = useClinic();
  const [count, setCount] = useState(4);
  // What was chosen in the place of what the weeks would be, if anything was.
  const [times, setTimes] = useState<string[] | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  // One key for one booking: where no answer came, the same is asked again and done once.
  const key = useRef({ of: "", key: "" });

  const { visitTypeId, durationMinutes } = chosen;
  const when = times ? { times } : { startsAt: first.startsAt, rule: `FREQ=WEEKLY;COUNT=${count}` };
  const input = { ...patientOf(who), providerId: first.providerId, visitTypeId, durationMinutes, ...when };
  const ahead = useQuery(SeriesAhead, { input }, { requestPolicy: "network-only" });
  // What was seen last stays until there is something newer to see.
  const seen = useRef<Occurrence[]>([]);
  const told = ahead.data?.previewSeries?.occurrences;
  if (told) seen.current = told;
  const occurrences = seen.current;
  const isSeen = told !== undefined && !ahead.isFetching;
  const isClear = isSeen && occurrences.every(({ bookable }) => bookable);
  const wrong = ahead.error?.graphQLErrors[0]?.message ?? ahead.error?.message;

  /** Puts another time in the place of one, or none. */
  const replace = (index: number, by: string | null) => {
    setRefusal(null);
    const others = occurrences.filter((it) => it.index !== index).map(({ startsAt }) => startsAt);
    setTimes(by === null ? others : [...others, by]);
  };
  const recount = (next: number) => {
    if (!(next >= FEWEST && next <= MOST)) return;
    setTimes(null);
    setRefusal(null);
    setCount(next);
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    const of = JSON.stringify(input);
    if (key.current.of !== of) key.current = { of, key: newKey() };
    setBusy(true);
    const outcome = await change(BookCourse, { input: { ...input, idempotencyKey: key.current.key }, withPatients });
    setBusy(false);
    if (!outcome.done) {
      setRefusal(outcome.refusal);
      return ahead.again();
    }
    const visits = outcome.value.series?.appointments ?? [];
    const [one] = visits;
    if (!one) return undefined;
    say(`${titleOf(one)}: ${visits.length} ${visits.length === 1 ? "visit" : "visits"} booked`);
    go({ day: shown(Date.parse(one.startsAt), zone).day, visit: one.id });
    return onBooked();
  };
  const at = Date.parse(first.startsAt);
  const provider = providers.find(({ id }) => id === first.providerId);
  return (
    <form class="inline-form" onSubmit={(event) => void submit(event)}>
      <p class="chosen big">
        <b>Weekly from {momentOf(at, zone)}</b>
        <small>{zoneInWords(at, zone)}</small>
        <small>with {provider?.name ?? "whoever is free"}</small>
        <small>for {[describe(who), visitTypes.get(visitTypeId ?? "")?.name].filter(Boolean).join(" · ")}</small>
        {chosen.reason && <small>Why the patient comes is not kept with a series: correct a visit for that</small>}
        <button type="button" class="quiet" onClick={onOnce}>
          Only once
        </button>
      </p>
      <label>
        How many visits
        <input
          type="number"
          required
          autofocus
          min={FEWEST}
          max={MOST}
          value={count}
          onInput={({ currentTarget }) => recount(currentTarget.valueAsNumber)}
        />
      </label>
      {wrong && (
        <p class="field-wrong" role="alert">
          {wrong}
        </p>
      )}
      <Occurrences occurrences={occurrences} zone={zone} isBusy={isBusy || !isSeen} onReplace={replace} />
      <p class="hint" role="status">
        {!isSeen
          ? "Is being looked at …"
          : isClear
            ? "All of them can be had. Nothing is held until they are booked."
            : "All of them are booked or none: take another time for what can’t be had, or leave it out."}
      </p>
      {refusal && <Refused refusal={refusal} zone={zone} />}
      <div class="actions">
        <button type="submit" class="primary big" disabled={isBusy || !isClear}>
          {isBusy ? "Booking …" : `Book ${occurrences.length} ${occurrences.length === 1 ? "visit" : "visits"}`}
        </button>
      </div>
    </form>
  );
}
