// Made by tools/generate.js from the .graphql files beside this one: change those.

import { graphql } from "./data/graphql";

export const PatientInList = graphql(`
fragment PatientInList on Patient {
  id
  version
  name
  email
  phone
  birthDate
  state
  insurance
  timeZone
}
`);

export const FindPatients = graphql(`
query FindPatients($search: String!) {
  patients(search: $search, first: 8) {
    nodes {
      ...PatientInList
    }
    pageInfo {
      hasNextPage
    }
  }
}
`, [PatientInList]);

export const Match = graphql(`
query Match($state: String!, $insurance: String!, $visitTypeId: ID, $durationMinutes: Int, $startsAt: DateTime) {
  matchProviders(
    state: $state
    insurance: $insurance
    visitTypeId: $visitTypeId
    durationMinutes: $durationMinutes
    startsAt: $startsAt
  ) {
    matched {
      id
      name
      credentials
      timeZone
    }
    excluded {
      provider {
        id
        name
        credentials
      }
      reasons {
        code
        message
      }
    }
  }
}
`);

export const OfferedTime = graphql(`
fragment OfferedTime on Slot {
  startsAt
  endsAt
  localStartsAt
  patientLocalStartsAt
  patientTimeZone
  provider {
    id
    name
    timeZone
  }
}
`);

export const FirstFree = graphql(`
query FirstFree($after: DateTime!, $providerId: ID, $state: String, $insurance: String, $visitTypeId: ID, $durationMinutes: Int, $insteadOf: ID) {
  firstAvailable(
    after: $after
    providerId: $providerId
    state: $state
    insurance: $insurance
    visitTypeId: $visitTypeId
    durationMinutes: $durationMinutes
    insteadOf: $insteadOf
  ) {
    ...OfferedTime
  }
}
`, [OfferedTime]);

export const Offered = graphql(`
query Offered($from: DateTime!, $to: DateTime!, $providerId: ID, $state: String, $insurance: String, $visitTypeId: ID, $durationMinutes: Int, $insteadOf: ID) {
  availableSlots(
    from: $from
    to: $to
    providerId: $providerId
    state: $state
    insurance: $insurance
    visitTypeId: $visitTypeId
    durationMinutes: $durationMinutes
    insteadOf: $insteadOf
  ) {
    ...OfferedTime
  }
}
`, [OfferedTime]);

export const Explain = graphql(`
query Explain($providerId: ID!, $startsAt: DateTime!, $patientId: ID, $state: String, $insurance: String, $visitTypeId: ID, $durationMinutes: Int, $insteadOf: ID) {
  explainTime(
    providerId: $providerId
    startsAt: $startsAt
    patientId: $patientId
    state: $state
    insurance: $insurance
    visitTypeId: $visitTypeId
    durationMinutes: $durationMinutes
    insteadOf: $insteadOf
  ) {
    bookable
    offered
    reasons {
      code
      message
      overrulable
    }
  }
}
`);

export const VisitInList = graphql(`
fragment VisitInList on Appointment {
  id
  version
  status
  startsAt
  endsAt
  pendingStartsAt
  state
  insurance
  visitType {
    id
    name
  }
  patient @include(if: $withPatients) {
    id
    name
  }
}
`);

export const ChangedVisit = graphql(`
fragment ChangedVisit on Appointment {
  ...VisitInList
  provider {
    id
    name
  }
}
`, [VisitInList]);

export const Refusal = graphql(`
fragment Refusal on BookingError {
  __typename
  code
  message
  ... on SlotTaken {
    alternatives {
      ...OfferedTime
    }
  }
  ... on SlotHeld {
    heldUntil
    alternatives {
      ...OfferedTime
    }
  }
  ... on InBuffer {
    alternatives {
      ...OfferedTime
    }
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
  ... on NoticeTooShort {
    earliestStartsAt
  }
  ... on BeyondHorizon {
    horizonEndsAt
  }
}
`, [OfferedTime]);

export const Book = graphql(`
mutation Book($input: BookAppointmentInput!, $withPatients: Boolean! = true) {
  bookAppointment(input: $input) {
    appointment {
      ...ChangedVisit
    }
    similarPatients {
      id
      name
      email
    }
    error {
      ...Refusal
    }
  }
}
`, [ChangedVisit, Refusal]);

export const Move = graphql(`
mutation Move($input: RescheduleAppointmentInput!, $withPatients: Boolean! = true) {
  rescheduleAppointment(input: $input) {
    appointment {
      ...ChangedVisit
    }
    error {
      ...Refusal
    }
  }
}
`, [ChangedVisit, Refusal]);

