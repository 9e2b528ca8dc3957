// The mail: what patients were and are to be told, the latest first, and what became of it.

import { useState } from "preact/hooks";

import { useClinic } from "../../data/clinic";
import { askMails, type MailStatus, STATUS } from "../../data/mail";
import { usePolled } from "../../data/usePolled";
import { MailPanel } from "../../dialogs/mail/MailPanel";
import { Note } from "../../parts/Note";
import { close, go, OWN_ZONES, type Route } from "../../route";
import { MailTable } from "./MailTable";

/** So many are shown at first, and each time that more are asked for. */
const AT_ONCE = 20;
const STATUSES = Object.keys(STATUS) as MailStatus[];

export function MailView({ route }: { route: Route }) {
  const { zone: clinicZone } = useClinic();
  const zone = route.zone && route.zone !== OWN_ZONES ? route.zone : clinicZone;
  const status = STATUSES.find((known) => known === route.mailStatus) ?? null;
  const of = `mails ${status} ${route.mailOf}`;
  const [held, setHeld] = useState({ of, wanted: AT_ONCE });
  const wanted = held.of === of ? held.wanted : AT_ONCE;
  const { value, error, again } = usePolled(of, (isRepeated) =>
    askMails(status, route.mailOf || null, wanted, isRepeated),
  );
  const more = () => {
    setHeld({ of, wanted: (value?.items.length ?? 0) + AT_ONCE });
    again();
  };
  return (
    <div class="page mail">
      <header class="waitlist-head">
        <h1>Mail</h1>
        <label class="select" data-set={status ?? undefined}>
          <span class="hidden">Mail shown</span>
          <select
            value={status ?? ""}
            onChange={({ currentTarget }) => go({ mailStatus: currentTarget.value }, { replace: true })}
          >
            <option value="">All</option>
            {STATUSES.map((known) => (
              <option key={known} value={known}>
                {STATUS[known]}
              </option>
            ))}
          </select>
        </label>
        {route.mailOf && (
          <>
            <button type="button" onClick={() => go({ mailOf: "" })}>
              Of all visits
            </button>
            <p class="summary">Of one visit</p>
          </>
        )}
        <p class="summary">What patients are told, the latest first</p>
      </header>
      {error && value && (
        <p class="refused" role="alert">
          This is not up to date: {error}
        </p>
      )}
      {error && !value ? (
        <Note title="The mail could not be loaded" isWrong>
          <p>{error}</p>
          <button type="button" onClick={again}>
            Try again
          </button>
        </Note>
      ) : !value ? (
        <p aria-busy="true">Loading …</p>
      ) : value.items.length === 0 ? (
        <Note title={status || route.mailOf ? "None is so" : "No mail yet"}>
          <p>Patients are told of a visit that is booked, changed or cancelled, and reminded of it.</p>
        </Note>
      ) : (
        <MailTable mails={value.items} zone={zone} />
      )}
      {value?.hasMore && (
        <button type="button" class="more" onClick={more}>
          More
        </button>
      )}
      {route.mail && (
        <MailPanel key={route.mail} id={route.mail} zone={zone} onDone={again} onClose={() => close("mail")} />
      )}
    </div>
  );
}
