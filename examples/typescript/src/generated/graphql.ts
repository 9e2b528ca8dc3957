/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** What happened to an appointment. */
export type AppointmentEventKind =
  /** A time is held for a new appointment; the scheduling service has not confirmed it yet. */
  | 'BOOKED'
  /** It is cancelled. Final; the time is free. */
  | 'CANCELLED'
  /** It is being cancelled; the time is held until the scheduling service has acknowledged. */
  | 'CANCELLING'
  /** The patient has come. */
  | 'CHECKED_IN'
  /** The patient was seen. */
  | 'COMPLETED'
  /** The scheduling service has confirmed it. */
  | 'CONFIRMED'
  /** The scheduling service did not confirm it within the deadline. Final; the time is free. */
  | 'EXPIRED'
  /** The scheduling service has refused it. Final; the time is free. */
  | 'FAILED'
  /** The patient never came. */
  | 'NO_SHOW'
  /** It is with another provider; the time of the one before is free. */
  | 'REASSIGNED'
  /** It is to be another provider's; the times of both are held until the scheduling service has answered. */
  | 'REASSIGNING'
  /** It could not be given to another provider and keeps its own; the other's time is free. */
  | 'REASSIGN_REFUSED'
  /** What was said to have become of it was corrected: it stands as it was confirmed. */
  | 'REINSTATED'
  /** It has moved; the old time is free. */
  | 'RESCHEDULED'
  /** It could not be moved and keeps its time; the new one is free. */
  | 'RESCHEDULE_REFUSED'
  /** It is being moved; both times are held until the scheduling service has answered. */
  | 'RESCHEDULING'
  /** What it is about has changed: its reason, state, insurance or type. */
  | 'UPDATED';

/** Where an appointment stands. */
export type AppointmentStatus =
  /** Cancelled. Final; the time is free. */
  | 'CANCELLED'
  /** Being cancelled; the time is held until the scheduling service has acknowledged. */
  | 'CANCELLING'
  /** The patient has come. */
  | 'CHECKED_IN'
  /** The patient was seen. */
  | 'COMPLETED'
  /** The scheduling service has confirmed. */
  | 'CONFIRMED'
  /** The scheduling service did not confirm within the deadline. Final; the time is free. */
  | 'EXPIRED'
  /** The scheduling service refused. Final; the time is free. */
  | 'FAILED'
  /** The patient never came. */
  | 'NO_SHOW'
  /** The time is held; the scheduling service has not confirmed yet. */
  | 'PENDING';

/**
 * A visit to book. Without `providerId` whoever may treat the patient is considered; without
 * `startsAt` the first free time is taken; without both, the first in the patient's day (between 07:00
 * and 21:00 on the patient's clock unless the clinic has set others), if there is one.
 */
export type BookAppointmentInput = {
  /** The earliest start; now unless given. */
  after?: string | null | undefined;
  /** Length of the visit: 5 to 480 whole minutes; as its visit type says unless given, else 30. */
  durationMinutes?: number | null | undefined;
  /**
   * The token of a hold, from `holdSlot`: that time is booked, and is never refused as long as it is held.
   * Provider, start, length and visit type are as it is held: leave them out, or say the same.
   */
  holdToken?: string | null | undefined;
  /** Makes a retry safe: the same key answers the same appointment. 1 to 255 visible ASCII characters. */
  idempotencyKey?: string | null | undefined;
  /** Goes with `patientId`: the insurance of this visit; the last one unless given. */
  insurance?: string | null | undefined;
  /**
   * The rules of policy that do not count this time: `OUTSIDE_WORKING_HOURS`, `PROVIDER_AWAY`, `IN_BUFFER`,
   * `NOTICE_TOO_SHORT`, `BEYOND_HORIZON`, `DAILY_LIMIT_REACHED`. It stands in the history.
   */
  overrule?: Array<ErrorCode> | null | undefined;
  /** Why they do not: at most 1000 characters. */
  overruleReason?: string | null | undefined;
  /** Who is to be seen, as they describe themselves. Either this or `patientId`. */
  patient?: PatientInput | null | undefined;
  /** Who is to be seen: a patient who is known. Either this or `patient`. */
  patientId?: string | null | undefined;
  /** The provider asked for; any who may treat the patient unless given. */
  providerId?: string | null | undefined;
  /** Why the patient comes: at most 1000 characters. */
  reason?: string | null | undefined;
  /** The start asked for: a whole minute. Not together with `after`. */
  startsAt?: string | null | undefined;
  /** Goes with `patientId`: the state the patient is in this time; the last one unless given. */
  state?: string | null | undefined;
  /** The visit type: who offers it is considered, and its buffers count where they are the larger ones. */
  visitTypeId?: string | null | undefined;
};

