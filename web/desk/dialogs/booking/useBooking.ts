// Books the time that was chosen, by what it is held.

import { useRef, useState } from "preact/hooks";

import { change, type Overruling, type Refusal } from "../../data/changes";
import { useClinic } from "../../data/clinic";
import { newKey } from "../../data/fetching";
import type { VariablesOf } from "../../data/graphql";
import { say } from "../../data/toasts";
import { statusName, titleOf } from "../../data/visits";
import { Book } from "../../operations";
import { go } from "../../route";
import { shown } from "../../time/zone";
import type { Taken } from "./Chosen";
import type { Held } from "./useHold";
import type { With } from "./WithStep";
import { patientOf, type Who } from "./who";

interface Booking {
  who: Who;
  chosen: With;
  zone: string;
  held: Held;
  onBooked: () => void;
}

type Asked = VariablesOf<typeof Book>["input"];

export function useBooking({ who, chosen, zone, held, onBooked }: Booking) {
  const { withPatients } = useClinic();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  // One key for one booking: where no answer came, the same is asked again and done once.
  const key = useRef({ of: "", key: "" });

  const send = (asked: Asked) => {
    const of = JSON.stringify(asked);
    if (key.current.of !== of) key.current = { of, key: newKey() };
    return change(Book, { input: { ...asked, idempotencyKey: key.current.key }, withPatients });
  };
  const attempt = async (asked: Asked) => {
    const holdToken = await held.token();
    const outcome = await send(holdToken ? { ...asked, holdToken } : asked);
    // Whether it is still held the server alone knows: where it is not, the time may be free all the same.
    const isLapsed = holdToken !== null && !outcome.done && outcome.refusal.code === "HOLD_EXPIRED";
    return isLapsed ? send(asked) : outcome;
  };
  const book = async (when: Taken, overruling?: Overruling) => {
    const { visitTypeId, durationMinutes, reason } = chosen;
    setBusy(true);
    const outcome = await attempt({
      ...patientOf(who),
      ...when,
      visitTypeId,
      durationMinutes,
      reason: reason || null,
      ...overruling,
    });
    setBusy(false);
    if (!outcome.done) return setRefusal(outcome.refusal);
    const { appointment, similarPatients } = outcome.value;
    if (!appointment) return undefined;
    held.spend();
    say(`${titleOf(appointment)}: booked, ${statusName(appointment).toLowerCase()}`);
    const [alike] = similarPatients;
    if (alike) say(`Perhaps the same person: ${alike.name}, ${alike.email}`);
    const day = shown(Date.parse(appointment.startsAt), zone).day;
    go({ day: day === shown(Date.now(), zone).day ? null : day, visit: appointment.id });
    return onBooked();
  };
  return { book, isBusy, refusal, forget: () => setRefusal(null) };
}