export const Reassign = graphql(`
mutation Reassign($input: ReassignAppointmentInput!, $withPatients: Boolean! = true) {
  reassignAppointment(input: $input) {
    appointment {
      ...ChangedVisit
    }
    error {
      ...Refusal
    }
  }
}
`, [ChangedVisit, Refusal]);

export const Cancel = graphql(`
mutation Cancel($input: CancelAppointmentInput!, $withPatients: Boolean! = true) {
  cancelAppointment(input: $input) {
    appointment {
      ...ChangedVisit
    }
    error {
      ...Refusal
    }
  }
}
`, [ChangedVisit, Refusal]);

export const SetStatus = graphql(`
mutation SetStatus($input: SetVisitStatusInput!, $withPatients: Boolean! = true) {
  setVisitStatus(input: $input) {
    appointment {
      ...ChangedVisit
    }
    error {
      ...Refusal
    }
  }
}
`, [ChangedVisit, Refusal]);

export const Correct = graphql(`
mutation Correct($input: UpdateAppointmentInput!, $withPatients: Boolean! = true) {
  updateAppointment(input: $input) {
    appointment {
      ...ChangedVisit
      reason @include(if: $withPatients)
    }
    error {
      ...Refusal
    }
  }
}
`, [ChangedVisit, Refusal]);

export const ProviderInList = graphql(`
fragment ProviderInList on Provider {
  id
  version
  name
  credentials
  timeZone
  active
  states
  insurances
}
`);

export const Clinic = graphql(`
query Clinic($after: String) {
  viewer {
    kind
    name
    role
    provider {
      id
    }
    permissions
  }
  providers(first: 100, after: $after) {
    nodes {
      ...ProviderInList
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
  visitTypes {
    id
    name
    durationMinutes
    bufferBeforeMinutes
    bufferAfterMinutes
    active
  }
  insurances(first: 100) {
    nodes {
      id
      name
      active
    }
  }
  usStates {
    code
    name
  }
  clinicRules {
    version
    timeZone
    horizonDays
  }
  closedDays {
    date
    name
  }
}
`, [ProviderInList]);

export const DayColumn = graphql(`
fragment DayColumn on Provider {
  id
  version
  name
  credentials
  timeZone
  rules {
    bufferBeforeMinutes
    bufferAfterMinutes
  }
  workingHours(on: $day) {
    weekday
    opensAt
    closesAt
  }
  overrides(from: $day, to: $day) {
    date
    hours {
      opensAt
      closesAt
    }
  }
  timeOff(from: $from, to: $to) {
    startsAt
    endsAt
  }
  appointments(from: $from, to: $to, first: 36) {
    nodes {
      ...VisitInList
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`, [VisitInList]);

export const Column = graphql(`
query Column($id: ID!, $from: DateTime!, $to: DateTime!, $day: Date!, $withPatients: Boolean! = true) {
  provider(id: $id) {
    ...DayColumn
    ...ProviderInList
  }
}
`, [DayColumn, ProviderInList]);

export const Day = graphql(`
query Day($from: DateTime!, $to: DateTime!, $day: Date!, $after: String, $withPatients: Boolean! = true) {
  providers(first: 50, after: $after) {
    nodes {
      ...DayColumn
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`, [DayColumn]);

export const Hold = graphql(`
mutation Hold($input: HoldSlotInput!) {
  holdSlot(input: $input) {
    hold {
      token
      expiresAt
    }
    error {
      ...Refusal
    }
  }
}
`, [Refusal]);

export const Release = graphql(`
mutation Release($input: ReleaseHoldInput!) {
  releaseHold(input: $input) {
    error {
      ...Refusal
    }
  }
}
`, [Refusal]);

export const ProviderHours = graphql(`
fragment ProviderHours on Provider {
  id
  version
  name
  timeZone
  schedules {
    weekday
    opensAt
    closesAt
    effectiveFrom
    effectiveUntil
  }
  overrides(from: $firstDay) {
    date
    hours {
      opensAt
      closesAt
    }
  }
  timeOff(from: $from) {
    id
    startsAt
    endsAt
    reason
  }
}
`);

export const Hours = graphql(`
query Hours($id: ID!, $from: DateTime!, $firstDay: Date!) {
  provider(id: $id) {
    ...ProviderHours
  }
}
`, [ProviderHours]);

export const StrandedVisit = graphql(`
fragment StrandedVisit on Appointment {
  ...VisitInList
  provider {
    id
    name
    timeZone
  }
}
`, [VisitInList]);

