// A native dialog: the browser keeps the focus inside, gives it back, and closes it on Escape.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";

import { closeOnBack } from "../route";
import { Toasts } from "./Toasts";

interface Props {
  title: string;
  /** A sheet at the side, a window in the middle, or a note beside where it belongs. */
  kind?: "sheet" | "window" | "note";
  at?: { x: number; y: number };
  /** Whether the address names what is open: then Back closes it anyway. */
  isInAddress?: boolean;
  onClose: () => void;
  children: ComponentChildren;
}

const NOTE_WIDTH = 340;
const NOTE_HEIGHT = 440;

/** What one goes on with, where the focus was on something that is there no more: the first of these. */
const NEXT = [
  "[autofocus]:enabled",
  ":is(input, select, textarea):invalid",
  ".inline-form :is(input, select, textarea, button):enabled",
  ":is(.times, .actions) button:enabled",
];

function keepFocus(dialog: HTMLDialogElement): void {
  if (document.activeElement !== document.body || !dialog.open) return;
  for (const selector of NEXT) {
    const next = dialog.querySelector<HTMLElement>(selector);
    if (next) return next.focus();
  }
}

export function Dialog({ title, kind = "window", at, isInAddress = false, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const close = useRef(onClose);
  close.current = onClose;
  // Before anything else is typed: the next key is meant for what is in here.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return undefined;
    element.showModal();
    const changes = new MutationObserver(() => keepFocus(element));
    changes.observe(element, { childList: true, subtree: true });
    return () => {
      changes.disconnect();
      element.close();
    };
  }, []);
  useEffect(() => (isInAddress ? undefined : closeOnBack(() => close.current())), []);
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
