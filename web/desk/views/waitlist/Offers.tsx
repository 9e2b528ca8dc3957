// What was offered to somebody who waits, in order, and what became of it.

import { clockOf, type Entry, type Offer, openOffer } from "../../data/waitlist";
import { linkTo } from "../../route";
import { useNow } from "../../time/now";
import { abbreviation, momentOf, timeOf } from "../../time/words";

const OUTCOME: Record<NonNullable<Offer["outcome"]>, string> = {
  ACCEPTED: "accepted",
  DECLINED: "declined",
  LAPSED: "nobody answered",
  REFUSED: "accepted, refused by the scheduling service",
};

/** Until when an offer is held, and how long that is. */
function heldUntil({ expiresAt }: Offer, zone: string, now: number): string {
  const until = Date.parse(expiresAt);
  const minutes = Math.ceil((until - now) / 60_000);
  const left = minutes > 0 ? `${minutes} ${minutes === 1 ? "minute" : "minutes"} more` : "it passes to the next";
  return `held until ${timeOf(until, zone)} ${abbreviation(until, zone)}, ${left}`;
}

export function Offers({ entry, zone }: { entry: Entry; zone: string }) {
  const now = useNow();
  const open = openOffer(entry);
  const clock = clockOf(entry) ?? zone;
  if (entry.offers.length === 0) return <p class="hint">Nothing was offered yet.</p>;
  return (
    <ol class="offers" aria-label="Offers">
      {entry.offers.map((offer) => {
        const at = Date.parse(offer.slot.startsAt);
        const when = `${momentOf(at, clock)} ${abbreviation(at, clock)}`;
        // What was accepted has become a visit, or has moved the one that was there.
        const visit = offer.outcome === "ACCEPTED" ? (entry.insteadOf?.id ?? offer.id) : null;
        const became = offer.outcome ? OUTCOME[offer.outcome] : heldUntil(offer, zone, now);
        return (
          <li key={offer.id} data-open={offer === open ? "" : undefined} data-outcome={offer.outcome ?? undefined}>
            <b>
              {visit ? (
                <a href={linkTo({ visit })} data-link>
                  {when}
                </a>
              ) : (
                when
              )}
            </b>
            <small>
              with {offer.slot.provider.name}: {became}
            </small>
          </li>
        );
      })}
    </ol>
  );
}
