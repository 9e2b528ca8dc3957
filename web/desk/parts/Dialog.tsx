// A native dialog: the browser keeps the focus inside, gives it back, and closes it on Escape.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

import { Toasts } from "./Toasts";

interface Props {
  title: string;
  /** A sheet at the side, a window in the middle, or a note beside where it belongs. */
  kind?: "sheet" | "window" | "note";
  at?: { x: number; y: number };
  onClose: () => void;
  children: ComponentChildren;
}

const NOTE_WIDTH = 340;
const NOTE_HEIGHT = 440;

export function Dialog({ title, kind = "window", at, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const place = at && {
    "--x": `${Math.max(8, Math.min(at.x, innerWidth - NOTE_WIDTH - 8))}px`,
    "--y": `${Math.max(8, Math.min(at.y, innerHeight - NOTE_HEIGHT - 8))}px`,
  };
  return (
    <dialog
      ref={dialog}
      class={`dialog ${kind}`}
      aria-labelledby={heading}
      style={place}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget && kind !== "window") onClose();
      }}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={heading}>{title}</h2>
          <button type="button" class="icon" aria-label="Close" onClick={onClose}>
            ✕
          </button>
        </header>
        {children}
      </div>
      {/* Whatever is outside of a modal dialog can't be clicked, and is not read out. */}
      <Toasts />
    </dialog>
  );
}
