// What happens at the clinic, as it happens. One tab of the browser follows the server and tells the
// others; when it closes, the next takes over from the last cursor.

import type { Client, ExecutionResult } from "@urql/core";

import { shared } from "../data/address";
import { isSignedOut } from "../data/fetching";
import { Store } from "../data/store";
import { follow } from "./follower";
import { Log } from "./log";
import type { LogName, Message, Status, Told } from "./messages";
import { newest } from "./newest";
import type { Subscribing } from "./stream";

/** The one who follows gives a sign whenever the server does, every 12 seconds at least. */
const SILENCE_MS = 40_000;

/** For how long events are remembered: longer than any question is on its way. */
const REMEMBERED_MS = 30_000;

const NAMES: LogName[] = ["visits", "roster"];

export class Live {
  readonly status = new Store<Status>({ state: "connecting" });
  /** Counts how often everything had to be loaded anew. */
  readonly resets = new Store(0);

  readonly #client: Client;
  readonly #channel = new BroadcastChannel(shared("events"));
  readonly #sinks: Partial<Record<LogName, (result: ExecutionResult) => void>> = {};
  readonly #asked: Partial<Record<LogName, Subscribing>> = {};
  readonly #stop = new AbortController();
  #logs: Record<LogName, Log> | null = null;
  #recent: { at: number; told: Told }[] = [];
  #isFollower = false;
  #heardAt = Date.now();

  constructor(client: Client) {
    this.#client = client;
    this.#channel.addEventListener("message", ({ data }) => this.#hear(data as Message));
    setInterval(() => this.#listen(), 5000);
    // Somebody may have signed in meanwhile, in another tab: perhaps somebody else, who begins afresh.
    document.addEventListener("visibilitychange", () => {
      if (!isSignedOut.value || document.hidden) return;
      newest(client).then(
        () => location.reload(),
        () => undefined,
      );
    });
  }

  /** Takes down where the logs stand, before anything of them is loaded. */
  async begin(): Promise<void> {
    const ends = await newest(this.#client);
    this.#logs = { visits: new Log("visits", ends.visits), roster: new Log("roster", ends.roster) };
  }

  /** Passes what happens on to a subscription of the client's. */
  attach(log: LogName, asked: Subscribing, sink: (result: ExecutionResult) => void): () => void {
    this.#asked[log] = asked;
    this.#sinks[log] = sink;
    if (NAMES.every((name) => this.#asked[name])) this.#join();
    return () => delete this.#sinks[log];
  }

  /**
   * Tells again what was told since: an answer that was read before an event, and arrived after it, has
   * covered it up.
   */
  tellAgain(since: number): void {
    for (const { at, told } of this.#recent) if (at >= since) this.#sinks[told.log]?.(told.result);
  }

  #join(): void {
    const lead = () => this.#follow();
    // Locks are for pages over https, or of this machine; elsewhere each tab follows for itself.
    if (navigator.locks) void navigator.locks.request(shared("follower"), { signal: this.#stop.signal }, lead);
    else void lead();
    this.#send({ type: "hello" });
  }

  async #follow(): Promise<void> {
    const { visits, roster } = this.#asked;
    if (!this.#logs || !visits || !roster) return;
    this.#isFollower = true;
    await follow({
      client: this.#client,
      logs: this.#logs,
      asked: { visits, roster },
      tell: (told) => {
        this.#send({ type: "event", ...told });
        this.#deal(told);
      },
      say: (status) => {
        this.#send({ type: "status", status });
        this.status.set(status);
      },
      beat: () => this.#send({ type: "beat" }),
      lost: () => {
        this.#send({ type: "reset" });
        void this.#reset();
      },
      signal: this.#stop.signal,
    });
  }

  #send(message: Message): void {
    this.#channel.postMessage(message);
  }

  #hear(message: Message): void {
    this.#heardAt = Date.now();
    if (message.type === "event") this.#deal(message);
    else if (message.type === "status") this.status.set(message.status);
    else if (message.type === "reset") void this.#reset();
    else if (message.type === "hello" && this.#isFollower) this.#send({ type: "status", status: this.status.value });
  }

  #deal(told: Told): void {
    if (!this.#logs?.[told.log].see(told.cursor)) return;
    const now = Date.now();
    this.#recent = [...this.#recent.filter(({ at }) => now - at < REMEMBERED_MS), { at: now, told }];
    this.#sinks[told.log]?.(told.result);
  }

  /** Notices that the tab which follows says nothing any more. */
  #listen(): void {
    if (this.#isFollower || this.status.value.state === "away") return;
    if (Date.now() - this.#heardAt > SILENCE_MS) this.status.set({ state: "away", since: this.#heardAt });
  }

  async #reset(): Promise<void> {
    const ends = await newest(this.#client).catch(() => null);
    if (!ends || !this.#logs) return;
    for (const name of NAMES) this.#logs[name].see(ends[name]);
    this.resets.set(this.resets.value + 1);
  }
}
