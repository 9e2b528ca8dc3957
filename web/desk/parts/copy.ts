// Puts what a field shows where it can be pasted from.

import { say } from "../data/toasts";

/** Copies it, or selects it to be copied by hand, and says so. */
export async function copy(field: HTMLInputElement | null, said: string): Promise<void> {
  if (!field) return;
  field.select();
  try {
    // There is a clipboard where the page came over https or from this machine.
    await navigator.clipboard.writeText(field.value);
    say(said);
  } catch {
    say("It is selected: copy it with Ctrl+C", { tone: "wrong" });
  }
}
