// An edit of a calendar: asked for as a dry run first. Where it strands nobody it is done at once; else the
// visits are told before, and stay at hand afterwards, for each is somebody to call.

import { useState } from "preact/hooks";

import { change, type Outcome, type Refusal } from "../../data/changes";
import { useClinic } from "../../data/clinic";
import { newKey } from "../../data/fetching";
import type { FragmentOf, VariablesOf } from "../../data/graphql";
import { say } from "../../data/toasts";
import {
  AddTimeOff,
  type ProviderHours,
  RemoveTimeOff,
  SetHours,
  SetOverride,
  type StrandedVisit,
} from "../../operations";

export type Calendar = FragmentOf<typeof ProviderHours>;
export type Stranded = FragmentOf<typeof StrandedVisit>;

export type Change = { what: string } & (
  | { kind: "hours"; workingHours: VariablesOf<typeof SetHours>["input"]["workingHours"] }
  | { kind: "override"; date: string; hours: { opensAt: string; closesAt: string }[] | null }
  | { kind: "timeOff"; startsAt: string; endsAt: string; reason: string | null }
  | { kind: "noTimeOff"; id: string }
);

export type Verdict =
  | { state: "none" }
  | { state: "busy" }
  | { state: "refused"; refusal: Refusal }
  /** It would strand these: go on? */
  | { state: "asking"; change: Change; stranded: Stranded[] }
  /** It was done, and these are left to be moved. */
  | { state: "done"; stranded: Stranded[] };

export interface Edit {
  verdict: Verdict;
  ask: (change: Change) => Promise<void>;
  confirm: () => Promise<void>;
  dismiss: () => void;
}

interface Window {
  from: string;
  firstDay: string;
}

type Told = { affectedAppointments: Stranded[] };

export function useEdit(calendar: Calendar | null, window: Window): Edit {
  const { withPatients } = useClinic();
  const [verdict, setVerdict] = useState<Verdict>({ state: "none" });

  const send = (calendarNow: Calendar, asked: Change, dryRun: boolean): Promise<Outcome<Told>> => {
    const common = { expectedVersion: calendarNow.version, dryRun, ...(dryRun ? {} : { idempotencyKey: newKey() }) };
    const rest = { ...window, withPatients, isDry: dryRun };
    const providerId = calendarNow.id;
    switch (asked.kind) {
      case "hours":
        return change(SetHours, { input: { providerId, workingHours: asked.workingHours, ...common }, ...rest });
      case "override":
        return change(SetOverride, { input: { providerId, date: asked.date, hours: asked.hours, ...common }, ...rest });
      case "timeOff": {
        const { startsAt, endsAt, reason } = asked;
        return change(AddTimeOff, { input: { providerId, startsAt, endsAt, reason, ...common }, ...rest });
      }
      case "noTimeOff":
        return change(RemoveTimeOff, { input: { id: asked.id, ...common }, ...rest });
    }
  };

  const carryOut = async (asked: Change) => {
    if (!calendar) return;
    setVerdict({ state: "busy" });
    const outcome = await send(calendar, asked, false);
    if (!outcome.done) return setVerdict({ state: "refused", refusal: outcome.refusal });
    say(`${calendar.name}: ${asked.what}`);
    return setVerdict({ state: "done", stranded: outcome.value.affectedAppointments });
  };

  return {
    verdict,
    ask: async (asked) => {
      if (!calendar) return;
      setVerdict({ state: "busy" });
      const outcome = await send(calendar, asked, true);
      if (!outcome.done) return setVerdict({ state: "refused", refusal: outcome.refusal });
      const { affectedAppointments: stranded } = outcome.value;
      if (stranded.length > 0) return setVerdict({ state: "asking", change: asked, stranded });
      return carryOut(asked);
    },
    confirm: async () => {
      if (verdict.state === "asking") await carryOut(verdict.change);
    },
    dismiss: () => setVerdict({ state: "none" }),
  };
}