/** A visit to cancel. */
export type CancelAppointmentInput = {
  /** The version of the appointment that you have seen: when it is at another, nothing is done. */
  expectedVersion?: number | null | undefined;
  /** The appointment. */
  id: string;
  /** Makes a retry safe. 1 to 255 visible ASCII characters. */
  idempotencyKey?: string | null | undefined;
  /** Why: at most 1000 characters. */
  reason?: string | null | undefined;
};

/** The words for what went wrong, the same in GraphQL and REST. */
export type ErrorCode =
  /** There is one like it already. */
  | 'ALREADY_EXISTS'
  /** The request is not JSON, or its query string is malformed. */
  | 'BAD_REQUEST'
  /** The time asked for is after the booking horizon. */
  | 'BEYOND_HORIZON'
  /** It is too late for the patient to change the visit by themselves. */
  | 'CUTOFF_PASSED'
  /** The provider has as many visits on that day as they may have. */
  | 'DAILY_LIMIT_REACHED'
  /** The caller's role does not allow it. */
  | 'FORBIDDEN'
  /** The page that sent this is of an origin that is not allowed. */
  | 'FORBIDDEN_ORIGIN'
  /** The document is not GraphQL. */
  | 'GRAPHQL_PARSE_FAILED'
  /** The document does not fit this schema. */
  | 'GRAPHQL_VALIDATION_FAILED'
  /** The hold is none any more: it has lapsed, was booked or released, or never was. */
  | 'HOLD_EXPIRED'
  /** The first request with this idempotency key is still running. */
  | 'IDEMPOTENCY_KEY_IN_USE'
  /** The same idempotency key came with another request. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The appointment's status does not allow this change. */
  | 'ILLEGAL_TRANSITION'
  /** A bug on our side. */
  | 'INTERNAL'
  /** A field is missing, unknown or not acceptable. */
  | 'INVALID_INPUT'
  /** Another visit of the provider is too near. */
  | 'IN_BUFFER'
  /** Something else needs it. */
  | 'IN_USE'
  /** The route does not have this method. */
  | 'METHOD_NOT_ALLOWED'
  /** The request was sent to a name that is none of this server's. */
  | 'MISDIRECTED_REQUEST'
  /** The time asked for is sooner than visits are booked. */
  | 'NOTICE_TOO_SHORT'
  /** None of the media types asked for can be given. */
  | 'NOT_ACCEPTABLE'
  /** There is no such provider or appointment, or the id is malformed. */
  | 'NOT_FOUND'
  /** Matching providers have nothing free within the booking horizon. */
  | 'NO_AVAILABILITY'
  /** Nobody is licensed in that state and takes that insurance. */
  | 'NO_MATCHING_PROVIDER'
  /** The visit would not lie wholly inside the provider's working hours. */
  | 'OUTSIDE_WORKING_HOURS'
  /** The patient already has an overlapping appointment. */
  | 'PATIENT_DOUBLE_BOOKED'
  /** The request is too large. */
  | 'PAYLOAD_TOO_LARGE'
  /** The persisted query is not known here. */
  | 'PERSISTED_QUERY_NOT_FOUND'
  /** The provider is away: time off, a day without work, or one on which the clinic is closed. */
  | 'PROVIDER_AWAY'
  /** The provider asked for may not treat this patient. */
  | 'PROVIDER_NOT_ELIGIBLE'
  /** The operation asks for too much at once. */
  | 'QUERY_TOO_COMPLEX'
  /** Too much of it in too short a time: nothing was done. */
  | 'RATE_LIMITED'
  /** The scheduling service refused, finally. */
  | 'SCHEDULING_REFUSED'
  /** Visits of the series can't be at their times: none was booked or moved. */
  | 'SERIES_CONFLICT'
  /** Somebody is about to take the time. */
  | 'SLOT_HELD'
  /** Somebody holds an overlapping appointment. */
  | 'SLOT_TAKEN'
  /** The time asked for is before now. */
  | 'TIME_IN_PAST'
  /** The bearer token is missing or wrong. */
  | 'UNAUTHENTICATED'
  /** The service is down or overloaded; try again. */
  | 'UNAVAILABLE'
  /** Not a payer that the clinic knows. */
  | 'UNKNOWN_INSURANCE'
  /** Not a US state, DC or a territory. */
  | 'UNKNOWN_STATE'
  /** The body is not JSON by its media type, or packed in a way that is not read. */
  | 'UNSUPPORTED_MEDIA_TYPE'
  /** It was changed since: the version that was expected is not its version now. */
  | 'VERSION_CONFLICT'
  /** Nobody who might be asked offers this kind of visit. */
  | 'VISIT_TYPE_NOT_OFFERED';

