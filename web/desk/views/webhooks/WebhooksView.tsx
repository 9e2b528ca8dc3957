// The webhooks: the programs that are told what happens to visits, and what became of it.

import { useRef, useState } from "preact/hooks";

import { useClinic } from "../../data/clinic";
import { usePolled } from "../../data/usePolled";
import { askEndpoints, type Endpoint } from "../../data/webhooks";
import { type Asked, EndpointDialog } from "../../dialogs/webhooks/EndpointDialog";
import { Note } from "../../parts/Note";
import { OWN_ZONES, type Route } from "../../route";
import { EndpointCard } from "./EndpointCard";

export function WebhooksView({ route }: { route: Route }) {
  const { zone: clinicZone } = useClinic();
  const { value: endpoints, error, again } = usePolled("endpoints", askEndpoints);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [changes, setChanges] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  const zone = route.zone && route.zone !== OWN_ZONES ? route.zone : clinicZone;
  const done = () => {
    again();
    setChanges((count) => count + 1);
  };
  const close = () => {
    setAsked(null);
    // What opened it may be there no more.
    if (asked?.what === "delete") heading.current?.focus();
  };
  return (
    <div class="page webhooks">
      <header class="waitlist-head">
        <h1 ref={heading} tabIndex={-1}>
          Webhooks
        </h1>
        <p class="summary">Programs that are told what happens to visits, as it happens</p>
        <button type="button" class="primary" onClick={() => setAsked({ what: "add" })}>
          Add an endpoint …
        </button>
      </header>
      {error && endpoints && (
        <p class="refused" role="alert">
          This is not up to date: {error}
        </p>
      )}
      {error && !endpoints ? (
        <Note title="The webhooks could not be loaded" isWrong>
          <p>{error}</p>
          <button type="button" onClick={again}>
            Try again
          </button>
        </Note>
      ) : (
        <Endpoints
          endpoints={endpoints}
          chosen={route.endpoint}
          zone={zone}
          changes={changes}
          onAsk={setAsked}
          onDone={done}
        />
      )}
      {asked && <EndpointDialog asked={asked} zone={zone} onDone={done} onClose={close} />}
    </div>
  );
}

interface EndpointsProps {
  endpoints: Endpoint[] | undefined;
  chosen: string;
  zone: string;
  /** How often something was done: what is shown of deliveries is another then. */
  changes: number;
  onAsk: (asked: Asked) => void;
  onDone: () => void;
}

function Endpoints({ endpoints, chosen, ...rest }: EndpointsProps) {
  if (!endpoints) return <p aria-busy="true">Loading …</p>;
  if (endpoints.length === 0) {
    return (
      <Note title="Nobody is told yet">
        <p>An endpoint is the https address of a program, such as an electronic record or a room system.</p>
      </Note>
    );
  }
  return (
    <ol class="endpoints" aria-label="Endpoints">
      {endpoints.map((endpoint) => (
        <EndpointCard key={endpoint.id} endpoint={endpoint} isOpen={endpoint.id === chosen} {...rest} />
      ))}
    </ol>
  );
}
