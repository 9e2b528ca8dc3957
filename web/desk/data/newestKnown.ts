// Keeps answers that crossed on the way from putting old over new: of each visit the newest version that
// was seen counts, whichever answer or event brought it.

import type { Exchange, OperationResult } from "@urql/core";
import { map, pipe, tap } from "wonka";

type Fields = Record<string, unknown>;

const isVisit = (value: Fields): value is Fields & { id: string; version: number } =>
  value.__typename === "Appointment" && typeof value.id === "string" && typeof value.version === "number";

const known = new Map<string, { version: number; fields: Fields }>();

/** The same data, each visit in it at the newest version that is known. */
function refreshed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(refreshed);
  if (typeof value !== "object" || value === null) return value;
  const fields: Fields = {};
  for (const [name, of] of Object.entries(value)) fields[name] = refreshed(of);
  if (!isVisit(fields)) return fields;
  const before = known.get(fields.id);
  if (!before || before.version <= fields.version) {
    known.set(fields.id, { version: fields.version, fields: { ...before?.fields, ...fields } });
    return fields;
  }
  for (const name of Object.keys(fields)) if (name in before.fields) fields[name] = before.fields[name];
  return fields;
}

interface Options {
  /** An answer has arrived to what was asked at that moment. */
  arrived: (askedAt: number) => void;
}

export const newestKnownExchange =
  ({ arrived }: Options): Exchange =>
  ({ forward }) =>
  (operations) => {
    const asked = new Map<number, number>();
    return pipe(
      operations,
      tap(({ kind, key }) => {
        if (kind === "query") asked.set(key, Date.now());
      }),
      forward,
      map((result: OperationResult) => (result.data ? { ...result, data: refreshed(result.data) } : result)),
      tap(({ operation, data }) => {
        const at = asked.get(operation.key);
        if (at === undefined || !data) return;
        asked.delete(operation.key);
        // After the cache has taken it.
        setTimeout(() => arrived(at));
      }),
    );
  };
