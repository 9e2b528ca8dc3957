// The secret of an endpoint, which the server tells once.

import { useRef } from "preact/hooks";

import { copy } from "../../parts/copy";

export function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <div class="inline-form">
      <p>
        Its messages are signed with this. <b>It is told this once</b>: put it now where the program reads it, and
        nowhere else.
      </p>
      <label>
        Secret
        <input
          ref={field}
          class="secret"
          readOnly
          value={secret}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
      </label>
      <div class="actions">
        <button
          type="button"
          class="primary"
          autofocus
          onClick={() => void copy(field.current, "The secret is copied")}
        >
          Copy
        </button>
        <button type="button" onClick={onClose}>
          Done
        </button>
      </div>
    </div>
  );
}
