// The latest deliveries of an endpoint: what it was told, when, and what became of it.

import { useEffect, useRef, useState } from "preact/hooks";

import { usePolled } from "../../data/usePolled";
import {
  askDeliveries,
  type Delivery,
  type DeliveryStatus,
  type Endpoint,
  outcomeOf,
  subjectOf,
} from "../../data/webhooks";
import { attemptsOf, momentOf, sentence, zoneInWords } from "../../time/words";

/** So many are shown at first, and each time that more are asked for. */
const AT_ONCE = 20;
const STATUSES: DeliveryStatus[] = ["PENDING", "DELIVERED", "FAILED"];

interface Props {
  endpoint: Endpoint;
  zone: string;
  /** How often something was done: they are asked for again then. */
  changes: number;
  onReplay: (after: Delivery) => void;
}

export function Deliveries({ endpoint, zone, changes, onReplay }: Props) {
  const [status, setStatus] = useState<DeliveryStatus | null>(null);
  const [wanted, setWanted] = useState(AT_ONCE);
  const { value, error, again } = usePolled(`${endpoint.id} ${status}`, (isRepeated) =>
    askDeliveries(endpoint.id, status, wanted, isRepeated),
  );
  const seen = useRef({ changes, wanted });
  useEffect(() => {
    if (seen.current.changes !== changes || seen.current.wanted < wanted) again();
    seen.current = { changes, wanted };
  }, [changes, wanted, again]);
  const choose = (chosen: string) => {
    setStatus(STATUSES.find((known) => known === chosen) ?? null);
    setWanted(AT_ONCE);
  };
  return (
    <section class="deliveries" aria-label={`Deliveries to ${endpoint.url}`}>
      <label class="select" data-set={status ?? undefined}>
        <span class="hidden">Deliveries shown</span>
        <select value={status ?? ""} onChange={({ currentTarget }) => choose(currentTarget.value)}>
          <option value="">All deliveries</option>
          {STATUSES.map((known) => (
            <option key={known} value={known}>
              {sentence(known)}
            </option>
          ))}
        </select>
      </label>
      {error && (
        <p class="refused" role="alert">
          {error}
        </p>
      )}
      {!value && !error && <p aria-busy="true">Loading …</p>}
      {value?.items.length === 0 && (
        <p class="hint">{status ? "None is so." : "Nothing has happened yet that it is told."}</p>
      )}
      {value && value.items.length > 0 && (
        <Rows deliveries={value.items} zone={zone} onReplay={endpoint.active ? onReplay : null} />
      )}
      {value?.hasMore && (
        <button type="button" onClick={() => setWanted(value.items.length + AT_ONCE)}>
          More
        </button>
      )}
    </section>
  );
}

interface RowsProps {
  deliveries: Delivery[];
  zone: string;
  /** Null where nothing can be told anew now. */
  onReplay: ((after: Delivery) => void) | null;
}

function Rows({ deliveries, zone, onReplay }: RowsProps) {
  return (
    <table class="list">
      <caption>Times are those of {zoneInWords(Date.now(), zone)}. What is over is kept for 30 days.</caption>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">What</th>
          <th scope="col">Status</th>
          <th scope="col">Last attempt</th>
          <th scope="col">Attempts</th>
          <th scope="col">
            <span class="hidden">What to do</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {deliveries.map((delivery) => (
          <tr key={delivery.id} data-delivery={delivery.status}>
            <th scope="row">{momentOf(Date.parse(delivery.at), zone)}</th>
            <td>{subjectOf(delivery)}</td>
            <td>
              <span class="pill">{sentence(delivery.status)}</span>
            </td>
            <td>{outcomeOf(delivery)}</td>
            <td>{attemptsOf(delivery, zone)}</td>
            <td>
              {onReplay && delivery.eventId && delivery.status !== "PENDING" && (
                <button type="button" class="quiet" onClick={() => onReplay(delivery)}>
                  Tell anew …
                </button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