/** Why a provider may not treat a patient. */
export type IneligibleReason =
  /** The provider does not work here any more. */
  | 'INACTIVE'
  /** The provider does not accept the patient's insurance. */
  | 'INSURANCE_NOT_ACCEPTED'
  /** The provider's licence for the patient's state is not valid on the day of the visit. */
  | 'LICENCE_NOT_VALID_THEN'
  /** The provider has no licence for the patient's state. */
  | 'NOT_LICENSED';

/** The patient to book for. */
export type PatientInput = {
  /** The day the patient was born, from 1900-01-01 on. Tells people of one name and address apart. */
  birthDate?: unknown;
  /** The patient's e-mail address. */
  email: string;
  /** The patient's insurance, under any of the names that people write for it, such as `Aetna`. */
  insurance: string;
  /** The patient's name: 1 to 200 characters. */
  name: string;
  /** The patient's telephone number, such as `+1 203 555 0142`. */
  phone?: string | null | undefined;
  /** The state the patient is in: a two-letter code or a name, such as `CT` or `Connecticut`. */
  state: string;
  /** IANA name of the zone whose clock the patient lives by, such as `America/New_York`. */
  timeZone?: string | null | undefined;
};

/** A visit to move to another time or length. */
export type RescheduleAppointmentInput = {
  /** The new length: 5 to 480 whole minutes; as it was unless given. */
  durationMinutes?: number | null | undefined;
  /** The version of the appointment that you have seen: when it is at another, nothing is done. */
  expectedVersion?: number | null | undefined;
  /** The appointment. */
  id: string;
  /** Makes a retry safe. 1 to 255 visible ASCII characters. */
  idempotencyKey?: string | null | undefined;
  /** The rules of policy that do not count this time, as in `bookAppointment`. */
  overrule?: Array<ErrorCode> | null | undefined;
  /** Why they do not: at most 1000 characters. */
  overruleReason?: string | null | undefined;
  /** The new start: a whole minute. */
  startsAt: string;
};

export type VisitFragment = { id: string, status: AppointmentStatus, scheduled: boolean, startsAt: string, localStartsAt: string, pendingStartsAt: string | null, provider: { id: string, name: string } };

type BookingProblem_BeyondHorizon_Fragment = { __typename: 'BeyondHorizon', horizonEndsAt: string, code: ErrorCode, message: string };

type BookingProblem_IllegalTransition_Fragment = { __typename: 'IllegalTransition', allowed: Array<AppointmentStatus>, code: ErrorCode, message: string };

