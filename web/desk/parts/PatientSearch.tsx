// Finds a patient while one types: any words of name, e-mail address or telephone number.

import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

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

/** Keys that were pressed before it was known who is found: they are meant for the answer. */
interface Ahead {
  text: string;
  /** To the first who is found. */
  down: boolean;
  enter: boolean;
}

export function PatientSearch({ label, onChoose, onNew, onType, isFocused = false }: Props) {
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  const [ahead, setAhead] = useState<Ahead | null>(null);
  const input = useId();
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  // Before the next key, which `autofocus` is not: the browser heeds it in its own time, and once a page.
  useLayoutEffect(() => {
    if (isFocused) field.current?.select();
  }, [isFocused]);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const isEnough = asked.length >= SHORTEST;
  const { data, error, isFetching } = useQuery(FindPatients, isEnough ? { search: asked } : null, {
    requestPolicy: "cache-and-network",
  });
  const found = data?.patients?.nodes ?? [];
  const isAnswered = isEnough && asked === text.trim() && data !== undefined && !isFetching;
  // Enter takes the only one, the first after an arrow, or somebody new where there is none: once it is known who there is.
  useEffect(() => {
    if (!isAnswered || ahead?.text !== asked) return;
    setAhead(null);
    const [first, another] = found;
    if (ahead.down) list.current?.querySelector("button")?.focus();
    if (!ahead.enter) return;
    if (first && (ahead.down || !another)) onChoose(first);
    else if (!first) onNew?.(asked);
  }, [isAnswered, ahead]);
  /** The arrows go through what is found. */
  const pressed = (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
    const stops = [...event.currentTarget.querySelectorAll<HTMLElement>("input, .found button")];
    const at = stops.indexOf(event.target as HTMLElement);
    const next = { ArrowDown: stops[at + 1], ArrowUp: stops[at - 1] }[event.key];
    const isAhead = at === 0 && !isAnswered && event.key === "ArrowDown";
    if (isAhead) setAhead({ text: text.trim(), down: true, enter: false });
    else if (next && at >= 0) next.focus();
    else if (event.key === "Enter" && at === 0) {
      setAhead((known) => ({ text: text.trim(), down: known?.down ?? false, enter: true }));
    } else return;
    event.preventDefault();
  };
  return (
    <div class="search" onKeyDown={pressed}>
      <label for={input}>{label}</label>
      <input
        id={input}
        ref={field}
        type="search"
        autocomplete="off"
        maxLength={200}
        placeholder="Name, e-mail or telephone number"
        value={text}
        autofocus={isFocused}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setAhead(null);
          onType?.();
        }}
      />
      {error && (
        <p class="field-wrong" role="alert">
          {error.graphQLErrors[0]?.message ?? error.message}
        </p>
      )}
      <ul ref={list} class="found" role="list">
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
