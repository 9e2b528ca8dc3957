// Finds a patient while one types: any words of name, e-mail address or telephone number.

import { useEffect, useId, useState } from "preact/hooks";

import type { FragmentOf } from "../data/graphql";
import { useQuery } from "../data/useQuery";
import { FindPatients, type PatientInList } from "../operations";
import { plainDate } from "../time/words";

type Found = FragmentOf<typeof PatientInList>;

interface Props {
  label: string;
  onChoose: (patient: Found) => void;
  /** Nobody of them: somebody new, called so. */
  onNew?: (name: string) => void;
  /** Something is typed: another search begins. */
  onType?: () => void;
  isFocused?: boolean;
}

/** What is typed is looked for once nothing more has been typed for so long. */
const PAUSE_MS = 150;
const SHORTEST = 2;

export function PatientSearch({ label, onChoose, onNew, onType, isFocused = false }: Props) {
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  const input = useId();
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const isEnough = asked.length >= SHORTEST;
  const { data, error } = useQuery(FindPatients, isEnough ? { search: asked } : null, {
    requestPolicy: "cache-and-network",
  });
  const found = data?.patients?.nodes ?? [];
  return (
    <div class="search">
      <label for={input}>{label}</label>
      <input
        id={input}
        type="search"
        autocomplete="off"
        maxLength={200}
        placeholder="Name, e-mail or telephone number"
        value={text}
        autofocus={isFocused}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          onType?.();
        }}
      />
      {error && (
        <p class="field-wrong" role="alert">
          {error.graphQLErrors[0]?.message ?? error.message}
        </p>
      )}
      <ul class="found" role="list">
        {found.map((patient) => (
          <li key={patient.id}>
            <button type="button" onClick={() => onChoose(patient)}>
              <b>{patient.name}</b>
              <small>
                {[
                  patient.birthDate && `born ${plainDate(patient.birthDate)}`,
                  patient.email,
                  patient.phone,
                  `${patient.state}, ${patient.insurance}`,
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </small>
            </button>
          </li>
        ))}
      </ul>
      <p class="hint" aria-live="polite">
        {!isEnough
          ? "Type two letters or more."
          : data && found.length === 0
            ? "Nobody is found by these words."
            : data?.patients?.pageInfo.hasNextPage
              ? "There are more: type more of the name."
              : ""}
      </p>
      {onNew && (
        <button type="button" onClick={() => onNew(text.trim())}>
          New patient{text.trim() && `: ${text.trim()}`}
        </button>
      )}
    </div>
  );
}
