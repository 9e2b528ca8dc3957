// What is done to a visit. Each change says which version it has seen, and carries a key, so that sending
// it twice does it once.

import type { AnyVariables, TypedDocumentNode } from "@urql/core";

import { Cancel, Move, Reassign, type Refusal as RefusalFragment, SetStatus } from "../operations";
import { client } from "./client";
import { newKey } from "./fetching";
import type { FragmentOf } from "./graphql";
import type { Status, Visit } from "./visits";

export type Refusal = FragmentOf<typeof RefusalFragment>;
export type ErrorCode = Refusal["code"];

export type Outcome<T> = { done: true; value: T } | { done: false; refusal: Refusal };

interface Payload {
  error: Refusal | null;
}

/** What is told where the server did not get to answer. */
const unanswered = (message: string): Refusal => ({ __typename: "PlainError", code: "UNAVAILABLE", message });

/** Sends a mutation of one field, and answers its payload or what it was refused with. */
export async function change<Data extends object, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Outcome<Data[keyof Data]>> {
  const { data, error } = await client.mutation(document, variables).toPromise();
  const payload = data && (Object.values(data)[0] as (Data[keyof Data] & Payload) | null);
  if (payload?.error) return { done: false, refusal: payload.error };
  if (payload) return { done: true, value: payload };
  const message = error?.networkError
    ? "The server could not be reached. Nothing is known to have changed: try again once the page is live."
    : (error?.graphQLErrors[0]?.message ?? "The server did not answer");
  return { done: false, refusal: unanswered(message) };
}

export interface Overruling {
  overrule: ErrorCode[];
  overruleReason: string;
}

export interface Place {
  startsAt: string;
  providerId: string;
}

/** Moves a visit to another time, with its provider or another. */
export function move(visit: Visit, from: Place, to: Place, withPatients: boolean, overruling?: Overruling) {
  const same = { id: visit.id, startsAt: to.startsAt, expectedVersion: visit.version, idempotencyKey: newKey() };
  return from.providerId === to.providerId
    ? change(Move, { input: { ...same, ...overruling }, withPatients })
    : change(Reassign, { input: { ...same, ...overruling, providerId: to.providerId }, withPatients });
}

export const cancel = (visit: Visit, reason: string, withPatients: boolean) =>
  change(Cancel, {
    input: { id: visit.id, reason: reason || null, expectedVersion: visit.version, idempotencyKey: newKey() },
    withPatients,
  });

export const setStatus = (visit: Visit, status: Status, withPatients: boolean) =>
  change(SetStatus, {
    input: { id: visit.id, status, expectedVersion: visit.version, idempotencyKey: newKey() },
    withPatients,
  });

/** What staff may pass, with a reason. */
const POLICY: readonly ErrorCode[] = [
  "OUTSIDE_WORKING_HOURS",
  "PROVIDER_AWAY",
  "IN_BUFFER",
  "NOTICE_TOO_SHORT",
  "BEYOND_HORIZON",
  "DAILY_LIMIT_REACHED",
];

export const isPolicy = (code: ErrorCode): boolean => POLICY.includes(code);
