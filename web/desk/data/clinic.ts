// What hardly changes while a desk is open, at hand for every part of the page.

import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { FragmentOf, ResultOf } from "./graphql";
import type { Clinic as ClinicQuery, ProviderInList } from "../operations";

export type Answered = ResultOf<typeof ClinicQuery>;
export type Provider = FragmentOf<typeof ProviderInList>;
export type VisitType = Answered["visitTypes"][number];
export type Permission = Answered["viewer"]["permissions"][number];

export interface Clinic {
  viewer: Answered["viewer"];
  may: (permission: Permission) => boolean;
  /** Whether they may see who the patients are. */
  withPatients: boolean;
  /** Whether they may see what happened to a visit. */
  withHistory: boolean;
  providers: Provider[];
  visitTypes: Map<string, VisitType>;
  insurances: string[];
  states: Answered["usStates"];
  closedDays: Map<string, string>;
  /** The clock that most providers live by: the API does not say which is the clinic's. */
  zone: string;
}

export function clinicOf(data: Answered, all: Provider[]): Clinic {
  const may = (permission: Permission) => data.viewer.permissions.includes(permission);
  // A clinician sees no visits of others: their columns would look free, and they may not be booked.
  const isOwn = ({ id }: Provider) => data.viewer.role !== "CLINICIAN" || id === data.viewer.provider?.id;
  const providers = all.filter(isOwn);
  return {
    viewer: data.viewer,
    may,
    withPatients: may("READ_PATIENTS"),
    withHistory: may("READ_HISTORY"),
    providers,
    visitTypes: new Map(data.visitTypes.map((type) => [type.id, type])),
    insurances: (data.insurances?.nodes ?? []).filter(({ active }) => active).map(({ name }) => name),
    states: data.usStates,
    closedDays: new Map(data.closedDays.map(({ date, name }) => [date, name])),
    zone: data.clinicRules.timeZone,
  };
}

export const ClinicContext = createContext<Clinic | null>(null);

export function useClinic(): Clinic {
  const clinic = useContext(ClinicContext);
  if (!clinic) throw new Error("The clinic is known to everything inside ClinicContext");
  return clinic;
}
