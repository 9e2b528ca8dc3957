// A visit as it stands in a lane.

import { memo } from "../../parts/memo";
import { isPending, signOf, statusName, titleOf, type Visit } from "../../data/visits";
import { abbreviation, timeOf } from "../../time/words";

interface Props {
  visit: Visit;
  from: number;
  to: number;
  /** Where in the lane it is, and how far it reaches, in minutes. */
  offset: number;
  length: number;
  zone: string;
  isGhost: boolean;
  /** Outside of what is looked for: it takes its time, and says no more. */
  isFaint: boolean;
  canMove: boolean;
}

function VisitBlockInLane({ visit, from, to, offset, length, zone, isGhost, isFaint, canMove }: Props) {
  const sign = signOf(visit);
  const type = visit.visitType?.name;
  const status = isGhost ? "asked for, pending outside" : statusName(visit);
  const until = `to ${timeOf(to, zone)} ${abbreviation(to, zone)}`;
  // What there is no room for is in the name all the same, and in what shows on hovering.
  const rest = [until, length < 25 && type, status, visit.state].filter(Boolean).join(", ");
  const classes = [
    "visit",
    isGhost && "ghost",
    isFaint && "faint",
    length < 25 && "short",
    length < 12 && "tiny",
    canMove && "movable",
  ];
  return (
    <button
      type="button"
      class={classes.filter(Boolean).join(" ")}
      data-visit={visit.id}
      data-status={visit.status}
      data-pending={isPending(visit) ? "" : undefined}
      data-movable={canMove && !isGhost ? "" : undefined}
      style={{ "--from": offset, "--length": length }}
      title={`${titleOf(visit)}, ${timeOf(from, zone)} ${rest}`}
    >
      <span class="visit-title" dir="auto">
        {sign && <span class="visit-sign">{sign} </span>}
        {titleOf(visit)}
      </span>{" "}
      <span class="visit-time">
        {timeOf(from, zone)}
        {length >= 25 && type ? ` · ${type}` : ""}
      </span>
      <span class="hidden"> {rest}</span>
    </button>
  );
}

export const VisitBlock = memo(VisitBlockInLane);
