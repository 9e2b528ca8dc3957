// The zones that times can be shown in. Another clock changes where a visit stands, never when it is.

import type { Provider } from "../../data/clinic";
import { OWN_ZONES, type ShownZone } from "../../route";
import { here } from "../../time/zone";
import { zoneInWords } from "../../time/words";

export interface ZoneChoice {
  value: ShownZone;
  name: string;
}

export function zoneChoices(clinicZone: string, providers: Provider[], at: number): ZoneChoice[] {
  const zones = new Set([clinicZone, ...providers.map(({ timeZone }) => timeZone), here(), "UTC"]);
  const named = [...zones].map((zone) => {
    const what = zone === clinicZone ? "Clinic: " : zone === here() ? "This computer: " : "";
    return { value: zone, name: what + zoneInWords(at, zone) };
  });
  const own = { value: OWN_ZONES, name: "Each provider’s own" };
  return [...named.slice(0, 1), own, ...named.slice(1)];
}
