// What was just done. It stays while somebody looks at it, and goes by itself after that.

import { useEffect, useState } from "preact/hooks";

import { useStore } from "../data/store";
import { dismiss, type Toast, toasts } from "../data/toasts";

const SHOWN_MS = 9000;

function ToastLine({ toast }: { toast: Toast }) {
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (isHeld) return undefined;
    const timer = setTimeout(() => dismiss(toast.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isHeld, toast.id]);
  const hold = () => setHeld(true);
  const letGo = () => setHeld(false);
  return (
    <li class={`toast ${toast.tone}`} onMouseEnter={hold} onMouseLeave={letGo} onFocusIn={hold} onFocusOut={letGo}>
      <span>{toast.text}</span>
      {toast.undo && (
        <button
          type="button"
          data-undo
          onClick={() => {
            dismiss(toast.id);
            toast.undo?.();
          }}
        >
          Undo
        </button>
      )}
      <button type="button" class="icon" aria-label="Dismiss" onClick={() => dismiss(toast.id)}>
        ✕
      </button>
    </li>
  );
}

export function Toasts() {
  const shown = useStore(toasts);
  return (
    <ul class="toasts" role="list" aria-live="polite" aria-label="What was just done">
      {shown.map((toast) => (
        <ToastLine key={toast.id} toast={toast} />
      ))}
    </ul>
  );
}
