// What the visits and columns shown are narrowed to.

import { useClinic } from "../data/clinic";
import { type Filters as Chosen, go, type Route } from "../route";
import { zoneChoices } from "./day/zones";

interface SelectProps {
  label: string;
  value: string;
  all: string;
  choices: { value: string; name: string }[];
  onChoose: (value: string) => void;
}

export function Select({ label, value, all, choices, onChoose }: SelectProps) {
  return (
    <label class="select" data-set={all && value ? "" : undefined}>
      <span class="hidden">{label}</span>
      <select value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {all && <option value="">{all}</option>}
        {choices.map(({ value: choice, name }) => (
          <option key={choice} value={choice}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

const NONE: Chosen = { state: "", insurance: "", visitType: "", provider: "" };

export function Filters({ route, at }: { route: Route; at: number }) {
  const { providers, states, insurances, visitTypes, zone } = useClinic();
  const licensed = new Set(providers.flatMap((provider) => provider.states));
  const set = (change: Partial<Route>) => go(change, { replace: true });
  const isNarrowed = Boolean(
    route.state || route.insurance || route.visitType || (route.provider && route.view !== "week"),
  );
  return (
    <div class="filters" role="group" aria-label="Filters">
      <Select
        label="Provider"
        value={route.provider}
        all={route.view === "week" ? "" : "All providers"}
        choices={providers.filter(({ active }) => active).map(({ id, name }) => ({ value: id, name }))}
        onChoose={(provider) => set({ provider })}
      />
      <Select
        label="State"
        value={route.state}
        all="All states"
        choices={states
          .filter(({ code }) => licensed.has(code) || code === route.state)
          .map(({ code, name }) => ({ value: code, name }))}
        onChoose={(state) => set({ state })}
      />
      <Select
        label="Insurance"
        value={route.insurance}
        all="All insurances"
        choices={insurances.map((name) => ({ value: name, name }))}
        onChoose={(insurance) => set({ insurance })}
      />
      {visitTypes.size > 0 && (
        <Select
          label="Visit type"
          value={route.visitType}
          all="All visit types"
          choices={[...visitTypes.values()].map(({ id, name }) => ({ value: id, name }))}
          onChoose={(visitType) => set({ visitType })}
        />
      )}
      {isNarrowed && (
        <button
          type="button"
          class="quiet"
          onClick={() => set(route.view === "week" ? { ...NONE, provider: route.provider } : NONE)}
        >
          Clear filters
        </button>
      )}
      <span class="zone-choice">
        <Select
          label="Time zone shown"
          value={route.zone ?? zone}
          all=""
          choices={zoneChoices(zone, providers, at)}
          onChoose={(chosen) => set({ zone: chosen === zone ? null : chosen })}
        />
      </span>
    </div>
  );
}
