// From where on an endpoint is told anew: a delivery, or a moment.

import { useState } from "preact/hooks";

import { type Delivery, type Endpoint, subjectOf } from "../../data/webhooks";
import { momentOf, zoneInWords } from "../../time/words";
import { instantOf, isDay, minutesOf, shown } from "../../time/zone";

interface Props {
  endpoint: Endpoint;
  /** From that one on; from a moment on unless given. */
  delivery: Delivery | undefined;
  zone: string;
  isBusy: boolean;
  onSubmit: (after: string) => void;
  onCancel: () => void;
}

export function ReplayForm({ endpoint, delivery, zone, isBusy, onSubmit, onCancel }: Props) {
  const today = shown(Date.now(), zone).day;
  const [day, setDay] = useState<string>(today);
  const [time, setTime] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    if (delivery) return onSubmit(afterWhat(delivery));
    if (!isDay(day)) return undefined;
    return onSubmit(new Date(instantOf(day, time ? minutesOf(time) : 0, zone)).toISOString());
  };
  return (
    <form class="inline-form" onSubmit={submit}>
      <p class="address">{endpoint.url}</p>
      {delivery ? (
        <p>
          Told anew is {delivery.status === "FAILED" ? "this, and what happened after it" : "what happened after this"}:{" "}
          <b>
            {subjectOf(delivery)}, {momentOf(Date.parse(delivery.at), zone)}
          </b>
        </p>
      ) : (
        <>
          <p>Told anew is what has happened since, on the clock of {zoneInWords(Date.now(), zone)}:</p>
          <div class="pair">
            <label>
              Day
              <input
                type="date"
                required
                max={today}
                value={day}
                onInput={({ currentTarget }) => setDay(currentTarget.value)}
              />
            </label>
            <label>
              Time <i>if not all day</i>
              <input type="time" value={time} onInput={({ currentTarget }) => setTime(currentTarget.value)} />
            </label>
          </div>
        </>
      )}
      <p class="hint">Messages have the same ids as before: a program passes over those that it knows.</p>
      <div class="actions">
        <button type="submit" class="primary" disabled={isBusy} autofocus={delivery !== undefined}>
          Tell anew
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

/** What failed is told too: a moment takes in what happened then, an event does not. */
const afterWhat = ({ status, eventId, at }: Delivery): string => (status === "FAILED" || !eventId ? at : eventId);
