// What happened to a visit, in order, and who did it.

import type { KnownVisit } from "./VisitPanel";
import { momentOf, sentence, zoneInWords } from "../../time/words";

type Change = NonNullable<KnownVisit["history"]>[number];

const actor = (who: Change["actor"]): string | null => who && (who.name ?? sentence(who.kind));

function facts(
  { fromStartsAt, toStartsAt, fromProvider, toProvider, overruled, reason }: Change,
  zone: string,
): string[] {
  const told: string[] = [];
  if (fromStartsAt && toStartsAt && fromStartsAt !== toStartsAt) {
    told.push(`${momentOf(Date.parse(fromStartsAt), zone)} → ${momentOf(Date.parse(toStartsAt), zone)}`);
  }
  if (fromProvider && toProvider && fromProvider.id !== toProvider.id)
    told.push(`${fromProvider.name} → ${toProvider.name}`);
  if (overruled.length > 0) told.push(`Overruled: ${overruled.map(sentence).join(", ")}`);
  if (reason) told.push(`“${reason}”`);
  return told;
}

export function History({ changes, zone }: { changes: Change[]; zone: string }) {
  const first = changes[0];
  return (
    <details class="history" open>
      <summary>History{first && `, ${zoneInWords(Date.parse(first.at), zone)}`}</summary>
      <ol>
        {changes.map((change, place) => {
          const by = actor(change.actor);
          const behalf = actor(change.onBehalfOf);
          return (
            <li key={place}>
              <b>{sentence(change.kind)}</b>
              <small>
                {momentOf(Date.parse(change.at), zone)}
                {by && ` · ${by}`}
                {behalf && ` for ${behalf}`}
              </small>
              {facts(change, zone).map((fact) => (
                <small key={fact}>{fact}</small>
              ))}
            </li>
          );
        })}
      </ol>
    </details>
  );
}
