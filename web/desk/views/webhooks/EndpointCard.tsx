// One endpoint: where it is, what it is told, how it stands, and what can be done about it.

import { useState } from "preact/hooks";

import type { Outcome, Refusal } from "../../data/changes";
import { say } from "../../data/toasts";
import { changeEndpoint, type Delivery, type Endpoint, KINDS, outcomeOf, tryEndpoint } from "../../data/webhooks";
import type { Asked } from "../../dialogs/webhooks/EndpointDialog";
import { Refused } from "../../parts/Refused";
import { go } from "../../route";
import { abbreviation, momentOf, timeOf } from "../../time/words";
import { Deliveries } from "./Deliveries";

interface Props {
  endpoint: Endpoint;
  /** Whether its deliveries are shown. */
  isOpen: boolean;
  zone: string;
  changes: number;
  onAsk: (asked: Asked) => void;
  onDone: () => void;
}

type Standing = "active" | "failing" | "off";

/** How it stands, in a word and in a sentence. */
function standingOf(endpoint: Endpoint, zone: string): { standing: Standing; word: string; sentence: string | null } {
  const { active, failingSince, switchedOffAt } = endpoint;
  const since = (moment: string) => {
    const at = Date.parse(moment);
    return `since ${momentOf(at, zone)} ${abbreviation(at, zone)}`;
  };
  if (switchedOffAt) {
    const sentence = `Off ${since(switchedOffAt)}: it had failed for three days, or answered 410 (gone).`;
    return { standing: "failing", word: "Switched off", sentence };
  }
  if (!active) return { standing: "off", word: "Off", sentence: null };
  if (!failingSince) return { standing: "active", word: "Active", sentence: null };
  const sentence = `No attempt was taken ${since(failingSince)}. It is switched off after three days of that.`;
  return { standing: "failing", word: "Failing", sentence };
}

export function EndpointCard({ endpoint, isOpen, zone, changes, onAsk, onDone }: Props) {
  const { id, url, kinds, active } = endpoint;
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [trial, setTrial] = useState<{ delivery: Delivery | null } | null>(null);
  const { standing, word, sentence } = standingOf(endpoint, zone);

  /** Does one thing, and tells what came of it. */
  const attempt = async <T,>(doing: Promise<Outcome<T>>, done: (value: T) => void) => {
    setBusy(true);
    setRefusal(null);
    setTrial(null);
    const outcome = await doing;
    setBusy(false);
    if (outcome.done) done(outcome.value);
    else {
      setTrial(null);
      setRefusal(outcome.refusal);
    }
    return onDone();
  };
  const toggle = () =>
    attempt(changeEndpoint(endpoint, { active: !active }), () =>
      say(active ? "Switched off: what waited for it is given up" : "Switched on: it is told what happens from now on"),
    );
  const test = () => {
    const trying = attempt(tryEndpoint(endpoint), ({ delivery }) => setTrial({ delivery }));
    setTrial({ delivery: null });
    return trying;
  };
  return (
    <li data-endpoint={id} data-standing={standing}>
      <header>
        <h2>{url}</h2>
        <span class="pill">{word}</span>
      </header>
      {sentence && <p class="endpoint-why">{sentence}</p>}
      <p class="hint">Told: {kinds.length === 0 ? "everything" : kinds.map((kind) => KINDS[kind]).join(", ")}</p>
      {refusal && <Refused refusal={refusal} zone={zone} />}
      <p class="trial" role="status" data-outcome={trial?.delivery?.outcome ?? undefined}>
        {trial && <TrialWords delivery={trial.delivery} zone={zone} />}
      </p>
      <div class="actions" role="group" aria-label={`What to do with ${url}`}>
        <button type="button" aria-expanded={isOpen} onClick={() => go({ endpoint: isOpen ? "" : id })}>
          Deliveries
        </button>
        <button type="button" disabled={isBusy} onClick={() => void test()}>
          Send a trial
        </button>
        {active && (
          <button type="button" disabled={isBusy} onClick={() => onAsk({ what: "replay", endpoint })}>
            Tell anew …
          </button>
        )}
        <button type="button" disabled={isBusy} onClick={() => void toggle()}>
          {active ? "Switch off" : "Switch on"}
        </button>
        <button type="button" disabled={isBusy} onClick={() => onAsk({ what: "change", endpoint })}>
          Change …
        </button>
        <button type="button" disabled={isBusy} onClick={() => onAsk({ what: "rotate", endpoint })}>
          New secret …
        </button>
        <button type="button" class="danger" disabled={isBusy} onClick={() => onAsk({ what: "delete", endpoint })}>
          Delete …
        </button>
      </div>
      {isOpen && (
        <Deliveries
          endpoint={endpoint}
          zone={zone}
          changes={changes}
          onReplay={(after) => onAsk({ what: "replay", endpoint, after })}
        />
      )}
    </li>
  );
}

function TrialWords({ delivery, zone }: { delivery: Delivery | null; zone: string }) {
  if (!delivery) return <>The trial is on its way …</>;
  return (
    <>
      Trial at {timeOf(Date.parse(delivery.at), zone)}: <b>{outcomeOf(delivery)}</b>
    </>
  );
}
