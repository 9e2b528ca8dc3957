// With whom: who may treat the patient, and of everybody else why not.

import { useState } from "preact/hooks";

import { useClinic } from "../../data/clinic";
import { useQuery } from "../../data/useQuery";
import { Match } from "../../operations";
import { Note } from "../../parts/Note";
import { momentOf, zoneInWords } from "../../time/words";
import type { Who } from "./who";

export interface With {
  /** Null is whoever is free. */
  providerId: string | null;
  visitTypeId: string | null;
  durationMinutes: number | null;
  reason: string;
}

interface Props {
  who: Who;
  start: With;
  /** The time that was clicked, if one was. */
  startsAt: number | undefined;
  /** The insurance is another one, of those that are known. */
  onInsurance: (insurance: string) => void;
  onDone: (chosen: With) => void;
}

export function WithStep({ who, start, startsAt, onInsurance, onDone }: Props) {
  const { visitTypes, zone, providers } = useClinic();
  const [chosen, setChosen] = useState(start);
  const set = (change: Partial<With>) => setChosen((before) => ({ ...before, ...change }));
  const { data, error, isFetching } = useQuery(
    Match,
    {
      state: who.state,
      insurance: who.insurance,
      visitTypeId: chosen.visitTypeId,
      durationMinutes: chosen.durationMinutes,
    },
    { requestPolicy: "cache-and-network" },
  );
  const known = new Set(providers.map(({ id }) => id));
  const matched = (data?.matchProviders?.matched ?? []).filter(({ id }) => known.has(id));
  const excluded = data?.matchProviders?.excluded ?? [];
  const isOut = excluded.find(({ provider }) => provider.id === chosen.providerId);
  const offered = [...visitTypes.values()].filter(({ active }) => active);
  const refused = error?.graphQLErrors[0];
  const suggestions = (refused?.extensions?.suggestions as string[] | undefined) ?? [];
  return (
    <form
      class="inline-form"
      onSubmit={(event) => {
        event.preventDefault();
        onDone(isOut ? { ...chosen, providerId: null } : chosen);
      }}
    >
      <div class="pair">
        {offered.length > 0 && (
          <label>
            Visit type
            <select
              value={chosen.visitTypeId ?? ""}
              onChange={({ currentTarget }) => set({ visitTypeId: currentTarget.value || null })}
            >
              <option value="">Not said</option>
              {offered.map(({ id, name, durationMinutes }) => (
                <option key={id} value={id}>
                  {name}, {durationMinutes} minutes
                </option>
              ))}
            </select>
          </label>
        )}
        <label>
          Minutes
          <input
            type="number"
            min={5}
            max={480}
            step={5}
            placeholder={String(visitTypes.get(chosen.visitTypeId ?? "")?.durationMinutes ?? 30)}
            value={chosen.durationMinutes ?? ""}
            onChange={({ currentTarget }) => set({ durationMinutes: currentTarget.valueAsNumber || null })}
          />
        </label>
      </div>
      <label>
        Why the patient comes <i>if said</i>
        <input
          maxLength={1000}
          value={chosen.reason}
          onInput={({ currentTarget }) => set({ reason: currentTarget.value })}
        />
      </label>
      {startsAt !== undefined && (
        <p class="hint">
          For {momentOf(startsAt, zone)}, {zoneInWords(startsAt, zone)}
        </p>
      )}
      {refused ? (
        <Note title={refused.message} isWrong>
          {suggestions.length === 0 && <p>Go back to Who, and choose one that is known.</p>}
          {suggestions.map((name) => (
            <button key={name} type="button" onClick={() => onInsurance(name)}>
              It is {name}
            </button>
          ))}
        </Note>
      ) : error ? (
        <Note title="Who fits could not be asked" isWrong>
          <p>{error.message}</p>
        </Note>
      ) : (
        <fieldset class="providers" aria-busy={isFetching}>
          <legend>Provider</legend>
          <label class="choice">
            <input
              type="radio"
              name="provider"
              checked={chosen.providerId === null || isOut !== undefined}
              onChange={() => set({ providerId: null })}
            />
            <span>
              <b>Whoever is free first</b>
              <small>
                {matched.length} {matched.length === 1 ? "provider fits" : "providers fit"}
              </small>
            </span>
          </label>
          {matched.map(({ id, name, credentials, timeZone }) => (
            <label class="choice" key={id}>
              <input
                type="radio"
                name="provider"
                checked={chosen.providerId === id}
                onChange={() => set({ providerId: id })}
              />
              <span>
                <b>{name}</b>
                <small>{[credentials, timeZone.replaceAll("_", " ")].filter(Boolean).join(" · ")}</small>
              </span>
            </label>
          ))}
          {data && matched.length === 0 && (
            <Note title="Nobody here may treat this patient">
              <p>Another insurance, or another state, may help: go back to Who.</p>
            </Note>
          )}
          {isOut && (
            <p class="field-wrong" role="alert">
              {isOut.provider.name} can’t: {isOut.reasons.map(({ message }) => message).join("; ")}
            </p>
          )}
          {excluded.length > 0 && (
            <details class="excluded">
              <summary>Why not the other {excluded.length}</summary>
              <ul>
                {excluded.map(({ provider, reasons }) => (
                  <li key={provider.id}>
                    <b>{provider.name}</b>
                    {reasons.map(({ code, message }) => (
                      <small key={code}>{message}</small>
                    ))}
                  </li>
                ))}
              </ul>
            </details>
          )}
        </fieldset>
      )}
      <div class="actions">
        <button type="submit" class="primary" disabled={!data || matched.length === 0}>
          Next: when
        </button>
      </div>
    </form>
  );
}
