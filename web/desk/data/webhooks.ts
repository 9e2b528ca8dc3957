// The programs that are told what happens to visits: how what is known of them is called, and what is done about them.

import {
  AddEndpoint,
  ChangeEndpoint,
  DeleteEndpoint,
  type Delivery as DeliveryFragment,
  Deliveries,
  type Endpoint as EndpointFragment,
  RotateSecret,
  TellAnew,
  TryEndpoint,
  Webhooks,
} from "../operations";
import { ask, askLatest, type Latest } from "./asking";
import { change } from "./changes";
import { newKey } from "./fetching";
import type { FragmentOf } from "./graphql";

export type Endpoint = FragmentOf<typeof EndpointFragment>;
export type Kind = Endpoint["kinds"][number];
export type Delivery = FragmentOf<typeof DeliveryFragment>;
export type DeliveryStatus = Delivery["status"];

/** How what happens to visits is called, in the order in which it does. */
export const KINDS: Record<Kind, string> = {
  BOOKED: "Booked",
  CONFIRMED: "Confirmed",
  FAILED: "Refused outside",
  EXPIRED: "Not confirmed in time",
  RESCHEDULING: "Being moved",
  RESCHEDULED: "Moved",
  RESCHEDULE_REFUSED: "Move refused",
  REASSIGNING: "Changing provider",
  REASSIGNED: "With another provider",
  REASSIGN_REFUSED: "Other provider refused",
  UPDATED: "Corrected",
  CANCELLING: "Being cancelled",
  CANCELLED: "Cancelled",
  CHECKED_IN: "Checked in",
  COMPLETED: "Completed",
  NO_SHOW: "No-show",
  REINSTATED: "Set back to confirmed",
};

/** What a delivery is about. */
export const subjectOf = ({ kind }: Delivery): string => (kind ? KINDS[kind] : "Trial");

const OUTCOME: Record<NonNullable<Delivery["outcome"]>, string> = {
  ACCEPTED: "Taken",
  REFUSED: "Refused",
  REDIRECTED: "Answered by a redirect, which is not followed",
  TIMED_OUT: "No answer within 15 seconds",
  UNREACHABLE: "Could not be reached",
  ADDRESS_NOT_ALLOWED: "Its address leads inside, and is not allowed",
};

/** What became of the last attempt. */
export function outcomeOf({ outcome, responseStatus }: Delivery): string {
  if (outcome === null) return "Not tried yet";
  return responseStatus === null ? OUTCOME[outcome] : `${OUTCOME[outcome]}: HTTP ${responseStatus}`;
}

export const askEndpoints = async (isRepeated: boolean): Promise<Endpoint[]> =>
  (await ask(Webhooks, {}, isRepeated)).webhookEndpoints ?? [];

/** The latest deliveries of an endpoint, as many as are wanted. */
export const askDeliveries = (
  id: string,
  status: DeliveryStatus | null,
  wanted: number,
  isRepeated: boolean,
): Promise<Latest<Delivery>> =>
  askLatest(wanted, async (place) => {
    const { node } = await ask(Deliveries, { id, status: status && [status], ...place }, isRepeated);
    return node?.__typename === "WebhookEndpoint" ? (node.deliveries ?? null) : null;
  });

const which = ({ id, version }: Endpoint) => ({ id, expectedVersion: version, idempotencyKey: newKey() });

export interface Wanted {
  url: string;
  kinds: Kind[];
}

export const addEndpoint = (wanted: Wanted) => change(AddEndpoint, { input: { ...wanted, idempotencyKey: newKey() } });
export const changeEndpoint = (endpoint: Endpoint, wanted: Partial<Wanted> & { active?: boolean }) =>
  change(ChangeEndpoint, { input: { ...which(endpoint), ...wanted } });
export const deleteEndpoint = (endpoint: Endpoint) => change(DeleteEndpoint, { input: which(endpoint) });
export const rotateSecret = (endpoint: Endpoint) => change(RotateSecret, { input: which(endpoint) });
export const tryEndpoint = ({ id }: Endpoint) =>
  change(TryEndpoint, { input: { endpointId: id, idempotencyKey: newKey() } });
export const tellAnew = ({ id }: Endpoint, after: string) =>
  change(TellAnew, { input: { endpointId: id, after, idempotencyKey: newKey() } });
