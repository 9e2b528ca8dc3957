// When: the first free time, an offered one, or any that is asked for; or not yet, on the waitlist.

import { useState } from "preact/hooks";

import { useClinic } from "../../data/clinic";
import { OfferedTimes } from "../../parts/OfferedTimes";
import { OWN_ZONES, useRoute } from "../../route";
import { SeriesForm } from "../series/SeriesForm";
import { usePatientZone } from "../waitlist/usePatientZone";
import { WaitForm } from "../waitlist/WaitForm";
import { Chosen, type Taken } from "./Chosen";
import type { With } from "./WithStep";
import { patientOf, type Who } from "./who";

interface Props {
  who: Who;
  chosen: With;
  startsAt: number | undefined;
  onBooked: () => void;
}

export function WhenStep({ who, chosen, startsAt, onBooked }: Props) {
  const { providers, zone: clinicZone } = useClinic();
  const { zone: shownZone } = useRoute();
  const [taken, setTaken] = useState<Taken | null>(
    startsAt === undefined ? null : { startsAt: new Date(startsAt).toISOString(), providerId: chosen.providerId },
  );
  const [isWaiting, setWaiting] = useState(false);
  const [isWeekly, setWeekly] = useState(false);
  const patientZone = usePatientZone(who);

  const provider = providers.find(({ id }) => id === (taken?.providerId ?? chosen.providerId));
  const zone = shownZone && shownZone !== OWN_ZONES ? shownZone : (provider?.timeZone ?? clinicZone);
  const { visitTypeId, durationMinutes, providerId } = chosen;
  const patient = who.kind === "known" ? { patientId: who.patient.id } : {};
  const place = { state: who.state, insurance: who.insurance, visitTypeId, durationMinutes };
  const search = providerId ? { ...place, providerId } : place;

  if (taken && isWeekly) {
    return (
      <SeriesForm
        first={taken}
        who={who}
        chosen={chosen}
        zone={zone}
        onOnce={() => setWeekly(false)}
        onBooked={onBooked}
      />
    );
  }
  if (taken) {
    return (
      <Chosen
        taken={taken}
        who={who}
        chosen={chosen}
        zone={zone}
        search={search}
        onTake={setTaken}
        onOther={() => setTaken(null)}
        onRepeat={() => setWeekly(true)}
        onBooked={onBooked}
      />
    );
  }
  if (isWaiting) {
    return (
      <WaitForm
        title={`Put on the waitlist, with ${provider?.name ?? "whoever is free"}`}
        wished={{ ...patientOf(who), providerId, visitTypeId, durationMinutes }}
        zone={patientZone}
        backTo="Offered times"
        onBack={() => setWaiting(false)}
        onLeft={onBooked}
      />
    );
  }
  return (
    <>
      <OfferedTimes
        search={{ ...search, ...patient }}
        zone={zone}
        isBusy={false}
        onTake={(time, by) => setTaken({ startsAt: time, providerId: by })}
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