export const SetHours = graphql(`
mutation SetHours($input: SetWorkingHoursInput!, $from: DateTime!, $firstDay: Date!, $isDry: Boolean! = false, $withPatients: Boolean! = true) {
  setWorkingHours(input: $input) {
    provider @skip(if: $isDry) {
      ...ProviderHours
    }
    affectedAppointments {
      ...StrandedVisit
    }
    error {
      ...Refusal
    }
  }
}
`, [ProviderHours, StrandedVisit, Refusal]);

export const SetOverride = graphql(`
mutation SetOverride($input: SetDateOverrideInput!, $from: DateTime!, $firstDay: Date!, $isDry: Boolean! = false, $withPatients: Boolean! = true) {
  setDateOverride(input: $input) {
    provider @skip(if: $isDry) {
      ...ProviderHours
    }
    affectedAppointments {
      ...StrandedVisit
    }
    error {
      ...Refusal
    }
  }
}
`, [ProviderHours, StrandedVisit, Refusal]);

export const AddTimeOff = graphql(`
mutation AddTimeOff($input: AddTimeOffInput!, $from: DateTime!, $firstDay: Date!, $isDry: Boolean! = false, $withPatients: Boolean! = true) {
  addTimeOff(input: $input) {
    provider @skip(if: $isDry) {
      ...ProviderHours
    }
    affectedAppointments {
      ...StrandedVisit
    }
    error {
      ...Refusal
    }
  }
}
`, [ProviderHours, StrandedVisit, Refusal]);

export const RemoveTimeOff = graphql(`
mutation RemoveTimeOff($input: RemoveTimeOffInput!, $from: DateTime!, $firstDay: Date!, $isDry: Boolean! = false, $withPatients: Boolean! = true) {
  removeTimeOff(input: $input) {
    provider @skip(if: $isDry) {
      ...ProviderHours
    }
    affectedAppointments {
      ...StrandedVisit
    }
    error {
      ...Refusal
    }
  }
}
`, [ProviderHours, StrandedVisit, Refusal]);

export const Newest = graphql(`
query Newest {
  events(last: 1) {
    nodes {
      cursor
    }
  }
  rosterEvents(last: 1) {
    nodes {
      cursor
    }
  }
}
`);

export const VisitChanges = graphql(`
subscription VisitChanges($after: String, $withPatients: Boolean! = true) {
  appointmentChanged(after: $after) {
    cursor
    at
    kind
    appointmentId
    appointment {
      ...VisitInList
      provider {
        id
      }
    }
  }
}
`, [VisitInList]);

export const RosterChanges = graphql(`
subscription RosterChanges($after: String) {
  rosterChanged(after: $after) {
    cursor
    at
    kind
    provider {
      ...ProviderInList
    }
  }
}
`, [ProviderInList]);

export const MailInShort = graphql(`
fragment MailInShort on Mail {
  id
  at
  kind
  status
  outcome
  attempts
  nextAttemptAt
  settledAt
  recipient
}
`);

export const MailInList = graphql(`
fragment MailInList on Mail {
  ...MailInShort
  appointment {
    id
    startsAt
    provider {
      id
      name
      timeZone
    }
    patient {
      id
      name
    }
  }
  waitlistEntry {
    id
    patient {
      id
      name
    }
  }
}
`, [MailInShort]);

export const Mails = graphql(`
query Mails($status: MailStatus, $appointmentId: ID, $first: Int, $after: String) {
  mails(
    status: $status
    appointmentId: $appointmentId
    first: $first
    after: $after
  ) {
    nodes {
      ...MailInList
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`, [MailInList]);

export const OneMail = graphql(`
query OneMail($id: ID!) {
  node(id: $id) {
    __typename
    ... on Mail {
      ...MailInList
      content {
        subject
        text
        html
        calendar
      }
    }
  }
}
`, [MailInList]);

export const MailsOfVisit = graphql(`
query MailsOfVisit($id: ID!) {
  appointment(id: $id) {
    id
    mails {
      ...MailInShort
    }
  }
}
`, [MailInShort]);

export const SendAgain = graphql(`
mutation SendAgain($input: ResendMailInput!) {
  resendMail(input: $input) {
    mail {
      ...MailInShort
    }
    error {
      ...Refusal
    }
  }
}
`, [MailInShort, Refusal]);

export const FreshLink = graphql(`
mutation FreshLink($input: CreateMailLinkInput!) {
  createMailLink(input: $input) {
    url
    error {
      ...Refusal
    }
  }
}
`, [Refusal]);

export const RevokeLinks = graphql(`
mutation RevokeLinks($input: RevokeVisitLinkInput!) {
  revokeVisitLink(input: $input) {
    appointment {
      id
    }
    error {
      ...Refusal
    }
  }
}
`, [Refusal]);

