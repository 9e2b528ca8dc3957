// Why something was not done: what the server says, other times that there are, and where it is only the
// clinic's policy, the way past it.

import { useRef, useState } from "preact/hooks";

import { isPolicy, type Overruling, type Refusal } from "../data/changes";
import { useClinic } from "../data/clinic";
import type { FragmentOf } from "../data/graphql";
import { useQuery } from "../data/useQuery";
import { Explain, FirstFree, type OfferedTime } from "../operations";
import { momentOf, abbreviation } from "../time/words";

export type Slot = FragmentOf<typeof OfferedTime>;

export interface Search {
  after: string;
  providerId?: string | null;
  state?: string;
  insurance?: string;
  visitTypeId?: string | null;
  durationMinutes?: number | null;
  insteadOf?: string;
}

interface Props {
  refusal: Refusal;
  zone: string;
  /** How to look for a time that is free, where the refusal names none. */
  search?: Search;
  /** The time is held for who asks: what is against it counts for others alone. */
  isHeld?: boolean;
  onTake?: (slot: Slot) => void;
  onOverrule?: (overruling: Overruling) => void;
}

/** Refusals that another time would mend. */
const OF_TIME = [
  "TIME_IN_PAST",
  "BEYOND_HORIZON",
  "NOTICE_TOO_SHORT",
  "OUTSIDE_WORKING_HOURS",
  "PROVIDER_AWAY",
  "DAILY_LIMIT_REACHED",
  "PATIENT_DOUBLE_BOOKED",
  "SLOT_TAKEN",
  "SLOT_HELD",
  "IN_BUFFER",
  "SCHEDULING_REFUSED",
];

export const isOfTime = (code: Refusal["code"]): boolean => OF_TIME.includes(code);

/** Refusals that another provider would mend. */
const OF_PROVIDER = ["PROVIDER_NOT_ELIGIBLE", "VISIT_TYPE_NOT_OFFERED"];

export function Refused({ refusal, zone, search, isHeld = false, onTake, onOverrule }: Props) {
  const { may } = useClinic();
  const named = "alternatives" in refusal ? refusal.alternatives : [];
  const looks = named.length === 0 && search !== undefined && onTake !== undefined && isOfTime(refusal.code);
  const first = useQuery(FirstFree, looks ? search : null, { requestPolicy: "network-only" });
  const found = first.data?.firstAvailable;
  const others = found ? [found] : named;
  const facts = useQuery(Explain, isHeld ? null : explaining(refusal, search), { requestPolicy: "network-only" });
  return (
    <div class="refused" role="alert" data-code={refusal.code}>
      <p class="refused-why">{"violations" in refusal ? "Something is not written as it must be" : refusal.message}</p>
      {facts.data?.explainTime && (
        <ul>
          {facts.data.explainTime.reasons
            .filter(({ message }) => message !== refusal.message)
            .map(({ code, message }) => (
              <li key={code}>{message}</li>
            ))}
        </ul>
      )}
      {"violations" in refusal && (
        <ul>
          {refusal.violations.map(({ field, message }) => (
            <li key={field}>
              {fieldInWords(field)} {message}
            </li>
          ))}
        </ul>
      )}
      {"suggestions" in refusal && refusal.suggestions.length > 0 && <p>Is it {refusal.suggestions.join(", or ")}?</p>}
      {onTake && others.length > 0 && (
        <div class="choices" role="group" aria-label="Other times">
          {others.map((slot) => (
            <button key={slot.provider.id + slot.startsAt} type="button" onClick={() => onTake(slot)}>
              <b>
                {momentOf(Date.parse(slot.startsAt), zone)} {abbreviation(Date.parse(slot.startsAt), zone)}
              </b>
              <small>{slot.provider.name}</small>
            </button>
          ))}
        </div>
      )}
      {onOverrule && isPolicy(refusal.code) && may("OVERRULE") && (
        <Overrule refusal={refusal} onOverrule={onOverrule} />
      )}
    </div>
  );
}

/** What forms call the fields of the API. */
const FIELDS: Record<string, string> = {
  name: "Name",
  email: "E-mail address",
  phone: "Telephone",
  birthDate: "Born",
  reason: "Why",
  overruleReason: "The reason",
  durationMinutes: "Minutes",
  earliest: "Earliest day",
  latest: "Latest day",
  weekdays: "Days of the week",
  localFrom: "From",
  localUntil: "Before",
  url: "Address",
  endpointId: "It",
  after: "After what",
};

const fieldInWords = (field: string): string => FIELDS[field.split(".").at(-1) ?? ""] ?? field;

/** The question why that time of that provider can't be had, if the refusal is about either. */
function explaining(refusal: Refusal, search: Search | undefined) {
  if (!search?.providerId || ![...OF_TIME, ...OF_PROVIDER].includes(refusal.code)) return null;
  const { after, providerId, ...where } = search;
  return { ...where, providerId, startsAt: after };
}

function Overrule({ refusal, onOverrule }: { refusal: Refusal; onOverrule: (overruling: Overruling) => void }) {
  const [reason, setReason] = useState("");
  // What was passed before stays passed: there may be several rules in the way, told one by one.
  const passed = useRef<Refusal["code"][]>([]);
  return (
    <form
      class="overrule"
      onSubmit={(event) => {
        event.preventDefault();
        passed.current = [...new Set([...passed.current, refusal.code])];
        onOverrule({ overrule: passed.current, overruleReason: reason.trim() });
      }}
    >
      <label>
        Do it all the same, because
        <input
          required
          maxLength={1000}
          value={reason}
          placeholder="The reason stands in the visit’s history"
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </label>
      <button type="submit">Overrule</button>
    </form>
  );
}
