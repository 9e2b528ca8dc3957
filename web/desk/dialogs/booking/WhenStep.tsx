// When: the first free time, an offered one, or any that is asked for; and then it is booked.

import { useRef, useState } from "preact/hooks";

import { change, type Overruling, type Refusal } from "../../data/changes";
import { useClinic } from "../../data/clinic";
import { newKey } from "../../data/fetching";
import { useQuery } from "../../data/useQuery";
import { say } from "../../data/toasts";
import { statusName, titleOf } from "../../data/visits";
import { Book, Explain } from "../../operations";
import { OfferedTimes } from "../../parts/OfferedTimes";
import { Refused } from "../../parts/Refused";
import { go, OWN_ZONES, useRoute } from "../../route";
import { momentOf, zoneInWords } from "../../time/words";
import { shown } from "../../time/zone";
import { usePatientZone } from "../waitlist/usePatientZone";
import { WaitForm } from "../waitlist/WaitForm";
import type { With } from "./WithStep";
import { describe, patientOf, type Who } from "./who";

interface Props {
  who: Who;
  chosen: With;
  startsAt: number | undefined;
  onBooked: () => void;
}

interface Taken {
  startsAt: string;
  providerId: string | null;
}

export function WhenStep({ who, chosen, startsAt, onBooked }: Props) {
  const { providers, visitTypes, zone: clinicZone, withPatients } = useClinic();
  const { zone: shownZone } = useRoute();
  const [taken, setTaken] = useState<Taken | null>(
    startsAt === undefined ? null : { startsAt: new Date(startsAt).toISOString(), providerId: chosen.providerId },
  );
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isWaiting, setWaiting] = useState(false);
  const patientZone = usePatientZone(who);
  // One key for one booking: where no answer came, the same is asked again and done once.
  const key = useRef({ of: "", key: "" });

  const provider = providers.find(({ id }) => id === (taken?.providerId ?? chosen.providerId));
  const zone = shownZone && shownZone !== OWN_ZONES ? shownZone : (provider?.timeZone ?? clinicZone);
  const { visitTypeId, durationMinutes } = chosen;
  const patient = who.kind === "known" ? { patientId: who.patient.id } : {};
  const place = { state: who.state, insurance: who.insurance, visitTypeId, durationMinutes };
  const search = chosen.providerId ? { ...place, providerId: chosen.providerId } : place;

  const book = async (when: Taken, overruling?: Overruling) => {
    const asked = {
      ...patientOf(who),
      ...when,
      visitTypeId,
      durationMinutes,
      reason: chosen.reason || null,
      ...overruling,
    };
    const of = JSON.stringify(asked);
    if (key.current.of !== of) key.current = { of, key: newKey() };
    setBusy(true);
    const outcome = await change(Book, { input: { ...asked, idempotencyKey: key.current.key }, withPatients });
    setBusy(false);
    if (!outcome.done) return setRefusal(outcome.refusal);
    const { appointment, similarPatients } = outcome.value;
    if (!appointment) return undefined;
    say(`${titleOf(appointment)}: booked, ${statusName(appointment).toLowerCase()}`);
    const [alike] = similarPatients;
    if (alike) say(`Perhaps the same person: ${alike.name}, ${alike.email}`);
    const day = shown(Date.parse(appointment.startsAt), zone).day;
    go({ day: day === shown(Date.now(), zone).day ? null : day, visit: appointment.id });
    return onBooked();
  };

  if (isWaiting) {
    return (
      <WaitForm
        title={`Put on the waitlist, with ${provider?.name ?? "whoever is free"}`}
        wished={{ ...patientOf(who), providerId: chosen.providerId, visitTypeId, durationMinutes }}
        zone={patientZone}
        backTo="Offered times"
        onBack={() => setWaiting(false)}
        onLeft={onBooked}
      />
    );
  }
  if (!taken) {
    return (
      <>
        <OfferedTimes
          search={{ ...search, ...patient }}
          zone={zone}
          isBusy={isBusy}
          onTake={(time, providerId) => setTaken({ startsAt: time, providerId })}
        />
        <p class="otherwise">
          Does no time suit?
          <button type="button" onClick={() => setWaiting(true)}>
            Put on the waitlist …
          </button>
        </p>
      </>
    );
  }
  const at = Date.parse(taken.startsAt);
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
          for {[describe(who), visitTypes.get(visitTypeId ?? "")?.name, chosen.reason].filter(Boolean).join(" · ")}
        </small>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            setTaken(null);
            setRefusal(null);
          }}
        >
          Another time
        </button>
      </p>
      {taken.providerId && !refusal && (
        <Foreseen asked={{ ...place, ...patient, providerId: taken.providerId, startsAt: taken.startsAt }} />
      )}
      {refusal && (
        <Refused
          refusal={refusal}
          zone={zone}
          search={{ ...search, after: taken.startsAt }}
          onTake={(slot) => {
            setRefusal(null);
            setTaken({ startsAt: slot.startsAt, providerId: slot.provider.id });
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

interface Asked {
  providerId: string;
  startsAt: string;
  patientId?: string;
  state: string;
  insurance: string;
  visitTypeId: string | null;
  durationMinutes: number | null;
}

/** What would be said to the booking, before it is tried. */
function Foreseen({ asked }: { asked: Asked }) {
  const { data } = useQuery(Explain, asked, { requestPolicy: "network-only" });
  const told = data?.explainTime;
  if (!told || told.bookable) return null;
  return (
    <ul class="explained">
      {told.reasons.map(({ code, message }) => (
        <li key={code}>{message}</li>
      ))}
    </ul>
  );
}
