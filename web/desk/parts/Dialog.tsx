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

/** Moves the focus on where what had it is taken away. Answers how to stop that. */
function keepFocus(dialog: HTMLDialogElement): () => void {
  let last: EventTarget | null = document.activeElement;
  const focused = ({ target }: FocusEvent) => {
    last = target;
  };
  const changes = new MutationObserver(() => {
    if (document.activeElement !== document.body || !(last instanceof Element) || last.isConnected) return;
    const next = NEXT.map((selector) => dialog.querySelector<HTMLElement>(selector)).find((it) => it !== null);
    next?.focus();
  });
  dialog.addEventListener("focusin", focused);
  changes.observe(dialog, { childList: true, subtree: true });
  return () => {
    dialog.removeEventListener("focusin", focused);
    changes.disconnect();
  };
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
    const stop = keepFocus(element);
    return () => {
      stop();
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