export const Patient = graphql(`
query Patient($id: ID!, $withPatients: Boolean! = true) {
  patient(id: $id) {
    ...PatientInList
    reminders
    createdAt
    appointments(
      last: 50
      status: [PENDING, CONFIRMED, CHECKED_IN, COMPLETED, NO_SHOW, CANCELLING, CANCELLED]
    ) {
      nodes {
        ...VisitInList
        provider {
          id
          name
          timeZone
        }
      }
      pageInfo {
        hasPreviousPage
      }
    }
  }
}
`, [PatientInList, VisitInList]);

export const CorrectPatient = graphql(`
mutation CorrectPatient($input: UpdatePatientInput!) {
  updatePatient(input: $input) {
    patient {
      ...PatientInList
      reminders
    }
    error {
      ...Refusal
    }
  }
}
`, [PatientInList, Refusal]);

export const Rest = graphql(`
query Rest($id: ID!, $from: DateTime!, $to: DateTime!, $after: String, $withPatients: Boolean! = true) {
  provider(id: $id) {
    id
    appointments(from: $from, to: $to, first: 100, after: $after) {
      nodes {
        ...VisitInList
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
`, [VisitInList]);

export const SeriesAhead = graphql(`
query SeriesAhead($input: PreviewSeriesInput!) {
  previewSeries(input: $input) {
    occurrences {
      index
      startsAt
      bookable
      reasons {
        code
        message
      }
      note
      alternative {
        startsAt
      }
    }
  }
}
`);

export const BookCourse = graphql(`
mutation BookCourse($input: BookSeriesInput!, $withPatients: Boolean! = true) {
  bookSeries(input: $input) {
    series {
      id
      appointments {
        ...ChangedVisit
      }
    }
    error {
      ...Refusal
    }
  }
}
`, [ChangedVisit, Refusal]);

export const VisitDetails = graphql(`
fragment VisitDetails on Appointment {
  ...VisitInList
  scheduled
  durationMinutes
  localStartsAt
  patientLocalStartsAt
  patientTimeZone
  unsettledOutside
  provenance
  createdAt
  provider {
    id
    name
    credentials
    timeZone
  }
  patient @include(if: $withPatients) {
    id
    name
    email
    phone
    birthDate
  }
  reason @include(if: $withPatients)
  cancelReason @include(if: $withPatients)
  history @include(if: $withHistory) {
    at
    kind
    actor {
      kind
      name
    }
    onBehalfOf {
      kind
      name
    }
    fromStartsAt
    toStartsAt
    fromProvider {
      id
      name
    }
    toProvider {
      id
      name
    }
    overruled
    reason @include(if: $withPatients)
  }
}
`, [VisitInList]);

export const Visit = graphql(`
query Visit($id: ID!, $withPatients: Boolean! = true, $withHistory: Boolean! = true) {
  appointment(id: $id) {
    ...VisitDetails
  }
}
`, [VisitDetails]);

export const Waiting = graphql(`
fragment Waiting on WaitlistEntry {
  id
  version
  status
  state
  insurance
  durationMinutes
  earliest
  latest
  weekdays
  localFrom
  localUntil
  createdAt
  patient @include(if: $withPatients) {
    id
    name
    state
    timeZone
  }
  provider {
    id
    name
  }
  visitType {
    id
    name
  }
  insteadOf {
    id
    startsAt
    provider {
      id
      name
    }
  }
  offers {
    id
    expiresAt
    outcome
    slot {
      ...OfferedTime
    }
  }
}
`, [OfferedTime]);

export const Waitlist = graphql(`
query Waitlist($status: [WaitlistStatus!], $first: Int, $last: Int, $after: String, $withPatients: Boolean! = true) {
  waitlistEntries(status: $status, first: $first, last: $last, after: $after) {
    nodes {
      ...Waiting
    }
    pageInfo {
      hasNextPage
      hasPreviousPage
      endCursor
    }
  }
}
`, [Waiting]);

export const WaitlistChanges = graphql(`
subscription WaitlistChanges {
  waitlistChanged {
    id
    version
  }
}
`);

export const Join = graphql(`
mutation Join($input: JoinWaitlistInput!, $withPatients: Boolean! = true) {
  joinWaitlist(input: $input) {
    entry {
      ...Waiting
    }
    error {
      ...Refusal
    }
  }
}
`, [Waiting, Refusal]);

export const Leave = graphql(`
mutation Leave($input: LeaveWaitlistInput!, $withPatients: Boolean! = true) {
  leaveWaitlist(input: $input) {
    entry {
      ...Waiting
    }
    error {
      ...Refusal
    }
  }
}
`, [Waiting, Refusal]);