type BookingProblem_InBuffer_Fragment = { __typename: 'InBuffer', code: ErrorCode, message: string, alternatives: Array<{ startsAt: string, provider: { id: string, name: string } }> };

type BookingProblem_InvalidInput_Fragment = { __typename: 'InvalidInput', code: ErrorCode, message: string, violations: Array<{ field: string, message: string }> };

type BookingProblem_NoAvailability_Fragment = { __typename: 'NoAvailability', searchedUntil: string, code: ErrorCode, message: string };

type BookingProblem_NoticeTooShort_Fragment = { __typename: 'NoticeTooShort', earliestStartsAt: string, code: ErrorCode, message: string };

type BookingProblem_PatientDoubleBooked_Fragment = { __typename: 'PatientDoubleBooked', code: ErrorCode, message: string };

type BookingProblem_PlainError_Fragment = { __typename: 'PlainError', code: ErrorCode, message: string };

type BookingProblem_ProviderNotEligible_Fragment = { __typename: 'ProviderNotEligible', reason: IneligibleReason, code: ErrorCode, message: string };

type BookingProblem_RateLimited_Fragment = { __typename: 'RateLimited', retryAfterSeconds: number, code: ErrorCode, message: string };

type BookingProblem_SeriesConflict_Fragment = { __typename: 'SeriesConflict', code: ErrorCode, message: string };

type BookingProblem_SlotHeld_Fragment = { __typename: 'SlotHeld', heldUntil: string | null, code: ErrorCode, message: string, alternatives: Array<{ startsAt: string, provider: { id: string, name: string } }> };

type BookingProblem_SlotTaken_Fragment = { __typename: 'SlotTaken', code: ErrorCode, message: string, alternatives: Array<{ startsAt: string, provider: { id: string, name: string } }> };

type BookingProblem_UnknownName_Fragment = { __typename: 'UnknownName', suggestions: Array<string>, code: ErrorCode, message: string };

type BookingProblem_VersionConflict_Fragment = { __typename: 'VersionConflict', currentVersion: number, code: ErrorCode, message: string };

export type BookingProblemFragment =
  | BookingProblem_BeyondHorizon_Fragment
  | BookingProblem_IllegalTransition_Fragment
  | BookingProblem_InBuffer_Fragment
  | BookingProblem_InvalidInput_Fragment
  | BookingProblem_NoAvailability_Fragment
  | BookingProblem_NoticeTooShort_Fragment
  | BookingProblem_PatientDoubleBooked_Fragment
  | BookingProblem_PlainError_Fragment
  | BookingProblem_ProviderNotEligible_Fragment
  | BookingProblem_RateLimited_Fragment
  | BookingProblem_SeriesConflict_Fragment
  | BookingProblem_SlotHeld_Fragment
  | BookingProblem_SlotTaken_Fragment
  | BookingProblem_UnknownName_Fragment
  | BookingProblem_VersionConflict_Fragment
;

export type BookMutationVariables = Exact<{
  input: BookAppointmentInput;
}>;


