// Links within the desk change what is shown, without loading the page again.

import { follow } from "./route";

export function followLinks(): () => void {
  const click = (event: MouseEvent) => {
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    const link = (event.target as HTMLElement).closest<HTMLAnchorElement>("a[data-link]");
    if (!isPlain || !link || event.defaultPrevented) return;
    event.preventDefault();
    follow(link.href);
  };
  document.addEventListener("click", click);
  return () => document.removeEventListener("click", click);
}
