// What patients are told by mail: how what is known of it is called, and what is done about it.

import {
  FreshLink,
  type MailInList,
  type MailInShort,
  Mails,
  MailsOfVisit,
  OneMail,
  RevokeLinks,
  SendAgain,
} from "../operations";
import { attemptsOf, soonOf } from "../time/words";
import { ask, askLatest, type Latest } from "./asking";
import { change } from "./changes";
import { newKey } from "./fetching";
import type { FragmentOf, ResultOf } from "./graphql";

export type ShortMail = FragmentOf<typeof MailInShort>;
export type Mail = FragmentOf<typeof MailInList>;
export type WholeMail = Extract<ResultOf<typeof OneMail>["node"], { __typename: "Mail" }>;
export type MailStatus = Mail["status"];

/** How what a mail tells is called. */
export const KINDS: Record<Mail["kind"], string> = {
  CONFIRMATION: "Confirmation",
  CHANGE: "Change",
  CANCELLATION: "Cancellation",
  REMINDER: "Reminder",
  OFFER: "Offer of a time",
};

/** How a status is called, in the order in which they are come to. */
export const STATUS: Record<MailStatus, string> = {
  PENDING: "Waiting",
  SENT: "Sent",
  KEPT: "Kept",
  DROPPED: "Dropped",
  FAILED: "Failed",
};

const OUTCOME: Record<NonNullable<Mail["outcome"]>, string> = {
  ACCEPTED: "The mail server took it",
  REFUSED: "The mail server refused it: is the address right?",
  PUT_OFF: "The mail server put it off",
  UNREACHABLE: "The mail server could not be reached",
  TIMED_OUT: "The mail server did not answer in time",
  SUPERSEDED: "What it said did not hold any more",
  TOO_LATE: "It would have come too late",
  UNSUBSCRIBED: "The patient wants no reminders",
};

/** What became of it, in plain words. */
export function becameOf(mail: ShortMail, zone: string): string {
  const { status, outcome, attempts, nextAttemptAt } = mail;
  if (status === "KEPT") return "Kept to be read here: no mail server is set";
  if (outcome !== null) {
    const isTriedAgain = status === "PENDING" || (status === "FAILED" && attempts > 1);
    return isTriedAgain ? `${OUTCOME[outcome]}. ${attemptsOf(mail, zone)}` : OUTCOME[outcome];
  }
  if (status === "PENDING" && nextAttemptAt) return `Goes out at ${soonOf(Date.parse(nextAttemptAt), zone)}`;
  return "";
}

/** Whether the mail server takes nothing for that address: somebody has to look. */
export const isRefused = ({ outcome }: ShortMail): boolean => outcome === "REFUSED";

/** What says that nobody tried to send it, or why not. */
const UNTRIED: Mail["outcome"][] = [null, "SUPERSEDED", "TOO_LATE", "UNSUBSCRIBED"];

/** The last that was tried of a visit's mails, the oldest of which come first. */
export const lastTried = (mails: ShortMail[]): ShortMail | undefined =>
  mails.findLast(({ outcome }) => !UNTRIED.includes(outcome));

/** Whose it is, as far as that is known. */
export const patientOf = ({ appointment, waitlistEntry }: Mail) =>
  appointment?.patient ?? waitlistEntry?.patient ?? null;

/** Whether it can be sent, again or at last: not what waits anyway, nor what is no longer so. */
export const canBeSent = ({ status }: ShortMail): boolean => status !== "PENDING" && status !== "DROPPED";

export const askMails = (
  status: MailStatus | null,
  appointmentId: string | null,
  wanted: number,
  isRepeated: boolean,
): Promise<Latest<Mail>> =>
  askLatest(wanted, async (place) => (await ask(Mails, { status, appointmentId, ...place }, isRepeated)).mails ?? null);

/** One with what it says; null where there is none. */
export async function askMail(id: string, isRepeated: boolean): Promise<WholeMail | null> {
  const { node } = await ask(OneMail, { id }, isRepeated);
  return node?.__typename === "Mail" ? node : null;
}

/** The mails of a visit, the oldest first. */
export const askMailsOfVisit = async (id: string, isRepeated: boolean): Promise<ShortMail[]> =>
  (await ask(MailsOfVisit, { id }, isRepeated)).appointment?.mails ?? [];

export const sendAgain = ({ id }: ShortMail) => change(SendAgain, { input: { id, idempotencyKey: newKey() } });
export const makeLink = ({ id }: ShortMail) => change(FreshLink, { input: { id, idempotencyKey: newKey() } });
export const revokeLinks = (appointmentId: string) =>
  change(RevokeLinks, { input: { appointmentId, idempotencyKey: newKey() } });
