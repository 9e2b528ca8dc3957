// The state that a patient is in and the insurance of the visit.

import { useId } from "preact/hooks";

import { useClinic } from "../../data/clinic";

interface Props {
  state: string;
  insurance: string;
  onState: (state: string) => void;
  onInsurance: (insurance: string) => void;
}

export function CoverageFields({ state, insurance, onState, onInsurance }: Props) {
  const { states, insurances } = useClinic();
  const list = useId();
  return (
    <>
      <label>
        State the patient is in
        <select required value={state} onChange={({ currentTarget }) => onState(currentTarget.value)}>
          <option value="">Choose …</option>
          {states.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        Insurance
        <input
          required
          list={list}
          autocomplete="off"
          value={insurance}
          placeholder="As the card says it, or self-pay"
          onInput={({ currentTarget }) => onInsurance(currentTarget.value)}
        />
        <datalist id={list}>
          {insurances.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </label>
    </>
  );
}