export type BookMutation = { bookAppointment: { appointment: { id: string, status: AppointmentStatus, scheduled: boolean, startsAt: string, localStartsAt: string, pendingStartsAt: string | null, provider: { id: string, name: string } } | null, error:
      | { __typename: 'BeyondHorizon', horizonEndsAt: string, code: ErrorCode, message: string }
      | { __typename: 'IllegalTransition', allowed: Array<AppointmentStatus>, code: ErrorCode, message: string }
      | { __typename: 'InBuffer', code: ErrorCode, message: string, alternatives: Array<{ startsAt: string, provider: { id: string, name: string } }> }
      | { __typename: 'InvalidInput', code: ErrorCode, message: string, violations: Array<{ field: string, message: string }> }
      | { __typename: 'NoAvailability', searchedUntil: string, code: ErrorCode, message: string }
      | { __typename: 'NoticeTooShort', earliestStartsAt: string, code: ErrorCode, message: string }
      | { __typename: 'PatientDoubleBooked', code: ErrorCode, message: string }
      | { __typename: 'PlainError', code: ErrorCode, message: string }
      | { __typename: 'ProviderNotEligible', reason: IneligibleReason, code: ErrorCode, message: string }
      | { __typename: 'RateLimited', retryAfterSeconds: number, code: ErrorCode, message: string }
      | { __typename: 'SeriesConflict', code: ErrorCode, message: string }
      | { __typename: 'SlotHeld', heldUntil: string | null, code: ErrorCode, message: string, alternatives: Array<{ startsAt: string, provider: { id: string, name: string } }> }
      | { __typename: 'SlotTaken', code: ErrorCode, message: string, alternatives: Array<{ startsAt: string, provider: { id: string, name: string } }> }
      | { __typename: 'UnknownName', suggestions: Array<string>, code: ErrorCode, message: string }
      | { __typename: 'VersionConflict', currentVersion: number, code: ErrorCode, message: string }
     | null } };

export type RescheduleMutationVariables = Exact<{
  input: RescheduleAppointmentInput;
}>;


export type RescheduleMutation = { rescheduleAppointment: { appointment: { id: string, status: AppointmentStatus, scheduled: boolean, startsAt: string, localStartsAt: string, pendingStartsAt: string | null, provider: { id: string, name: string } } | null, error:
      | { __typename: 'BeyondHorizon', horizonEndsAt: string, code: ErrorCode, message: string }
      | { __typename: 'IllegalTransition', allowed: Array<AppointmentStatus>, code: ErrorCode, message: string }
      | { __typename: 'InBuffer', code: ErrorCode, message: string, alternatives: Array<{ startsAt: string, provider: { id: string, name: string } }> }
      | { __typename: 'InvalidInput', code: ErrorCode, message: string, violations: Array<{ field: string, message: string }> }
      | { __typename: 'NoAvailability', searchedUntil: string, code: ErrorCode, message: string }
      | { __typename: 'NoticeTooShort', earliestStartsAt: string, code: ErrorCode, message: string }
      | { __typename: 'PatientDoubleBooked', code: ErrorCode, message: string }
      | { __typename: 'PlainError', code: ErrorCode, message: string }
      | { __typename: 'ProviderNotEligible', reason: IneligibleReason, code: ErrorCode, message: string }
      | { __typename: 'RateLimited', retryAfterSeconds: number, code: ErrorCode, message: string }
      | { __typename: 'SeriesConflict', code: ErrorCode, message: string }
      | { __typename: 'SlotHeld', heldUntil: string | null, code: ErrorCode, message: string, alternatives: Array<{ startsAt: string, provider: { id: string, name: string } }> }
      | { __typename: 'SlotTaken', code: ErrorCode, message: string, alternatives: Array<{ startsAt: string, provider: { id: string, name: string } }> }
      | { __typename: 'UnknownName', suggestions: Array<string>, code: ErrorCode, message: string }
      | { __typename: 'VersionConflict', currentVersion: number, code: ErrorCode, message: string }
     | null } };

export type CancelMutationVariables = Exact<{
  input: CancelAppointmentInput;
}>;


