// One of the server's logs, as far as this browser has followed it.

import type { LogName } from "./messages";

/** How many of the last cursors are kept: more than happens while a question is on its way. */
const KEPT = 2000;

export class Log {
  /** The last event that was dealt with. */
  cursor: string;
  /** The newest event there was when the connection was made again; null once it has been seen. */
  #target: string | null = null;
  readonly #seen = new Set<string>();

  constructor(
    readonly name: LogName,
    cursor: string,
  ) {
    this.cursor = cursor;
    this.#seen.add(cursor);
  }

  /** Notes an event; false where it was seen before. */
  see(cursor: string): boolean {
    if (this.#seen.has(cursor)) return false;
    this.#seen.add(cursor);
    if (this.#seen.size > KEPT) this.#seen.delete(this.#seen.values().next().value ?? "");
    this.cursor = cursor;
    if (cursor === this.#target) this.#target = null;
    return true;
  }

  /** There is everything up to here to be told. */
  aim(newest: string): void {
    this.#target = this.#seen.has(newest) ? null : newest;
  }

  get isThere(): boolean {
    return this.#target === null;
  }
}
