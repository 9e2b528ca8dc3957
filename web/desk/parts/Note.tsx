// A few words in the place of what is not there: nothing to show, or an error, and what to do about it.

import type { ComponentChildren } from "preact";

interface Props {
  title: string;
  isWrong?: boolean;
  children?: ComponentChildren;
}

export function Note({ title, isWrong = false, children }: Props) {
  return (
    <div class={isWrong ? "note wrong" : "note"} role={isWrong ? "alert" : undefined}>
      <p class="note-title">{title}</p>
      {children}
    </div>
  );
}