export type CancelMutation = { cancelAppointment: { appointment: { id: string, status: AppointmentStatus, scheduled: boolean, startsAt: string, localStartsAt: string, pendingStartsAt: string | null, provider: { id: string, name: string } } | null, error:
      | { __typename: 'BeyondHorizon', horizonEndsAt: string, code: ErrorCode, message: string }
      | { __typename: 'IllegalTransition', allowed: Array<AppointmentStatus>, code: ErrorCode, message: string }
      | { __typename: 'InBuffer', code: ErrorCode, message: string, alternatives: Array<{ startsAt: string, provider: { id: string, name: string } }> }
      | { __typename: 'InvalidInput', code: ErrorCode, message: string, violations: Array<{ field: string, message: string }> }
      | { __typename: 'NoAvailability', searchedUntil: string, code: ErrorCode, message: string }
      | { __typename: 'NoticeTooShort', earliestStartsAt: string, code: ErrorCode, message: string }
      | { __typename: 'PatientDoubleBooked', code: ErrorCode, message: string }
      | { __typename: 'PlainError', code: ErrorCode, message: string }
      | { __typename: 'ProviderNotEligible', reason: IneligibleReason, code: ErrorCode, message: string }
      | { __typename: 'RateLimited', retryAfterSeconds: number, code: ErrorCode, message: string }
      | { __typename: 'SeriesConflict', code: ErrorCode, message: string }
      | { __typename: 'SlotHeld', heldUntil: string | null, code: ErrorCode, message: string, alternatives: Array<{ startsAt: string, provider: { id: string, name: string } }> }
      | { __typename: 'SlotTaken', code: ErrorCode, message: string, alternatives: Array<{ startsAt: string, provider: { id: string, name: string } }> }
      | { __typename: 'UnknownName', suggestions: Array<string>, code: ErrorCode, message: string }
      | { __typename: 'VersionConflict', currentVersion: number, code: ErrorCode, message: string }
     | null } };

export type AppointmentQueryVariables = Exact<{
  id: string;
}>;


export type AppointmentQuery = { appointment: { id: string, status: AppointmentStatus, scheduled: boolean, startsAt: string, localStartsAt: string, pendingStartsAt: string | null, provider: { id: string, name: string } } | null };

export type FindProvidersQueryVariables = Exact<{
  state?: string | null | undefined;
  insurance?: string | null | undefined;
}>;


export type FindProvidersQuery = { providers: { nodes: Array<{ id: string, name: string, credentials: string, timeZone: string, firstAvailable: { startsAt: string, localStartsAt: string } | null }> } | null };

export type FirstAvailableQueryVariables = Exact<{
  after: string;
  durationMinutes: number;
  state: string;
  insurance: string;
}>;


export type FirstAvailableQuery = { firstAvailable: { startsAt: string, localStartsAt: string, provider: { id: string, name: string } } | null };

export type AvailableSlotsQueryVariables = Exact<{
  providerId: string;
  from: string;
  to: string;
}>;


export type AvailableSlotsQuery = { availableSlots: Array<{ startsAt: string, localStartsAt: string }> | null };

export type ScheduleQueryVariables = Exact<{
  providerId: string;
  from: string;
  to: string;
  first: number;
  after?: string | null | undefined;
}>;


