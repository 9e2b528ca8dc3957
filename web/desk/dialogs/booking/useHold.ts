// Keeps a time while it is being booked: held as soon as it is chosen, released as soon as it is not any more.

import { useEffect, useRef, useState } from "preact/hooks";

import { change, type Refusal } from "../../data/changes";
import { client } from "../../data/client";
import { newKey } from "../../data/fetching";
import type { VariablesOf } from "../../data/graphql";
import { Hold, Release } from "../../operations";

type Wanted = Omit<VariablesOf<typeof Hold>["input"], "idempotencyKey" | "minutes">;

export type Standing =
  | { is: "asked" }
  /** Nobody else gets it until then. */
  | { is: "held"; until: number }
  /** It was held, and is not any more. */
  | { is: "lapsed" }
  | { is: "refused"; refusal: Refusal };

export interface Held {
  standing: Standing;
  /** By what it is booked, once it is known whether it is held. */
  token: () => Promise<string | null>;
  /** It is booked: there is nothing to release. */
  spend: () => void;
  /** Lets others have it, at once. */
  release: () => Promise<void>;
}

/** One time that is held, or was to be. */
class Holding {
  readonly answered: Promise<Standing>;
  token: string | null = null;
  #released: Promise<void> | null = null;

  constructor(wanted: Wanted, before: Promise<void>) {
    // What was held before may be in the way of it.
    this.answered = before.then(() => this.#ask(wanted));
  }

  async #ask(wanted: Wanted): Promise<Standing> {
    if (this.#released) return { is: "lapsed" };
    const outcome = await change(Hold, { input: { ...wanted, idempotencyKey: newKey() } });
    if (!outcome.done) return { is: "refused", refusal: outcome.refusal };
    const { hold } = outcome.value;
    if (!hold) return { is: "lapsed" };
    this.token = hold.token;
    return { is: "held", until: Date.parse(hold.expiresAt) };
  }

  release(): Promise<void> {
    this.#released ??= this.answered.then(async () => {
      const token = this.token;
      this.token = null;
      // Also while the page is being closed. One that has lapsed meanwhile is refused, which is as well.
      const context = { fetchOptions: { keepalive: true } };
      if (token) await client.mutation(Release, { input: { token } }, context).toPromise();
    });
    return this.#released;
  }
}

/** Holds what is wanted as long as it is shown. */
export function useHold(wanted: Wanted): Held {
  const [standing, setStanding] = useState<Standing>({ is: "asked" });
  const current = useRef<Holding | null>(null);
  useEffect(() => {
    const holding = new Holding(wanted, current.current?.release() ?? Promise.resolve());
    current.current = holding;
    setStanding({ is: "asked" });
    let timer = 0;
    void holding.answered.then((answer) => {
      if (current.current !== holding) return;
      setStanding(answer);
      if (answer.is === "held") timer = setTimeout(() => setStanding({ is: "lapsed" }), answer.until - Date.now());
    });
    const release = () => void holding.release();
    addEventListener("pagehide", release);
    return () => {
      removeEventListener("pagehide", release);
      clearTimeout(timer);
      release();
    };
  }, [JSON.stringify(wanted)]);
  return {
    standing,
    token: async () => {
      await current.current?.answered;
      return current.current?.token ?? null;
    },
    spend: () => {
      if (current.current) current.current.token = null;
    },
    release: async () => current.current?.release(),
  };
}
