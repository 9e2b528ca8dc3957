// What was just done, said where it is not in the way, with a way to undo it.

import { Store } from "./store";

export interface Toast {
  id: number;
  text: string;
  tone: "done" | "wrong";
  undo?: () => void;
}

export const toasts = new Store<Toast[]>([]);

let last = 0;

export function say(text: string, { tone = "done", undo }: { tone?: Toast["tone"]; undo?: () => void } = {}): void {
  last += 1;
  const toast: Toast = { id: last, text, tone, ...(undo && { undo }) };
  toasts.set([...toasts.value.slice(-2), toast]);
}

export function dismiss(id: number): void {
  toasts.set(toasts.value.filter((toast) => toast.id !== id));
}
