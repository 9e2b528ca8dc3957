// What is asked before an endpoint is added, changed, deleted, given another secret, or told anew.

import { useState } from "preact/hooks";

import type { Outcome, Refusal } from "../../data/changes";
import { say } from "../../data/toasts";
import {
  addEndpoint,
  changeEndpoint,
  deleteEndpoint,
  type Delivery,
  type Endpoint,
  rotateSecret,
  tellAnew,
} from "../../data/webhooks";
import { Dialog } from "../../parts/Dialog";
import { Refused } from "../../parts/Refused";
import { EndpointForm } from "./EndpointForm";
import { ReplayForm } from "./ReplayForm";
import { Secret } from "./Secret";
import { Sure } from "./Sure";

export type Asked =
  | { what: "add" }
  | { what: "change" | "rotate" | "delete"; endpoint: Endpoint }
  | { what: "replay"; endpoint: Endpoint; after?: Delivery };

const TITLES: Record<Asked["what"], string> = {
  add: "Add an endpoint",
  change: "Change an endpoint",
  rotate: "A new secret",
  delete: "Delete an endpoint",
  replay: "Tell anew",
};

interface Props {
  asked: Asked;
  zone: string;
  /** Something was done. */
  onDone: () => void;
  onClose: () => void;
}

export function EndpointDialog({ asked, zone, onDone, onClose }: Props) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);

  /** Does what was asked; what is done is over, unless there is something to be told. */
  const attempt = async <T,>(doing: Promise<Outcome<T>>, said: string) => {
    setBusy(true);
    setRefusal(null);
    const outcome = await doing;
    setBusy(false);
    onDone();
    if (!outcome.done) return setRefusal(outcome.refusal);
    const { secret: told } = outcome.value as { secret?: string | null };
    if (told) return setSecret(told);
    say(said);
    return onClose();
  };
  const ending = { isBusy, onCancel: onClose };
  return (
    <Dialog title={secret ? "Its secret" : TITLES[asked.what]} onClose={onClose}>
      {refusal && <Refused refusal={refusal} zone={zone} />}
      {secret ? (
        <Secret secret={secret} onClose={onClose} />
      ) : asked.what === "add" ? (
        <EndpointForm onSubmit={(wanted) => void attempt(addEndpoint(wanted), "Added")} {...ending} />
      ) : asked.what === "change" ? (
        <EndpointForm
          endpoint={asked.endpoint}
          onSubmit={(wanted) => void attempt(changeEndpoint(asked.endpoint, wanted), "Changed")}
          {...ending}
        />
      ) : asked.what === "replay" ? (
        <ReplayForm
          endpoint={asked.endpoint}
          delivery={asked.after}
          zone={zone}
          onSubmit={(after) => void attempt(tellAnew(asked.endpoint, after), "It is told anew")}
          {...ending}
        />
      ) : asked.what === "rotate" ? (
        <Sure
          of={asked.endpoint}
          yes="Make a new secret"
          no="Keep the secret"
          onSure={() => void attempt(rotateSecret(asked.endpoint), "It has a new secret")}
          {...ending}
        >
          Messages bear both signatures for a day: put the new secret where the program reads it before then.
        </Sure>
      ) : (
        <Sure
          of={asked.endpoint}
          yes="Delete it"
          no="Keep it"
          onSure={() => void attempt(deleteEndpoint(asked.endpoint), "Deleted")}
          {...ending}
        >
          It is told nothing any more, and what it was told is no longer shown. This can’t be undone.
        </Sure>
      )}
    </Dialog>
  );
}
