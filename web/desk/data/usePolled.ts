// What has no events of its own is asked for again and again, while somebody looks at it.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { isSignedOut } from "./fetching";

const PAUSE_MS = 5000;

export interface Polled<T> {
  value: T | undefined;
  /** Why the last answer is none; what was known before stays. */
  error: string | undefined;
  /** Asks now. */
  again: () => void;
}

interface Held<T> {
  of: string;
  value: T | undefined;
  error: string | undefined;
}

/**
 * Asks at once, and each five seconds while the page is in view; never without `ask`. An answer to another key is
 * never shown for this.
 */
export function usePolled<T>(key: string, ask: ((isRepeated: boolean) => Promise<T>) | null): Polled<T> {
  const [held, setHeld] = useState<Held<T>>({ of: key, value: undefined, error: undefined });
  const [tries, setTries] = useState(0);
  const asks = useRef(ask);
  asks.current = ask;
  const isAsked = ask !== null;
  useEffect(() => {
    let isOver = false;
    let isAsking = false;
    let timer = 0;
    const read = async (isRepeated: boolean) => {
      if (!asks.current) return;
      isAsking = true;
      clearTimeout(timer);
      const answer = await asks.current(isRepeated).then(
        (value) => ({ value, error: undefined }),
        ({ message }: Error) => ({ value: undefined, error: message }),
      );
      isAsking = false;
      if (isOver) return;
      const known = (before: Held<T>) => (before.of === key ? before.value : undefined);
      setHeld((before) => ({
        of: key,
        value: answer.error === undefined ? answer.value : known(before),
        error: answer.error,
      }));
      timer = setTimeout(next, PAUSE_MS);
    };
    const next = () => {
      if (document.visibilityState === "visible" && !isAsking && !isSignedOut.value) void read(true);
    };
    document.addEventListener("visibilitychange", next);
    void read(false);
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", next);
    };
  }, [key, tries, isAsked]);
  const again = useCallback(() => setTries((count) => count + 1), []);
  const { value, error } = held.of === key ? held : { value: undefined, error: undefined };
  return { value, error, again };
}
