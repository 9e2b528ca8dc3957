// Times that are offered, day by day, and a time that is asked for, with the reasons that are against it.

import { useState } from "preact/hooks";

import type { Place } from "../data/changes";
import { useQuery } from "../data/useQuery";
import { Explain, FirstFree, Offered } from "../operations";
import { abbreviation, clock, dayInWords, momentOf, timeOf, zoneInWords } from "../time/words";
import { addDays, type Day, instantOf, isDay, minutesOf, shown } from "../time/zone";
import type { Slot } from "./Refused";

export interface TimeSearch {
  providerId?: string | null;
  state?: string;
  insurance?: string;
  patientId?: string | null;
  visitTypeId?: string | null;
  durationMinutes?: number | null;
  insteadOf?: string;
}

interface Props {
  search: TimeSearch;
  zone: string;
  /** Where the visit is that would move: on that day one begins to look, and that time is none. */
  own?: Place;
  isBusy: boolean;
  /** A time is taken, of one provider where several were searched. */
  onTake: (startsAt: string, providerId: string | null) => void;
}

export function OfferedTimes({ search, zone, own, isBusy, onTake }: Props) {
  const [chosen, setChosen] = useState<Day | null>(own ? shown(Date.parse(own.startsAt), zone).day : null);
  const { patientId: _patient, ...where } = search;
  const [opened] = useState(() => new Date().toISOString());
  const first = useQuery(FirstFree, { ...where, after: opened }, { requestPolicy: "cache-and-network" });
  const isOwn = (slot: Slot) =>
    own !== undefined && slot.startsAt === own.startsAt && slot.provider.id === own.providerId;
  const firstFree = first.data?.firstAvailable ?? null;
  const day = chosen ?? (firstFree ? shown(Date.parse(firstFree.startsAt), zone).day : null);
  const window = day && {
    from: new Date(instantOf(day, 0, zone)).toISOString(),
    to: new Date(instantOf(addDays(day, 1), 0, zone)).toISOString(),
  };
  const offered = useQuery(Offered, window ? { ...where, ...window } : null, { requestPolicy: "cache-and-network" });
  const slots = timesOf((offered.data?.availableSlots ?? []).filter((slot) => !isOwn(slot)));
  const wrong = first.error ?? offered.error;
  const today = shown(Date.now(), zone).day;
  return (
    <div class="times">
      {firstFree && !isOwn(firstFree) && (
        <button
          type="button"
          class="first-free"
          disabled={isBusy}
          onClick={() => onTake(firstFree.startsAt, firstFree.provider.id)}
        >
          <span>First free</span>
          <b>
            {momentOf(Date.parse(firstFree.startsAt), zone)} {abbreviation(Date.parse(firstFree.startsAt), zone)}
          </b>
          <small>{forPatient(firstFree, zone) ?? firstFree.provider.name}</small>
        </button>
      )}
      {wrong && (
        <p class="field-wrong" role="alert">
          {wrong.graphQLErrors[0]?.message ?? wrong.message}
        </p>
      )}
      {first.data && !firstFree && !wrong && <p>Nothing is free within the booking horizon.</p>}
      {day && (
        <div class="steps times-day">
          <button
            type="button"
            class="icon"
            aria-label="Previous day"
            disabled={day <= today}
            onClick={() => setChosen(addDays(day, -1))}
          >
            ‹
          </button>
          <b aria-live="polite">{dayInWords(day)}</b>
          <button type="button" class="icon" aria-label="Next day" onClick={() => setChosen(addDays(day, 1))}>
            ›
          </button>
        </div>
      )}
      {day && <p class="hint">Offered times, {zoneInWords(instantOf(day, 720, zone), zone)}</p>}
      <div class="slots" role="group" aria-label="Offered times" aria-busy={offered.isFetching}>
        {slots.map(([slot, ...others]) => (
          <button
            key={slot.startsAt}
            type="button"
            disabled={isBusy}
            onClick={() => onTake(slot.startsAt, slot.provider.id)}
          >
            {timeOf(Date.parse(slot.startsAt), zone)}
            {!search.providerId && (
              <small>{others.length === 0 ? slot.provider.name : `${others.length + 1} are free`}</small>
            )}
          </button>
        ))}
        {offered.data && slots.length === 0 && <p>No times are offered on this day.</p>}
      </div>
      {search.providerId && day && (
        <AskedTime
          key={day}
          search={{ ...search, providerId: search.providerId }}
          zone={zone}
          day={day}
          isBusy={isBusy}
          onTake={onTake}
        />
      )}
    </div>
  );
}

/** Each time once, with all who are free then, in the order of the server. */
function timesOf(slots: Slot[]): [Slot, ...Slot[]][] {
  const times = new Map<string, [Slot, ...Slot[]]>();
  for (const slot of slots) {
    const before = times.get(slot.startsAt);
    if (before) before.push(slot);
    else times.set(slot.startsAt, [slot]);
  }
  return [...times.values()];
}

/** What the patient's clock shows, where it is another. */
function forPatient({ patientLocalStartsAt, patientTimeZone, startsAt, provider }: Slot, zone: string): string | null {
  if (!patientLocalStartsAt || !patientTimeZone) return null;
  const at = Date.parse(startsAt);
  if (timeOf(at, patientTimeZone) === timeOf(at, zone)) return null;
  return `${provider.name} · for the patient ${timeOf(at, patientTimeZone)} ${abbreviation(at, patientTimeZone)}`;
}

interface AskedProps {
  search: TimeSearch & { providerId: string };
  zone: string;
  day: Day;
  isBusy: boolean;
  onTake: Props["onTake"];
}

/** Any other time of a provider: whether it can be had, and if not why. */
function AskedTime({ search, zone, day, isBusy, onTake }: AskedProps) {
  const [date, setDate] = useState(day);
  const [time, setTime] = useState("");
  const startsAt = time && isDay(date) ? new Date(instantOf(date, minutesOf(time), zone)).toISOString() : null;
  const { data, isFetching } = useQuery(Explain, startsAt ? { ...search, startsAt } : null, {
    requestPolicy: "network-only",
  });
  const told = data?.explainTime;
  return (
    <form
      class="asked-time"
      onSubmit={(event) => {
        event.preventDefault();
        if (startsAt) onTake(startsAt, search.providerId);
      }}
    >
      <label>
        Another day
        <input type="date" value={date} onChange={({ currentTarget }) => setDate(currentTarget.value)} />
      </label>
      <label>
        Another time
        <input
          type="time"
          step={300}
          value={time}
          placeholder={clock(570)}
          onInput={({ currentTarget }) => setTime(currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={isBusy || isFetching || !startsAt}>
        Take it
      </button>
      <div class="explained" aria-live="polite">
        {told?.bookable && <p class="ok">That time can be had.</p>}
        {told && !told.bookable && (
          <ul>
            {told.reasons.map(({ code, message, overrulable }) => (
              <li key={code}>
                {message}
                {overrulable && <small>the clinic’s policy</small>}
              </li>
            ))}
          </ul>
        )}
      </div>
    </form>
  );
}
