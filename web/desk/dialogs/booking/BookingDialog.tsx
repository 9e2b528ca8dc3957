// Booking, as one does it on the phone: who, with whom, when.

import { useState } from "preact/hooks";

import { useClinic } from "../../data/clinic";
import { Dialog } from "../../parts/Dialog";
import type { Who } from "./who";
import { describe } from "./who";
import { WhenStep } from "./WhenStep";
import { WhoStep } from "./WhoStep";
import { type With, WithStep } from "./WithStep";

/** What is known already where the booking begins. */
export interface BookingStart {
  patientId?: string;
  providerId?: string;
  startsAt?: number;
  visitTypeId?: string;
}

interface Props {
  start: BookingStart;
  onClose: () => void;
}

type Step = "who" | "with" | "when";
const STEPS: { step: Step; name: string }[] = [
  { step: "who", name: "Who" },
  { step: "with", name: "With whom" },
  { step: "when", name: "When" },
];

export function BookingDialog({ start, onClose }: Props) {
  const { visitTypes, providers } = useClinic();
  const [step, setStep] = useState<Step>("who");
  const [who, setWho] = useState<Who | null>(null);
  const [chosen, setChosen] = useState<With>({
    providerId: start.providerId ?? null,
    visitTypeId: start.visitTypeId || null,
    durationMinutes: null,
    reason: "",
  });
  const provider = providers.find(({ id }) => id === chosen.providerId);
  const said: Record<Step, string> = {
    who: who ? describe(who) : "",
    with: [provider?.name ?? "Whoever is free", visitTypes.get(chosen.visitTypeId ?? "")?.name]
      .filter(Boolean)
      .join(", "),
    when: "",
  };
  const at = STEPS.findIndex((it) => it.step === step);
  return (
    <Dialog kind="sheet" title="Book a visit" onClose={onClose}>
      <ol class="stepper" aria-label="Steps">
        {STEPS.map(({ step: one, name }, place) => (
          <li key={one} aria-current={one === step ? "step" : undefined}>
            {place < at ? (
              <button type="button" class="quiet" onClick={() => setStep(one)}>
                <b>{name}</b>
                <small>{said[one]}</small>
              </button>
            ) : (
              <b>{name}</b>
            )}
          </li>
        ))}
      </ol>
      {step === "who" && (
        <WhoStep
          start={who}
          patientId={start.patientId}
          onDone={(next) => {
            setWho(next);
            setStep("with");
          }}
        />
      )}
      {step === "with" && who && (
        <WithStep
          who={who}
          start={chosen}
          startsAt={start.startsAt}
          onInsurance={(insurance) => setWho({ ...who, insurance })}
          onDone={(next) => {
            setChosen(next);
            setStep("when");
          }}
        />
      )}
      {step === "when" && who && (
        <WhenStep
          who={who}
          chosen={chosen}
          startsAt={start.startsAt !== undefined && chosen.providerId === start.providerId ? start.startsAt : undefined}
          onBooked={onClose}
        />
      )}
    </Dialog>
  );
}