export type ScheduleQuery = { provider: { appointments: { nodes: Array<{ id: string, status: AppointmentStatus, startsAt: string, localStartsAt: string, patient: { name: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type WatchSubscriptionVariables = Exact<{
  providerId?: string | null | undefined;
  state?: string | null | undefined;
  after?: string | null | undefined;
}>;


export type WatchSubscription = { appointmentChanged: { cursor: string, kind: AppointmentEventKind, at: string, appointment: { id: string, status: AppointmentStatus, localStartsAt: string, provider: { name: string } } | null } };

export type NewestQueryVariables = Exact<{ [key: string]: never; }>;


export type NewestQuery = { events: { nodes: Array<{ cursor: string }> } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const VisitFragmentDoc = new TypedDocumentString(`
    fragment Visit on Appointment {
  id
  status
  scheduled
  startsAt
  localStartsAt
  pendingStartsAt
  provider {
    id
    name
  }
}
    `, {"fragmentName":"Visit"}) as unknown as TypedDocumentString<VisitFragment, unknown>;
export const BookingProblemFragmentDoc = new TypedDocumentString(`
    fragment BookingProblem on BookingError {
  __typename
  code
  message
  ... on SlotTaken {
    alternatives {
      startsAt
      provider {
        id
        name
      }
    }
  }
  ... on SlotHeld {
    heldUntil
    alternatives {
      startsAt
      provider {
        id
        name
      }
    }
  }
  ... on InBuffer {
    alternatives {
      startsAt
      provider {
        id
        name
      }
    }
  }
  ... on NoticeTooShort {
    earliestStartsAt
  }
  ... on InvalidInput {
    violations {
      field
      message
    }
  }
  ... on UnknownName {
    suggestions
  }
  ... on ProviderNotEligible {
    reason
  }
  ... on BeyondHorizon {
    horizonEndsAt
  }
  ... on NoAvailability {
    searchedUntil
  }
  ... on IllegalTransition {
    allowed
  }
  ... on VersionConflict {
    currentVersion
  }
  ... on RateLimited {
    retryAfterSeconds
  }
}
    `, {"fragmentName":"BookingProblem"}) as unknown as TypedDocumentString<BookingProblemFragment, unknown>;
export const BookDocument = new TypedDocumentString(`
    mutation Book($input: BookAppointmentInput!) {
  bookAppointment(input: $input) {
    appointment {
      ...Visit
    }
    error {
      ...BookingProblem
    }
  }
}
    fragment Visit on Appointment {
  id
  status
  scheduled
  startsAt
  localStartsAt
  pendingStartsAt
  provider {
    id
    name
  }
}
fragment BookingProblem on BookingError {
  __typename
  code
  message
  ... on SlotTaken {
    alternatives {
      startsAt
      provider {
        id
        name
      }
    }
  }
  ... on SlotHeld {
    heldUntil
    alternatives {
      startsAt
      provider {
        id
        name
      }
    }
  }
  ... on InBuffer {
    alternatives {
      startsAt
      provider {
        id
        name
      }
    }
  }
  ... on NoticeTooShort {
    earliestStartsAt
  }
  ... on InvalidInput {
    violations {
      field
      message
    }
  }
  ... on UnknownName {
    suggestions
  }
  ... on ProviderNotEligible {
    reason
  }
  ... on BeyondHorizon {
    horizonEndsAt
  }
  ... on NoAvailability {
    searchedUntil
  }
  ... on IllegalTransition {
    allowed
  }
  ... on VersionConflict {
    currentVersion
  }
  ... on RateLimited {
    retryAfterSeconds
  }
}`) as unknown as TypedDocumentString<BookMutation, BookMutationVariables>;
export const RescheduleDocument = new TypedDocumentString(`
    mutation Reschedule($input: RescheduleAppointmentInput!) {
  rescheduleAppointment(input: $input) {
    appointment {
      ...Visit
    }
    error {
      ...BookingProblem
    }
  }
}
    fragment Visit on Appointment {
  id
  status
  scheduled
  startsAt
  localStartsAt
  pendingStartsAt
  provider {
    id
    name
  }
}
fragment BookingProblem on BookingError {
  __typename
  code
  message
  ... on SlotTaken {
    alternatives {
      startsAt
      provider {
        id
        name
      }
    }
  }
  ... on SlotHeld {
    heldUntil
    alternatives {
      startsAt
      provider {
        id
        name
      }
    }
  }
  ... on InBuffer {
    alternatives {
      startsAt
      provider {
        id
        name
      }
    }
  }
  ... on NoticeTooShort {
    earliestStartsAt
  }
  ... on InvalidInput {
    violations {
      field
      message
    }
  }
  ... on UnknownName {
    suggestions
  }
  ... on ProviderNotEligible {
    reason
  }
  ... on BeyondHorizon {
    horizonEndsAt
  }
  ... on NoAvailability {
    searchedUntil
  }
  ... on IllegalTransition {
    allowed
  }
  ... on VersionConflict {
    currentVersion
  }
  ... on RateLimited {
    retryAfterSeconds
  }
}`) as unknown as TypedDocumentString<RescheduleMutation, RescheduleMutationVariables>;
export const CancelDocument = new TypedDocumentString(`
    mutation Cancel($input: CancelAppointmentInput!) {
  cancelAppointment(input: $input) {
    appointment {
      ...Visit
    }
    error {
      ...BookingProblem
    }
  }
}
    fragment Visit on Appointment {
  id
  status
  scheduled
  startsAt
  localStartsAt
  pendingStartsAt
  provider {
    id
    name
  }
}
fragment BookingProblem on BookingError {
  __typename
  code
  message
  ... on SlotTaken {
    alternatives {
      startsAt
      provider {
        id
        name
      }
    }
  }
  ... on SlotHeld {
    heldUntil
    alternatives {
      startsAt
      provider {
        id
        name
      }
    }
  }
  ... on InBuffer {
    alternatives {
      startsAt
      provider {
        id
        name
      }
    }
  }
  ... on NoticeTooShort {
    earliestStartsAt
  }
  ... on InvalidInput {
    violations {
      field
      message
    }
  }
  ... on UnknownName {
    suggestions
  }
  ... on ProviderNotEligible {
    reason
  }
  ... on BeyondHorizon {
    horizonEndsAt
  }
  ... on NoAvailability {
    searchedUntil
  }
  ... on IllegalTransition {
    allowed
  }
  ... on VersionConflict {
    currentVersion
  }
  ... on RateLimited {
    retryAfterSeconds
  }
}`) as unknown as TypedDocumentString<CancelMutation, CancelMutationVariables>;
export const AppointmentDocument = new TypedDocumentString(`
    query Appointment($id: ID!) {
  appointment(id: $id) {
    ...Visit
  }
}
    fragment Visit on Appointment {
  id
  status
  scheduled
  startsAt
  localStartsAt
  pendingStartsAt
  provider {
    id
    name
  }
}`) as unknown as TypedDocumentString<AppointmentQuery, AppointmentQueryVariables>;
export const FindProvidersDocument = new TypedDocumentString(`
    query FindProviders($state: String, $insurance: String) {
  providers(state: $state, insurance: $insurance) {
    nodes {
      id
      name
      credentials
      timeZone
      firstAvailable {
        startsAt
        localStartsAt
      }
    }
  }
}
    `) as unknown as TypedDocumentString<FindProvidersQuery, FindProvidersQueryVariables>;
export const FirstAvailableDocument = new TypedDocumentString(`
    query FirstAvailable($after: DateTime!, $durationMinutes: Int!, $state: String!, $insurance: String!) {
  firstAvailable(
    after: $after
    durationMinutes: $durationMinutes
    state: $state
    insurance: $insurance
  ) {
    startsAt
    localStartsAt
    provider {
      id
      name
    }
  }
}
    `) as unknown as TypedDocumentString<FirstAvailableQuery, FirstAvailableQueryVariables>;
export const AvailableSlotsDocument = new TypedDocumentString(`
    query AvailableSlots($providerId: ID!, $from: DateTime!, $to: DateTime!) {
  availableSlots(
    providerId: $providerId
    from: $from
    to: $to
    durationMinutes: 30
  ) {
    startsAt
    localStartsAt
  }
}
    `) as unknown as TypedDocumentString<AvailableSlotsQuery, AvailableSlotsQueryVariables>;
export const ScheduleDocument = new TypedDocumentString(`
    query Schedule($providerId: ID!, $from: DateTime!, $to: DateTime!, $first: Int!, $after: String) {
  provider(id: $providerId) {
    appointments(from: $from, to: $to, first: $first, after: $after) {
      nodes {
        id
        status
        startsAt
        localStartsAt
        patient {
          name
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ScheduleQuery, ScheduleQueryVariables>;
export const WatchDocument = new TypedDocumentString(`
    subscription Watch($providerId: ID, $state: String, $after: String) {
  appointmentChanged(providerId: $providerId, state: $state, after: $after) {
    cursor
    kind
    at
    appointment {
      id
      status
      localStartsAt
      provider {
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WatchSubscription, WatchSubscriptionVariables>;
export const NewestDocument = new TypedDocumentString(`
    query Newest {
  events(last: 1) {
    nodes {
      cursor
    }
  }
}
    `) as unknown as TypedDocumentString<NewestQuery, NewestQueryVariables>;