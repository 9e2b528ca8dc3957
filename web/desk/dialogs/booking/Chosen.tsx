// The time that was chosen: it is held, and then it is booked.

import type { Refusal } from "../../data/changes";
import { useClinic } from "../../data/clinic";
import { isOfTime, Refused, type Search } from "../../parts/Refused";
import { abbreviation, momentOf, timeOf, zoneInWords } from "../../time/words";
import { Foreseen } from "./Foreseen";
import { useBooking } from "./useBooking";
import { type Standing, useHold } from "./useHold";
import type { With } from "./WithStep";
import { describe, type Who } from "./who";

export interface Taken {
  startsAt: string;
  providerId: string | null;
}

interface Props {
  taken: Taken;
  who: Who;
  chosen: With;
  zone: string;
  /** How to look for another time. */
  search: Omit<Search, "after">;
  onTake: (taken: Taken) => void;
  onOther: () => void;
  /** Every week at that time. */
  onRepeat: () => void;
  onBooked: () => void;
}

export function Chosen({ taken, who, chosen, zone, search, onTake, onOther, onRepeat, onBooked }: Props) {
  const { providers, visitTypes } = useClinic();
  const { state, insurance } = who;
  const { visitTypeId, durationMinutes, reason } = chosen;
  const place = { state, insurance, visitTypeId, durationMinutes };
  const held = useHold({ ...place, ...taken });
  const { book, isBusy, refusal: ofBooking, forget } = useBooking({ who, chosen, zone, held, onBooked });
  const refusal = ofBooking ?? ofHold(held.standing);
  const provider = providers.find(({ id }) => id === taken.providerId);
  const patient = who.kind === "known" ? { patientId: who.patient.id } : {};
  const isHeld = held.standing.is === "held";
  const at = Date.parse(taken.startsAt);
  /** Goes on to where it is asked what is free: that time is, too. */
  const letGo = async (goOn: () => void) => {
    await held.release();
    goOn();
  };
  return (
    <form
      class="inline-form"
      onSubmit={(event) => {
        event.preventDefault();
        void book(taken);
      }}
    >
      <p class="chosen big">
        <b>{momentOf(at, zone)}</b>
        <small>{zoneInWords(at, zone)}</small>
        <small>with {provider?.name ?? "whoever is free"}</small>
        <small>
          for {[describe(who), visitTypes.get(visitTypeId ?? "")?.name, reason].filter(Boolean).join(" · ")}
        </small>
        <small class="held" role="status" data-held={held.standing.is}>
          {inWords(held.standing, zone)}
        </small>
        <button type="button" class="quiet" onClick={() => void letGo(onOther)}>
          Another time
        </button>
        {taken.providerId && (
          <button type="button" class="quiet" onClick={() => void letGo(onRepeat)}>
            Repeat weekly …
          </button>
        )}
      </p>
      {taken.providerId && !refusal && held.standing.is !== "asked" && (
        <Foreseen
          key={held.standing.is}
          asked={{ ...place, ...patient, providerId: taken.providerId, startsAt: taken.startsAt }}
          isHeld={isHeld}
        />
      )}
      {refusal && (
        <Refused
          refusal={refusal}
          zone={zone}
          search={{ ...search, after: taken.startsAt }}
          isHeld={isHeld}
          onTake={(slot) => {
            forget();
            onTake({ startsAt: slot.startsAt, providerId: slot.provider.id });
          }}
          onOverrule={(overruling) => void book(taken, overruling)}
        />
      )}
      <div class="actions">
        <button type="submit" class="primary big" disabled={isBusy} autofocus>
          {isBusy ? "Booking …" : "Book this visit"}
        </button>
      </div>
    </form>
  );
}

/** Why a time can't be held, where that is for who books to know: another time would mend it, or a little patience. */
function ofHold(standing: Standing): Refusal | null {
  if (standing.is !== "refused") return null;
  const { code } = standing.refusal;
  return isOfTime(code) || code === "RATE_LIMITED" ? standing.refusal : null;
}

function inWords(standing: Standing, zone: string): string {
  switch (standing.is) {
    case "asked":
      return "Is being held for you …";
    case "held":
      return `Held for you until ${timeOf(standing.until, zone)} ${abbreviation(standing.until, zone)}`;
    case "lapsed":
      return "Not held any more: it is booked if it is still free";
    case "refused":
      return "Not held: it is booked if it is still free then";
  }
}
