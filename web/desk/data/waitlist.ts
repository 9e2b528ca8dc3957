// Who waits for a time: what entries of the waitlist mean to a desk, and what is done about them.

import { Accept, Decline, Leave, type Waiting } from "../operations";
import { change } from "./changes";
import { newKey } from "./fetching";
import type { FragmentOf } from "./graphql";

export type Entry = FragmentOf<typeof Waiting>;
export type EntryStatus = Entry["status"];
export type Offer = Entry["offers"][number];

export const WAITS: EntryStatus[] = ["WAITING", "OFFERED"];
export const OVER: EntryStatus[] = ["BOOKED", "LEFT", "LAPSED"];

/** How a status is called. */
const STATUS: Record<EntryStatus, string> = {
  WAITING: "Waits",
  OFFERED: "Offered a time",
  BOOKED: "Booked",
  LEFT: "Waits no more",
  LAPSED: "Found nothing in time",
};

/** The offer that is to be answered, if there is one. */
export function openOffer({ status, offers }: Entry): Offer | null {
  const last = offers.at(-1);
  return status === "OFFERED" && last && last.outcome === null ? last : null;
}

/** Where an entry stands: what was accepted may have to be confirmed outside first. */
export const standingOf = (entry: Entry): string =>
  entry.status === "OFFERED" && openOffer(entry) === null ? "Being booked" : STATUS[entry.status];

/** Whoever waits, as far as that may be seen. */
export const nameOf = ({ patient }: Pick<Entry, "patient">): string => patient?.name ?? "A patient";

/** The patient's clock: where it is not known of a patient in that state, it is as an offer says. */
export function clockOf({ patient, state, offers }: Entry): string | null {
  const offered = offers.at(-1)?.slot.patientTimeZone;
  return offered ?? (patient && patient.state === state ? patient.timeZone : null);
}

const which = ({ id, version }: Entry) => ({ id, expectedVersion: version, idempotencyKey: newKey() });

export const accept = (entry: Entry, withPatients: boolean) => change(Accept, { input: which(entry), withPatients });
export const decline = (entry: Entry, withPatients: boolean) => change(Decline, { input: which(entry), withPatients });
export const leave = (entry: Entry, withPatients: boolean) => change(Leave, { input: which(entry), withPatients });
