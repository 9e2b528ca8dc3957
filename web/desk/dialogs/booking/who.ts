// Who is to be seen: somebody known, or somebody new.

import type { FragmentOf } from "../../data/graphql";
import type { PatientInList } from "../../operations";

export type KnownPatient = FragmentOf<typeof PatientInList>;

export type Who = { state: string; insurance: string } & (
  | { kind: "known"; patient: KnownPatient }
  | { kind: "new"; name: string; email: string; phone: string; birthDate: string }
);

export const describe = (who: Who): string =>
  `${who.kind === "known" ? who.patient.name : who.name}, ${who.state}, ${who.insurance}`;

/** As the booking wants it. */
export const patientOf = (who: Who) =>
  who.kind === "known"
    ? { patientId: who.patient.id, state: who.state, insurance: who.insurance }
    : {
        patient: {
          name: who.name,
          email: who.email,
          phone: who.phone || null,
          birthDate: who.birthDate || null,
          state: who.state,
          insurance: who.insurance,
        },
      };
