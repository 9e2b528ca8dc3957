// Keys that do something wherever the focus is, unless something is being typed or a dialog is open.

import { useEffect } from "preact/hooks";

import { Store } from "./data/store";
import { dismiss, toasts } from "./data/toasts";
import { go, NOTHING_OPEN, type View } from "./route";

/** What each key does, as the list on `?` tells it. */
export const SHORTCUTS: { keys: string[]; what: string }[] = [
  { keys: ["b"], what: "Book a visit" },
  { keys: ["t"], what: "Today" },
  { keys: ["p", "n"], what: "Previous and next day, or week" },
  { keys: ["g"], what: "Go to a day" },
  { keys: ["d", "w", "l", "q"], what: "Day, week of a provider, list, waitlist" },
  { keys: ["/"], what: "Find a patient" },
  { keys: ["u"], what: "Undo what was just done" },
  { keys: ["←", "↑", "→", "↓"], what: "From visit to visit in the day" },
  { keys: ["Enter"], what: "Open the visit" },
  { keys: ["Esc"], what: "Close what is open" },
  { keys: ["?"], what: "This list" },
];

const KEPT = "clinic-desk:no-keys";

/** Who speaks to their computer, or types by accident, turns single keys off: the browser remembers. */
export const areKeysOn = new Store(localStorage.getItem(KEPT) === null);
areKeysOn.listen((on) => (on ? localStorage.removeItem(KEPT) : localStorage.setItem(KEPT, "")));

interface Actions {
  book: () => void;
  help: () => void;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}

/** What a button of the page does. */
const press = (selector: string) => () => document.querySelector<HTMLElement>(selector)?.click();

function undo(): void {
  const toast = toasts.value.findLast((it) => it.undo);
  if (!toast) return;
  dismiss(toast.id);
  toast.undo?.();
}

const show = (view: View) => () => go({ view, ...NOTHING_OPEN });

/** What is typed next is whom one looks for: where the page is there already, nothing else would say so. */
function lookUp(): void {
  show("patients")();
  document.querySelector<HTMLInputElement>(".patients-search input")?.select();
}

export function useShortcuts({ book, help }: Actions): void {
  useEffect(() => {
    const actions: Record<string, () => void> = {
      b: book,
      t: press("[data-step=today]"),
      p: press("[data-step=previous]"),
      n: press("[data-step=next]"),
      g: () => document.querySelector<HTMLElement>("#go-to-day")?.focus(),
      d: show("day"),
      w: show("week"),
      l: show("list"),
      q: show("waitlist"),
      "/": lookUp,
      u: undo,
      "?": help,
    };
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (!areKeysOn.value || document.querySelector("dialog[open]")) return;
      const action = actions[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}
