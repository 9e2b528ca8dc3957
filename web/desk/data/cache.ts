// The cache: everything with an id once, wherever it is shown. What changes a visit, a mutation of ours or
// an event of anybody's, comes through the same door.

import { type Cache, cacheExchange, type UpdateResolver } from "@urql/exchange-graphcache";

import { possibleTypes } from "../operations";
import { forgetListsOf, place, takeOut } from "./lists";

interface TakenVisit {
  __typename: "Appointment";
  id: string;
  provider?: { id: string };
  patient?: { id: string } | null;
}

function take(cache: Cache, visit: TakenVisit | null | undefined): void {
  if (!visit?.provider) return;
  place(cache, `Appointment:${visit.id}`, `Provider:${visit.provider.id}`);
  if (visit.patient) forgetListsOf(cache, `Patient:${visit.patient.id}`);
}

/** A mutation whose payload has the visit that it changed. */
const changesVisit: UpdateResolver = (result, _args, cache) => {
  for (const payload of Object.values(result)) {
    take(cache, (payload as { appointment?: TakenVisit | null } | null)?.appointment);
  }
};

/** A mutation whose payload has a series of visits. */
const changesVisits: UpdateResolver = (result, _args, cache) => {
  for (const payload of Object.values(result)) {
    const { series } = (payload ?? {}) as { series?: { appointments: TakenVisit[] } | null };
    for (const visit of series?.appointments ?? []) take(cache, visit);
  }
};

interface VisitEvent {
  appointmentChanged: { appointmentId: string; appointment: TakenVisit | null };
}

const hearsOfVisit: UpdateResolver = (result, _args, cache) => {
  const { appointmentId, appointment } = (result as unknown as VisitEvent).appointmentChanged;
  if (appointment) take(cache, appointment);
  else takeOut(cache, `Appointment:${appointmentId}`);
  // What happened to it is part of its history; whoever looks at it asks again.
  cache.invalidate(`Appointment:${appointmentId}`, "history");
};

/** What has no id is part of what holds it. */
const embedded = () => null;

export const cache = () =>
  cacheExchange({
    possibleTypes,
    keys: {
      AppointmentChange: embedded,
      AppointmentConnection: embedded,
      AppointmentEvent: embedded,
      AppointmentEventConnection: embedded,
      AuditActor: embedded,
      BookingRules: embedded,
      ClinicRules: embedded,
      ClosedDay: embedded,
      DateOverride: embedded,
      DayHours: embedded,
      ExcludedProvider: embedded,
      Hold: embedded,
      InsuranceConnection: embedded,
      MailConnection: embedded,
      MailContent: embedded,
      MatchReason: embedded,
      MatchResult: embedded,
      PageInfo: embedded,
      PatientConnection: embedded,
      ProviderConnection: embedded,
      RosterEvent: embedded,
      RosterEventConnection: embedded,
      SeriesOccurrence: embedded,
      SeriesPreview: embedded,
      Slot: embedded,
      TimeExplanation: embedded,
      TimeOff: embedded,
      TimeReason: embedded,
      UsState: embedded,
      Viewer: embedded,
      WaitlistEntryConnection: embedded,
      WebhookDeliveryConnection: embedded,
      WorkingHours: embedded,
    },
    updates: {
      Mutation: {
        acceptOffer: changesVisit,
        bookAppointment: changesVisit,
        bookSeries: changesVisits,
        rescheduleAppointment: changesVisit,
        reassignAppointment: changesVisit,
        cancelAppointment: changesVisit,
        setVisitStatus: changesVisit,
        updateAppointment: changesVisit,
      },
      Subscription: { appointmentChanged: hearsOfVisit },
    },
  });
