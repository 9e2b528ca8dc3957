/* eslint-disable */
import * as types from './graphql.js';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  fragment Visit on Appointment {\n    id\n    status\n    scheduled\n    startsAt\n    localStartsAt\n    pendingStartsAt\n    provider {\n      id\n      name\n    }\n  }\n": typeof types.VisitFragmentDoc,
    "\n  fragment BookingProblem on BookingError {\n    __typename\n    code\n    message\n    ... on SlotTaken {\n      alternatives {\n        startsAt\n        provider {\n          id\n          name\n        }\n      }\n    }\n    ... on SlotHeld {\n      heldUntil\n      alternatives {\n        startsAt\n        provider {\n          id\n          name\n        }\n      }\n    }\n    ... on InBuffer {\n      alternatives {\n        startsAt\n        provider {\n          id\n          name\n        }\n      }\n    }\n    ... on NoticeTooShort {\n      earliestStartsAt\n    }\n    ... on InvalidInput {\n      violations {\n        field\n        message\n      }\n    }\n    ... on UnknownName {\n      suggestions\n    }\n    ... on ProviderNotEligible {\n      reason\n    }\n    ... on BeyondHorizon {\n      horizonEndsAt\n    }\n    ... on NoAvailability {\n      searchedUntil\n    }\n    ... on IllegalTransition {\n      allowed\n    }\n    ... on VersionConflict {\n      currentVersion\n    }\n    ... on RateLimited {\n      retryAfterSeconds\n    }\n  }\n": typeof types.BookingProblemFragmentDoc,
    "\n  mutation Book($input: BookAppointmentInput!) {\n    bookAppointment(input: $input) {\n      appointment {\n        ...Visit\n      }\n      error {\n        ...BookingProblem\n      }\n    }\n  }\n": typeof types.BookDocument,
    "\n  mutation Reschedule($input: RescheduleAppointmentInput!) {\n    rescheduleAppointment(input: $input) {\n      appointment {\n        ...Visit\n      }\n      error {\n        ...BookingProblem\n      }\n    }\n  }\n": typeof types.RescheduleDocument,
    "\n  mutation Cancel($input: CancelAppointmentInput!) {\n    cancelAppointment(input: $input) {\n      appointment {\n        ...Visit\n      }\n      error {\n        ...BookingProblem\n      }\n    }\n  }\n": typeof types.CancelDocument,
    "\n  query Appointment($id: ID!) {\n    appointment(id: $id) {\n      ...Visit\n    }\n  }\n": typeof types.AppointmentDocument,
    "\n  query FindProviders($state: String, $insurance: String) {\n    providers(state: $state, insurance: $insurance) {\n      nodes {\n        id\n        name\n        credentials\n        timeZone\n        firstAvailable {\n          startsAt\n          localStartsAt\n        }\n      }\n    }\n  }\n": typeof types.FindProvidersDocument,
    "\n  query FirstAvailable(\n    $after: DateTime!\n    $durationMinutes: Int!\n    $state: String!\n    $insurance: String!\n  ) {\n    firstAvailable(\n      after: $after\n      durationMinutes: $durationMinutes\n      state: $state\n      insurance: $insurance\n    ) {\n      startsAt\n      localStartsAt\n      provider {\n        id\n        name\n      }\n    }\n  }\n": typeof types.FirstAvailableDocument,
    "\n  query AvailableSlots($providerId: ID!, $from: DateTime!, $to: DateTime!) {\n    availableSlots(providerId: $providerId, from: $from, to: $to, durationMinutes: 30) {\n      startsAt\n      localStartsAt\n    }\n  }\n": typeof types.AvailableSlotsDocument,
    "\n  query Schedule($providerId: ID!, $from: DateTime!, $to: DateTime!, $first: Int!, $after: String) {\n    provider(id: $providerId) {\n      appointments(from: $from, to: $to, first: $first, after: $after) {\n        nodes {\n          id\n          status\n          startsAt\n          localStartsAt\n          patient {\n            name\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n": typeof types.ScheduleDocument,
    "\n  subscription Watch($providerId: ID, $state: String, $after: String) {\n    appointmentChanged(providerId: $providerId, state: $state, after: $after) {\n      cursor\n      kind\n      at\n      appointment {\n        id\n        status\n        localStartsAt\n        provider {\n          name\n        }\n      }\n    }\n  }\n": typeof types.WatchDocument,
    "\n  query Newest {\n    events(last: 1) {\n      nodes {\n        cursor\n      }\n    }\n  }\n": typeof types.NewestDocument,
};
const documents: Documents = {
    "\n  fragment Visit on Appointment {\n    id\n    status\n    scheduled\n    startsAt\n    localStartsAt\n    pendingStartsAt\n    provider {\n      id\n      name\n    }\n  }\n": types.VisitFragmentDoc,
    "\n  fragment BookingProblem on BookingError {\n    __typename\n    code\n    message\n    ... on SlotTaken {\n      alternatives {\n        startsAt\n        provider {\n          id\n          name\n        }\n      }\n    }\n    ... on SlotHeld {\n      heldUntil\n      alternatives {\n        startsAt\n        provider {\n          id\n          name\n        }\n      }\n    }\n    ... on InBuffer {\n      alternatives {\n        startsAt\n        provider {\n          id\n          name\n        }\n      }\n    }\n    ... on NoticeTooShort {\n      earliestStartsAt\n    }\n    ... on InvalidInput {\n      violations {\n        field\n        message\n      }\n    }\n    ... on UnknownName {\n      suggestions\n    }\n    ... on ProviderNotEligible {\n      reason\n    }\n    ... on BeyondHorizon {\n      horizonEndsAt\n    }\n    ... on NoAvailability {\n      searchedUntil\n    }\n    ... on IllegalTransition {\n      allowed\n    }\n    ... on VersionConflict {\n      currentVersion\n    }\n    ... on RateLimited {\n      retryAfterSeconds\n    }\n  }\n": types.BookingProblemFragmentDoc,
    "\n  mutation Book($input: BookAppointmentInput!) {\n    bookAppointment(input: $input) {\n      appointment {\n        ...Visit\n      }\n      error {\n        ...BookingProblem\n      }\n    }\n  }\n": types.BookDocument,
    "\n  mutation Reschedule($input: RescheduleAppointmentInput!) {\n    rescheduleAppointment(input: $input) {\n      appointment {\n        ...Visit\n      }\n      error {\n        ...BookingProblem\n      }\n    }\n  }\n": types.RescheduleDocument,
    "\n  mutation Cancel($input: CancelAppointmentInput!) {\n    cancelAppointment(input: $input) {\n      appointment {\n        ...Visit\n      }\n      error {\n        ...BookingProblem\n      }\n    }\n  }\n": types.CancelDocument,
    "\n  query Appointment($id: ID!) {\n    appointment(id: $id) {\n      ...Visit\n    }\n  }\n": types.AppointmentDocument,
    "\n  query FindProviders($state: String, $insurance: String) {\n    providers(state: $state, insurance: $insurance) {\n      nodes {\n        id\n        name\n        credentials\n        timeZone\n        firstAvailable {\n          startsAt\n          localStartsAt\n        }\n      }\n    }\n  }\n": types.FindProvidersDocument,
    "\n  query FirstAvailable(\n    $after: DateTime!\n    $durationMinutes: Int!\n    $state: String!\n    $insurance: String!\n  ) {\n    firstAvailable(\n      after: $after\n      durationMinutes: $durationMinutes\n      state: $state\n      insurance: $insurance\n    ) {\n      startsAt\n      localStartsAt\n      provider {\n        id\n        name\n      }\n    }\n  }\n": types.FirstAvailableDocument,
    "\n  query AvailableSlots($providerId: ID!, $from: DateTime!, $to: DateTime!) {\n    availableSlots(providerId: $providerId, from: $from, to: $to, durationMinutes: 30) {\n      startsAt\n      localStartsAt\n    }\n  }\n": types.AvailableSlotsDocument,
    "\n  query Schedule($providerId: ID!, $from: DateTime!, $to: DateTime!, $first: Int!, $after: String) {\n    provider(id: $providerId) {\n      appointments(from: $from, to: $to, first: $first, after: $after) {\n        nodes {\n          id\n          status\n          startsAt\n          localStartsAt\n          patient {\n            name\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n": types.ScheduleDocument,
    "\n  subscription Watch($providerId: ID, $state: String, $after: String) {\n    appointmentChanged(providerId: $providerId, state: $state, after: $after) {\n      cursor\n      kind\n      at\n      appointment {\n        id\n        status\n        localStartsAt\n        provider {\n          name\n        }\n      }\n    }\n  }\n": types.WatchDocument,
    "\n  query Newest {\n    events(last: 1) {\n      nodes {\n        cursor\n      }\n    }\n  }\n": types.NewestDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Visit on Appointment {\n    id\n    status\n    scheduled\n    startsAt\n    localStartsAt\n    pendingStartsAt\n    provider {\n      id\n      name\n    }\n  }\n"): typeof import('./graphql.js').VisitFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment BookingProblem on BookingError {\n    __typename\n    code\n    message\n    ... on SlotTaken {\n      alternatives {\n        startsAt\n        provider {\n          id\n          name\n        }\n      }\n    }\n    ... on SlotHeld {\n      heldUntil\n      alternatives {\n        startsAt\n        provider {\n          id\n          name\n        }\n      }\n    }\n    ... on InBuffer {\n      alternatives {\n        startsAt\n        provider {\n          id\n          name\n        }\n      }\n    }\n    ... on NoticeTooShort {\n      earliestStartsAt\n    }\n    ... on InvalidInput {\n      violations {\n        field\n        message\n      }\n    }\n    ... on UnknownName {\n      suggestions\n    }\n    ... on ProviderNotEligible {\n      reason\n    }\n    ... on BeyondHorizon {\n      horizonEndsAt\n    }\n    ... on NoAvailability {\n      searchedUntil\n    }\n    ... on IllegalTransition {\n      allowed\n    }\n    ... on VersionConflict {\n      currentVersion\n    }\n    ... on RateLimited {\n      retryAfterSeconds\n    }\n  }\n"): typeof import('./graphql.js').BookingProblemFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Book($input: BookAppointmentInput!) {\n    bookAppointment(input: $input) {\n      appointment {\n        ...Visit\n      }\n      error {\n        ...BookingProblem\n      }\n    }\n  }\n"): typeof import('./graphql.js').BookDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Reschedule($input: RescheduleAppointmentInput!) {\n    rescheduleAppointment(input: $input) {\n      appointment {\n        ...Visit\n      }\n      error {\n        ...BookingProblem\n      }\n    }\n  }\n"): typeof import('./graphql.js').RescheduleDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Cancel($input: CancelAppointmentInput!) {\n    cancelAppointment(input: $input) {\n      appointment {\n        ...Visit\n      }\n      error {\n        ...BookingProblem\n      }\n    }\n  }\n"): typeof import('./graphql.js').CancelDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Appointment($id: ID!) {\n    appointment(id: $id) {\n      ...Visit\n    }\n  }\n"): typeof import('./graphql.js').AppointmentDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FindProviders($state: String, $insurance: String) {\n    providers(state: $state, insurance: $insurance) {\n      nodes {\n        id\n        name\n        credentials\n        timeZone\n        firstAvailable {\n          startsAt\n          localStartsAt\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.js').FindProvidersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FirstAvailable(\n    $after: DateTime!\n    $durationMinutes: Int!\n    $state: String!\n    $insurance: String!\n  ) {\n    firstAvailable(\n      after: $after\n      durationMinutes: $durationMinutes\n      state: $state\n      insurance: $insurance\n    ) {\n      startsAt\n      localStartsAt\n      provider {\n        id\n        name\n      }\n    }\n  }\n"): typeof import('./graphql.js').FirstAvailableDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AvailableSlots($providerId: ID!, $from: DateTime!, $to: DateTime!) {\n    availableSlots(providerId: $providerId, from: $from, to: $to, durationMinutes: 30) {\n      startsAt\n      localStartsAt\n    }\n  }\n"): typeof import('./graphql.js').AvailableSlotsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Schedule($providerId: ID!, $from: DateTime!, $to: DateTime!, $first: Int!, $after: String) {\n    provider(id: $providerId) {\n      appointments(from: $from, to: $to, first: $first, after: $after) {\n        nodes {\n          id\n          status\n          startsAt\n          localStartsAt\n          patient {\n            name\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.js').ScheduleDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Watch($providerId: ID, $state: String, $after: String) {\n    appointmentChanged(providerId: $providerId, state: $state, after: $after) {\n      cursor\n      kind\n      at\n      appointment {\n        id\n        status\n        localStartsAt\n        provider {\n          name\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.js').WatchDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Newest {\n    events(last: 1) {\n      nodes {\n        cursor\n      }\n    }\n  }\n"): typeof import('./graphql.js').NewestDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
