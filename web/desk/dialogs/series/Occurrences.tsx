// The visits of a series, one by one: whether each can be had, if not why, and what else there is.

import type { ResultOf } from "../../data/graphql";
import type { SeriesAhead } from "../../operations";
import { abbreviation, dateOf, timeOf } from "../../time/words";

export type Occurrence = NonNullable<ResultOf<typeof SeriesAhead>["previewSeries"]>["occurrences"][number];

interface Props {
  occurrences: Occurrence[];
  zone: string;
  isBusy: boolean;
  /** Another time in the place of one; null leaves it out. */
  onReplace: (index: number, by: string | null) => void;
}

export function Occurrences({ occurrences, zone, isBusy, onReplace }: Props) {
  const inWords = (startsAt: string) => {
    const at = Date.parse(startsAt);
    return `${dateOf(at, zone)}, ${timeOf(at, zone)} ${abbreviation(at, zone)}`;
  };
  return (
    <ol class="offers" aria-label="Visits" aria-busy={isBusy}>
      {occurrences.map(({ index, startsAt, bookable, reasons, note, alternative }) => (
        <li key={startsAt} data-bookable={bookable ? "" : undefined}>
          <b>{inWords(startsAt)}</b>
          {reasons.map(({ code, message }) => (
            <small key={code} class="pending-words">
              {message}
            </small>
          ))}
          {note && <small>{note}</small>}
          {!bookable && (
            <div class="actions">
              {alternative && (
                <button type="button" disabled={isBusy} onClick={() => onReplace(index, alternative.startsAt)}>
                  {inWords(alternative.startsAt)} instead
                </button>
              )}
              {occurrences.length > 1 && (
                <button
                  type="button"
                  disabled={isBusy}
                  aria-label={`Leave it out: ${inWords(startsAt)}`}
                  onClick={() => onReplace(index, null)}
                >
                  Leave it out
                </button>
              )}
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}
