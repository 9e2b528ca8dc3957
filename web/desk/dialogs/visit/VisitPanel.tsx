// One visit: what is known of it, what became of it, and what can be done about it.

import { useState } from "preact/hooks";

import { useClinic } from "../../data/clinic";
import type { FragmentOf } from "../../data/graphql";
import { askMailsOfVisit } from "../../data/mail";
import { usePolled } from "../../data/usePolled";
import { useQuery } from "../../data/useQuery";
import { isPending, statusName, titleOf } from "../../data/visits";
import { Visit, type VisitDetails } from "../../operations";
import { Dialog } from "../../parts/Dialog";
import { Note } from "../../parts/Note";
import type { BookingStart } from "../booking/BookingDialog";
import { Actions } from "./Actions";
import { CancelForm } from "./CancelForm";
import { CorrectForm } from "./CorrectForm";
import { Details } from "./Details";
import { History } from "./History";
import { MoveForm } from "./MoveForm";
import { MailWarning, VisitMail } from "./VisitMail";
import { WaitForEarlier } from "./WaitForEarlier";

export type KnownVisit = FragmentOf<typeof VisitDetails>;

export type Doing = "nothing" | "moving" | "waiting" | "correcting" | "cancelling";

interface Props {
  id: string;
  onClose: () => void;
  onBooking: (start: BookingStart) => void;
}

export function VisitPanel({ id, onClose, onBooking }: Props) {
  const { may, withPatients, withHistory } = useClinic();
  const { data, error, again } = useQuery(
    Visit,
    { id, withPatients, withHistory },
    { requestPolicy: "cache-and-network" },
  );
  const withMail = may("MERGE_PATIENTS");
  const { value: mails = [] } = usePolled(id, withMail ? (isRepeated) => askMailsOfVisit(id, isRepeated) : null);
  const [doing, setDoing] = useState<Doing>("nothing");
  const visit = data?.appointment;
  const done = () => setDoing("nothing");
  return (
    <Dialog kind="sheet" title={visit ? titleOf(visit) : "Visit"} isInAddress onClose={onClose}>
      {visit ? (
        <>
          <p class="status-line">
            <span class="pill" data-status={visit.status} data-pending={isPending(visit) ? "" : undefined}>
              {statusName(visit)}
            </span>
            {visit.unsettledOutside && <span class="pill unsettled">Unsettled outside</span>}
          </p>
          <MailWarning visit={visit} mails={mails} />
          <Details visit={visit} />
          {doing === "nothing" && <Actions visit={visit} onDo={setDoing} onBooking={onBooking} />}
          {doing === "moving" && <MoveForm visit={visit} onDone={done} />}
          {doing === "waiting" && <WaitForEarlier visit={visit} onDone={done} />}
          {doing === "correcting" && <CorrectForm visit={visit} onDone={done} />}
          {doing === "cancelling" && <CancelForm visit={visit} onDone={done} />}
          <VisitMail visit={visit} mails={mails} />
          {visit.history && <History changes={visit.history} zone={visit.provider.timeZone} />}
        </>
      ) : error ? (
        <Note title="The visit could not be loaded" isWrong>
          <p>{error.graphQLErrors[0]?.message ?? error.message}</p>
          <button type="button" onClick={again}>
            Try again
          </button>
        </Note>
      ) : data ? (
        <Note title="There is no such visit">
          <p>The link may be of another clinic, or the visit is not yours to see.</p>
        </Note>
      ) : (
        <p aria-busy="true">Loading …</p>
      )}
    </Dialog>
  );
}
