// Asks whether it is meant, before what can't be undone.

import type { ComponentChildren } from "preact";

import type { Endpoint } from "../../data/webhooks";

interface Props {
  of: Endpoint;
  yes: string;
  no: string;
  isBusy: boolean;
  onSure: () => void;
  onCancel: () => void;
  /** What comes of it. */
  children: ComponentChildren;
}

export function Sure({ of, yes, no, isBusy, onSure, onCancel, children }: Props) {
  return (
    <form
      class="inline-form"
      onSubmit={(event) => {
        event.preventDefault();
        onSure();
      }}
    >
      <p class="address">{of.url}</p>
      <p>{children}</p>
      <div class="actions">
        <button type="submit" class="danger solid" disabled={isBusy}>
          {yes}
        </button>
        <button type="button" autofocus onClick={onCancel}>
          {no}
        </button>
      </div>
    </form>
  );
}
