// The day as a list: for who reads rather than looks, and for paper.

import { useMemo } from "preact/hooks";

import { useClinic } from "../../data/clinic";
import { type Column, fits, holdsTime, isPending, statusName, titleOf, type Visit } from "../../data/visits";
import { Note } from "../../parts/Note";
import { go, linkTo, OWN_ZONES, type Route } from "../../route";
import { dayInWords, spanOf, abbreviation, zoneInWords } from "../../time/words";
import type { ShownDay } from "../day/useShownDay";

interface Row {
  visit: Visit;
  column: Column;
}

export function ListView({ route, shown }: { route: Route; shown: ShownDay }) {
  const { withPatients } = useClinic();
  const { day, zone, noon, columns, looked, error, again } = shown;
  const rows = useMemo(() => rowsOf(looked, route), [looked, route]);
  if (error && !columns) {
    return (
      <Note title="The day could not be loaded" isWrong>
        <p>{error}</p>
        <button type="button" onClick={again}>
          Try again
        </button>
      </Note>
    );
  }
  if (!columns) return <div class="page" aria-busy="true" />;
  const where = zone === OWN_ZONES ? "each provider’s own clock" : zoneInWords(noon, zone);
  return (
    <div class="page" tabIndex={0} role="region" aria-label="Visits of the day">
      {rows.length === 0 ? (
        <Note title="No visits on this day">
          <p>Nothing is booked that fits the filters.</p>
        </Note>
      ) : (
        <table class="list">
          <caption>
            {dayInWords(day)}: {rows.length} {rows.length === 1 ? "visit" : "visits"}. Times on {where}.
            <button type="button" class="quiet no-print" onClick={() => print()}>
              Print
            </button>
          </caption>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {withPatients && <th scope="col">Patient</th>}
              <th scope="col">Provider</th>
              <th scope="col">Visit type</th>
              <th scope="col">State</th>
              <th scope="col">Insurance</th>
              <th scope="col">Status</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ visit, column }) => (
              <tr key={visit.id}>
                <th scope="row">
                  <button type="button" class="quiet" onClick={() => go({ visit: visit.id })}>
                    {timesOf(visit, zone === OWN_ZONES ? column.timeZone : zone, zone === OWN_ZONES)}
                  </button>
                </th>
                {withPatients && (
                  <td>
                    {visit.patient ? (
                      <a href={linkTo({ view: "patients", patient: visit.patient.id, visit: "" })} data-link>
                        {titleOf(visit)}
                      </a>
                    ) : (
                      ""
                    )}
                  </td>
                )}
                <td>{column.name}</td>
                <td>{visit.visitType?.name ?? ""}</td>
                <td>{visit.state}</td>
                <td>{visit.insurance}</td>
                <td>
                  <span class="pill" data-status={visit.status} data-pending={isPending(visit) ? "" : undefined}>
                    {statusName(visit)}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function rowsOf(columns: Column[], route: Route): Row[] {
  return columns
    .flatMap((column) => (column.appointments?.nodes ?? []).map((visit) => ({ visit, column })))
    .filter(({ visit }) => holdsTime(visit) && fits(visit, route))
    .sort((a, b) => a.visit.startsAt.localeCompare(b.visit.startsAt) || a.column.name.localeCompare(b.column.name));
}

function timesOf({ startsAt, endsAt }: Visit, zone: string, isOwn: boolean): string {
  const from = Date.parse(startsAt);
  return spanOf(from, Date.parse(endsAt), zone) + (isOwn ? ` ${abbreviation(from, zone)}` : "");
}
