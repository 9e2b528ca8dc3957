// Puts visits that are told of into the lists of the cache where they belong, and takes them out of
// others: so an event changes one visit, and no list is loaded again.

import type { Cache } from "@urql/exchange-graphcache";

/** Statuses that hold no time: lists leave them out unless they are asked for. */
const GONE = new Set(["CANCELLED", "FAILED", "EXPIRED"]);

interface Window {
  from: string;
  to: string;
}

const isWindow = (value: unknown): value is Window =>
  typeof value === "object" && value !== null && "from" in value && "to" in value;

/** A value of a visit in the cache. */
const of = (cache: Cache, visit: string, field: string): string => String(cache.resolve(visit, field) ?? "");

function belongs(cache: Cache, visit: string, { from, to }: Window): boolean {
  if (GONE.has(of(cache, visit, "status"))) return false;
  const [starts, ends] = [Date.parse(of(cache, visit, "startsAt")), Date.parse(of(cache, visit, "endsAt"))];
  return starts < Date.parse(to) && ends > Date.parse(from);
}

const keys = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((key): key is string => typeof key === "string") : [];

/** Everybody whose lists may be in the cache. */
function providers(cache: Cache): Set<string> {
  const found = new Set<string>();
  for (const { fieldName, fieldKey } of cache.inspectFields("Query")) {
    if (fieldName === "provider") {
      for (const key of keys([cache.resolve("Query", fieldKey)])) found.add(key);
    }
    if (fieldName !== "providers") continue;
    const connection = cache.resolve("Query", fieldKey);
    if (typeof connection !== "string") continue;
    for (const key of keys(cache.resolve(connection, "nodes"))) found.add(key);
  }
  return found;
}

/** Puts a visit where it belongs, now that it is with that provider. */
export function place(cache: Cache, visit: string, provider: string): void {
  for (const owner of new Set([provider, ...providers(cache)])) {
    for (const { fieldName, fieldKey, arguments: window } of cache.inspectFields(owner)) {
      if (fieldName !== "appointments" || !isWindow(window)) continue;
      const connection = cache.resolve(owner, fieldKey);
      if (typeof connection !== "string") continue;
      const nodes = keys(cache.resolve(connection, "nodes"));
      const isIn = nodes.includes(visit);
      const shouldBe = owner === provider && belongs(cache, visit, window);
      if (isIn === shouldBe) continue;
      const others = nodes.filter((key) => key !== visit);
      const starts = (key: string) => of(cache, key, "startsAt");
      const next = shouldBe ? [...others, visit].sort((a, b) => starts(a).localeCompare(starts(b))) : others;
      cache.link(connection, "nodes", next);
    }
  }
}

/** Takes a visit out of every list: it went out of sight. */
export const takeOut = (cache: Cache, visit: string): void => place(cache, visit, "");

/** What is listed of a patient is asked for anew when next looked at. */
export function forgetListsOf(cache: Cache, patient: string): void {
  for (const { fieldName, fieldKey } of cache.inspectFields(patient)) {
    if (fieldName === "appointments") cache.invalidate(patient, fieldKey);
  }
}
