// Somebody waits now: whether something was offered at once, and where to see them wait.

import { type Entry, openOffer } from "../../data/waitlist";
import { go, linkTo } from "../../route";
import { abbreviation, momentOf, timeOf } from "../../time/words";

interface Props {
  entry: Entry;
  who: string;
  zone: string;
  onClose: () => void;
  onLeft: (() => void) | undefined;
}

const WAITLIST = { view: "waitlist", visit: "", patient: "", over: "" } as const;

export function Joined({ entry, who, zone, onClose, onLeft }: Props) {
  const offer = openOffer(entry);
  const at = offer ? Date.parse(offer.slot.startsAt) : 0;
  const until = offer ? Date.parse(offer.expiresAt) : 0;
  const show = (event: Event) => {
    event.preventDefault();
    go(WAITLIST);
    onLeft?.();
  };
  return (
    <section class="inline-form" aria-label="On the waitlist">
      <h3>{who} is on the waitlist</h3>
      <div role="status">
        {offer ? (
          <p>
            Offered at once:{" "}
            <b>
              {momentOf(at, zone)} {abbreviation(at, zone)}
            </b>{" "}
            with {offer.slot.provider.name}, held until {timeOf(until, zone)} {abbreviation(until, zone)}. Accept it or
            decline it there.
          </p>
        ) : (
          <p>Nothing that fits is free now. What becomes free is offered, and stands there.</p>
        )}
      </div>
      <div class="actions">
        <a class="button primary" href={linkTo(WAITLIST)} onClick={show}>
          To the waitlist
        </a>
        <button type="button" autofocus onClick={onClose}>
          Done
        </button>
      </div>
    </section>
  );
}