export const Decline = graphql(`
mutation Decline($input: DeclineOfferInput!, $withPatients: Boolean! = true) {
  declineOffer(input: $input) {
    entry {
      ...Waiting
    }
    error {
      ...Refusal
    }
  }
}
`, [Waiting, Refusal]);

export const Accept = graphql(`
mutation Accept($input: AcceptOfferInput!, $withPatients: Boolean! = true) {
  acceptOffer(input: $input) {
    appointment {
      ...ChangedVisit
    }
    error {
      ...Refusal
    }
  }
}
`, [ChangedVisit, Refusal]);

export const Endpoint = graphql(`
fragment Endpoint on WebhookEndpoint {
  id
  version
  url
  kinds
  active
  failingSince
  switchedOffAt
}
`);

export const Webhooks = graphql(`
query Webhooks {
  webhookEndpoints {
    ...Endpoint
  }
}
`, [Endpoint]);

export const Delivery = graphql(`
fragment Delivery on WebhookDelivery {
  id
  eventId
  at
  kind
  status
  outcome
  responseStatus
  attempts
  nextAttemptAt
}
`);

export const Deliveries = graphql(`
query Deliveries($id: ID!, $status: [WebhookDeliveryStatus!], $first: Int, $after: String) {
  node(id: $id) {
    __typename
    ... on WebhookEndpoint {
      id
      deliveries(status: $status, first: $first, after: $after) {
        nodes {
          ...Delivery
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
}
`, [Delivery]);

export const AddEndpoint = graphql(`
mutation AddEndpoint($input: CreateWebhookEndpointInput!) {
  createWebhookEndpoint(input: $input) {
    endpoint {
      ...Endpoint
    }
    secret
    error {
      ...Refusal
    }
  }
}
`, [Endpoint, Refusal]);

export const ChangeEndpoint = graphql(`
mutation ChangeEndpoint($input: UpdateWebhookEndpointInput!) {
  updateWebhookEndpoint(input: $input) {
    endpoint {
      ...Endpoint
    }
    error {
      ...Refusal
    }
  }
}
`, [Endpoint, Refusal]);

export const DeleteEndpoint = graphql(`
mutation DeleteEndpoint($input: DeleteWebhookEndpointInput!) {
  deleteWebhookEndpoint(input: $input) {
    endpoint {
      id
    }
    error {
      ...Refusal
    }
  }
}
`, [Refusal]);

export const RotateSecret = graphql(`
mutation RotateSecret($input: RotateWebhookSecretInput!) {
  rotateWebhookSecret(input: $input) {
    endpoint {
      ...Endpoint
    }
    secret
    error {
      ...Refusal
    }
  }
}
`, [Endpoint, Refusal]);

export const TryEndpoint = graphql(`
mutation TryEndpoint($input: SendTestWebhookInput!) {
  sendTestWebhook(input: $input) {
    delivery {
      ...Delivery
    }
    error {
      ...Refusal
    }
  }
}
`, [Delivery, Refusal]);

export const TellAnew = graphql(`
mutation TellAnew($input: ReplayWebhooksInput!) {
  replayWebhooks(input: $input) {
    endpoint {
      ...Endpoint
    }
    error {
      ...Refusal
    }
  }
}
`, [Endpoint, Refusal]);

export const Week = graphql(`
query Week($id: ID!, $from: DateTime!, $to: DateTime!, $firstDay: Date!, $lastDay: Date!, $after: String, $withPatients: Boolean! = true) {
  provider(id: $id) {
    id
    version
    name
    credentials
    timeZone
    rules {
      bufferBeforeMinutes
      bufferAfterMinutes
    }
    schedules {
      weekday
      opensAt
      closesAt
      effectiveFrom
      effectiveUntil
    }
    overrides(from: $firstDay, to: $lastDay) {
      date
      hours {
        opensAt
        closesAt
      }
    }
    timeOff(from: $from, to: $to) {
      startsAt
      endsAt
    }
    appointments(from: $from, to: $to, first: 100, after: $after) {
      nodes {
        ...VisitInList
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
`, [VisitInList]);

export const possibleTypes = {
  "BookingError": [
    "BeyondHorizon",
    "IllegalTransition",
    "InBuffer",
    "InvalidInput",
    "NoAvailability",
    "NoticeTooShort",
    "PatientDoubleBooked",
    "PlainError",
    "ProviderNotEligible",
    "RateLimited",
    "SeriesConflict",
    "SlotHeld",
    "SlotTaken",
    "UnknownName",
    "VersionConflict"
  ]
};
