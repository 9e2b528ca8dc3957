// A provider's calendar, for who may change it: hours of every week, days of their own, time off.

import { useMemo } from "preact/hooks";

import { useClinic } from "../../data/clinic";
import { useRosterChange } from "../../data/useLive";
import { useQuery } from "../../data/useQuery";
import { Hours } from "../../operations";
import { Note } from "../../parts/Note";
import { go, type Route } from "../../route";
import { zoneInWords } from "../../time/words";
import { instantOf, shown } from "../../time/zone";
import { Select } from "../Filters";
import { useChosenProvider } from "../Views";
import { Overrides } from "./Overrides";
import { TimeOff } from "./TimeOff";
import { useEdit } from "./useEdit";
import { Verdict } from "./Verdict";
import { WeeklyHours } from "./WeeklyHours";

export function HoursView({ route }: { route: Route }) {
  const { providers } = useClinic();
  const provider = useChosenProvider(route);
  const zone = provider?.timeZone ?? "UTC";
  const window = useMemo(() => {
    const firstDay = shown(Date.now(), zone).day;
    return { firstDay, from: new Date(instantOf(firstDay, 0, zone)).toISOString() };
  }, [zone]);
  const { data, error, again } = useQuery(Hours, provider ? { id: provider.id, ...window } : null, {
    requestPolicy: "cache-and-network",
  });
  useRosterChange((id) => (id === null || id === provider?.id) && again(), [provider?.id]);
  const edit = useEdit(data?.provider ?? null, window);
  if (!provider) return <Note title="Nobody works here yet" />;
  return (
    <div class="page hours-page">
      <header class="hours-head">
        <h1>Hours</h1>
        <Select
          label="Provider"
          value={provider?.id ?? ""}
          all=""
          choices={providers.map(({ id, name }) => ({ value: id, name }))}
          onChoose={(id) => go({ provider: id }, { replace: true })}
        />
        <p class="hint">All times are {zoneInWords(Date.now(), zone)}, the provider’s own clock.</p>
      </header>
      <Verdict edit={edit} zone={zone} providerId={provider.id} />
      {data?.provider ? (
        <div class="hours-parts" key={data.provider.id}>
          <WeeklyHours key={data.provider.version} hours={data.provider.schedules} edit={edit} />
          <Overrides overrides={data.provider.overrides} firstDay={window.firstDay} edit={edit} />
          <TimeOff timeOff={data.provider.timeOff} zone={zone} edit={edit} />
        </div>
      ) : error ? (
        <Note title="The calendar could not be loaded" isWrong>
          <p>{error.graphQLErrors[0]?.message ?? error.message}</p>
          <button type="button" onClick={again}>
            Try again
          </button>
        </Note>
      ) : (
        <p aria-busy="true">Loading …</p>
      )}
    </div>
  );
}
