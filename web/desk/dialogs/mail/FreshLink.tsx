// A link of the patient that was made just now: it is nowhere but here.

import { useEffect, useRef } from "preact/hooks";

import { copy } from "../../parts/copy";

export function FreshLink({ url }: { url: string }) {
  const field = useRef<HTMLInputElement>(null);
  // It is what was asked for: what is next is to copy it.
  useEffect(() => field.current?.focus(), []);
  return (
    <section class="inline-form" aria-label="A fresh link">
      <label>
        The patient’s link
        <input
          ref={field}
          class="secret"
          readOnly
          value={url}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
      </label>
      <p class="hint">Whoever has it can do what the patient can. It is shown this once.</p>
      <div class="actions">
        <button type="button" class="primary" onClick={() => void copy(field.current, "The link is copied")}>
          Copy
        </button>
        <a class="button" href={url} target="_blank" rel="noopener noreferrer">
          Open it in a new tab
        </a>
      </div>
    </section>
  );
}
