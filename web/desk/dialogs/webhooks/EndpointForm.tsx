// Where an endpoint is, and what it is told.

import { useState } from "preact/hooks";

import { type Endpoint, type Kind, KINDS, type Wanted } from "../../data/webhooks";

interface Props {
  /** The one that is changed; a new one unless given. */
  endpoint?: Endpoint;
  isBusy: boolean;
  onSubmit: (wanted: Wanted) => void;
  onCancel: () => void;
}

export function EndpointForm({ endpoint, isBusy, onSubmit, onCancel }: Props) {
  const [url, setUrl] = useState(endpoint?.url ?? "");
  const [kinds, setKinds] = useState<Kind[]>(endpoint?.kinds ?? []);
  const names = Object.entries(KINDS) as [Kind, string][];
  const choose = (kind: Kind, isChosen: boolean) =>
    setKinds(names.map(([known]) => known).filter((known) => (known === kind ? isChosen : kinds.includes(known))));
  return (
    <form
      class="inline-form"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit({ url: url.trim(), kinds });
      }}
    >
      <label>
        Address
        <input
          type="url"
          required
          maxLength={2048}
          autofocus
          value={url}
          placeholder="https://example.com/clinic-events"
          onInput={({ currentTarget }) => setUrl(currentTarget.value)}
        />
      </label>
      <fieldset class="weekdays">
        <legend>
          What it is told <i>everything unless chosen</i>
        </legend>
        {names.map(([kind, name]) => (
          <label key={kind}>
            <input
              type="checkbox"
              checked={kinds.includes(kind)}
              onChange={({ currentTarget }) => choose(kind, currentTarget.checked)}
            />
            {name}
          </label>
        ))}
      </fieldset>
      <p class="hint">No message names a patient. Each is signed with a secret, which you are shown once.</p>
      <div class="actions">
        <button type="submit" class="primary" disabled={isBusy}>
          {endpoint ? "Change it" : "Add it"}
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
