// Visits as lists have them, and what their statuses mean to a desk.

import type { FragmentOf, ResultOf } from "./graphql";
import type { Day as DayQuery, VisitInList } from "../operations";

export type Visit = FragmentOf<typeof VisitInList>;
export type Status = Visit["status"];
export type Column = NonNullable<ResultOf<typeof DayQuery>["providers"]>["nodes"][number];

const GONE: readonly Status[] = ["CANCELLED", "FAILED", "EXPIRED"];

/** Whether it holds its time. */
export const holdsTime = ({ status }: { status: Status }): boolean => !GONE.includes(status);

/** Whether the scheduling service outside has yet to answer. */
export const isPending = ({ status, pendingStartsAt }: Pick<Visit, "status" | "pendingStartsAt">): boolean =>
  status === "PENDING" || status === "CANCELLING" || pendingStartsAt !== null;

/** Each visit once: what an event puts into the first page of a list may stand on a later one too. */
export const once = (visits: Visit[]): Visit[] => [...new Map(visits.map((visit) => [visit.id, visit])).values()];

/** How a status is called, and the sign that goes with it so that colour is not all that tells. */
export const STATUS: Record<Status, { name: string; sign: string }> = {
  PENDING: { name: "Pending outside", sign: "◌" },
  CONFIRMED: { name: "Confirmed", sign: "" },
  CHECKED_IN: { name: "Checked in", sign: "●" },
  COMPLETED: { name: "Completed", sign: "✓" },
  NO_SHOW: { name: "No-show", sign: "✕" },
  CANCELLING: { name: "Being cancelled", sign: "◌" },
  CANCELLED: { name: "Cancelled", sign: "✕" },
  FAILED: { name: "Refused outside", sign: "✕" },
  EXPIRED: { name: "Never confirmed", sign: "✕" },
};

export const signOf = (visit: Pick<Visit, "status" | "pendingStartsAt">): string =>
  isPending(visit) ? "◌" : STATUS[visit.status].sign;

export const statusName = (visit: Pick<Visit, "status" | "pendingStartsAt">): string =>
  visit.pendingStartsAt !== null ? "Being moved" : STATUS[visit.status].name;

/** What a visit is called where it stands among others. */
export const titleOf = (visit: Visit): string => visit.patient?.name ?? visit.visitType?.name ?? "Visit";

export interface Narrowing {
  state: string;
  insurance: string;
  visitType: string;
}

export const fits = (visit: Visit, { state, insurance, visitType }: Narrowing): boolean =>
  (state === "" || visit.state === state) &&
  (insurance === "" || visit.insurance === insurance) &&
  (visitType === "" || visit.visitType?.id === visitType);
