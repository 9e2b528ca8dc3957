// The ready-made operations, one for each thing people come to do, with variables that run as they
// are. Both pages show them: main.jsx (GraphiQL) and fallback.js (the page without npm).

const DAY = 24 * 3_600_000;

/** The moment, as the API spells it: UTC, whole seconds. */
export const rfc3339 = (milliseconds) =>
  new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");

/** The next weekday at 15:00 UTC, which is working time in all of the mainland. */
const nextVisit = (now) => {
  const day = new Date(now + DAY);
  while ([0, 6].includes(day.getUTCDay())) day.setUTCDate(day.getUTCDate() + 1);
  return rfc3339(day.setUTCHours(15, 0, 0, 0));
};

/** The next Sunday but one at 15:00 UTC, when hardly anybody works. */
const onSunday = (now) => {
  const day = new Date(now + 7 * DAY);
  while (day.getUTCDay() !== 0) day.setUTCDate(day.getUTCDate() + 1);
  return rfc3339(day.setUTCHours(15, 0, 0, 0));
};

/** Whom the examples book for. */
export const EXAMPLE_EMAIL = "john@example.com";

/** The name of the first operation in a document; comments do not count. */
export const operationName = (text) =>
  (text ?? "").replace(/#.*/g, "").match(/\b(?:query|mutation|subscription)\s+(\w+)/)?.[1] ?? null;

/**
 * The operations, for the moment `now` and with what is known of the server (known.js); what is not
 * known has a placeholder.
 */
export const examples = ({
  now = Date.now(),
  state = "CT",
  insurance = "Aetna",
  providerId = "prv_…",
  otherProviderId = "prv_…",
  appointmentId = "apt_…",
  startsAt = nextVisit(now),
  times = undefined,
} = {}) => [
  {
    query: `# Who is licensed in a state and takes an
# insurance, when they work, and when they are
# next free. Leave either variable out to ask
# more widely. Run it with Ctrl+Enter
# (Cmd+Enter on a Mac).
query FindProviders($state: String, $insurance: String, $after: DateTime!) {
  providers(state: $state, insurance: $insurance) {
    totalCount
    nodes {
      id
      name
      credentials
      timeZone
      states
      insurances
      workingHours {
        weekday
        opensAt
        closesAt
      }
      firstAvailable(after: $after) {
        startsAt
        localStartsAt
      }
    }
  }
}
`,
    variables: { state, insurance, after: rfc3339(now) },
  },
  {
    query: `# Keeps the first free time for some minutes,
# while you find out who it is for. Book it
# by its token: bookAppointment with
# holdToken and the patient. The input also
# takes providerId, startsAt or after,
# durationMinutes and visitTypeId.
mutation Hold($input: HoldSlotInput!) {
  holdSlot(input: $input) {
    hold {
      token
      expiresAt
      slot {
        startsAt
        localStartsAt
        provider {
          name
        }
      }
    }
    error {
      code
      message
      ... on SlotHeld {
        heldUntil
        alternatives {
          startsAt
        }
      }
    }
  }
}
`,
    variables: { input: { state, insurance, minutes: 5 } },
  },
  {
    query: `# Books the first free time with any provider
# who may treat this patient. Expected
# failures are data: read "error", which names
# what to do next. The input also takes
# providerId, startsAt or after,
# durationMinutes, reason and idempotencyKey.
mutation Book($input: BookAppointmentInput!) {
  bookAppointment(input: $input) {
    appointment {
      id
      status
      scheduled
      startsAt
      localStartsAt
      durationMinutes
      provider {
        name
      }
    }
    error {
      code
      message
      ... on SlotTaken {
        alternatives {
          startsAt
          provider {
            name
          }
        }
      }
      ... on InvalidInput {
        violations {
          field
          message
        }
      }
    }
  }
}
`,
    variables: {
      input: {
        patient: {
          name: "John Doe",
          email: EXAMPLE_EMAIL,
          state,
          insurance,
        },
      },
    },
  },
  {
    query: `# The earliest time anybody matching could see
# a patient, at or after a moment; null when
# there is none. Give state and insurance, or
# a providerId to ask about one provider.
query FirstAvailable($after: DateTime!, $state: String, $insurance: String) {
  firstAvailable(after: $after, state: $state, insurance: $insurance, durationMinutes: 30) {
    startsAt
    endsAt
    localStartsAt
    provider {
      id
      name
      timeZone
    }
  }
}
`,
    variables: { after: rfc3339(now), state, insurance },
  },
  {
    query: `# Everything booked in a window of time, by
# start, with who sees whom. Narrow it with
# providerId, patientId, state or status.
query Appointments($from: DateTime!, $to: DateTime!) {
  appointments(from: $from, to: $to, first: 20) {
    totalCount
    nodes {
      id
      status
      startsAt
      endsAt
      localStartsAt
      provider {
        name
      }
      patient {
        name
        email
        state
        insurance
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
    variables: { from: rfc3339(now), to: rfc3339(now + 7 * DAY) },
  },
  {
    query: `# All the times one provider could start a
# visit. The id in the variables is the first
# provider's in the last answer.
query AvailableSlots($providerId: ID!, $from: DateTime!, $to: DateTime!) {
  availableSlots(providerId: $providerId, from: $from, to: $to, durationMinutes: 30) {
    startsAt
    endsAt
    localStartsAt
  }
}
`,
    variables: {
      providerId,
      from: rfc3339(now),
      to: rfc3339(now + 7 * DAY),
    },
  },
  {
    query: `# Why a time can't be booked: every reason,
# the first as booking would give it. Here it
# is three in the morning in New York. With
# patientId the patient's own visits count as
# well, and insteadOf asks for a move.
query WhyNot($providerId: ID!, $startsAt: DateTime!, $state: String, $insurance: String) {
  explainTime(providerId: $providerId, startsAt: $startsAt, state: $state, insurance: $insurance) {
    bookable
    offered
    reasons {
      code
      message
      from
      until
      overrulable
    }
  }
}
`,
    variables: {
      providerId,
      startsAt: startsAt.replace(/T.*/, "T08:00:00Z"),
      state,
      insurance,
    },
  },
  {
    query: `# Who could see a patient at a time, and why
# not each of the others, nearest to fitting
# first. Leave out startsAt to ask about any
# day within the booking horizon.
query WhoFits($state: String!, $insurance: String!, $startsAt: DateTime) {
  matchProviders(state: $state, insurance: $insurance, startsAt: $startsAt, first: 20) {
    matched {
      id
      name
    }
    excluded {
      provider {
        id
        name
      }
      reasons {
        code
        message
      }
    }
  }
}
`,
    variables: { state, insurance, startsAt },
  },
  {
    query: `# How a course of visits would be booked, all
# with one provider: why not each that can't
# be, and the nearest time that can. The rule
# is RFC 5545's, on the provider's clock;
# instead of startsAt and rule the input also
# takes times, and with providerId it is that
# provider. Nothing is booked.
query PreviewSeries($input: PreviewSeriesInput!) {
  previewSeries(input: $input) {
    provider {
      id
      name
    }
    occurrences {
      index
      startsAt
      localStartsAt
      bookable
      reasons {
        code
        message
      }
      note
      alternative {
        startsAt
        localStartsAt
      }
    }
  }
}
`,
    variables: {
      input: {
        patient: { name: "John Doe", email: EXAMPLE_EMAIL, state, insurance },
        startsAt,
        rule: "FREQ=WEEKLY;COUNT=8",
      },
    },
  },
  {
    query: `# Books a course of visits, all or none, with
# one provider: the same input as
# previewSeries, so also startsAt with a rule.
# Where some can't be at their times,
# "occurrences" names each with another time.
# The visits are appointments like any other;
# rescheduleSeries and cancelSeries change them
# from one on.
mutation BookSeries($input: BookSeriesInput!) {
  bookSeries(input: $input) {
    series {
      id
      version
      appointments {
        id
        status
        localStartsAt
        provider {
          name
        }
      }
    }
    error {
      code
      message
      ... on SeriesConflict {
        occurrences {
          index
          localStartsAt
          reasons {
            code
          }
          alternative {
            startsAt
          }
        }
      }
    }
  }
}
`,
    variables: {
      input: {
        patient: { name: "John Doe", email: EXAMPLE_EMAIL, state, insurance },
        ...(times ? { providerId, times } : { startsAt, rule: "FREQ=WEEKLY;COUNT=3" }),
      },
    },
  },
  {
    query: `# Puts a patient on the waitlist. What is
# free is offered at once, behind a hold, and
# later whatever becomes free: to the first who
# fits. acceptOffer books what is offered,
# declineOffer passes it on; both take the
# entry's id. Times of day and weekdays are on
# the patient's clock.
mutation JoinWaitlist($input: JoinWaitlistInput!) {
  joinWaitlist(input: $input) {
    entry {
      id
      status
      offers {
        slot {
          localStartsAt
          provider {
            name
          }
        }
        expiresAt
      }
    }
    error {
      code
      message
    }
  }
}
`,
    variables: {
      input: {
        patient: { name: "John Doe", email: EXAMPLE_EMAIL, state, insurance },
        weekdays: ["MONDAY", "TUESDAY", "WEDNESDAY"],
        localFrom: "09:00",
        localUntil: "17:00",
      },
    },
  },
  {
    query: `# Moves an appointment to another time; the
# old time stays held until the move is
# confirmed. The id in the variables is that
# of the last visit you booked here, or of
# John Doe's next one, and startsAt is a free
# time.
mutation Reschedule($id: ID!, $startsAt: DateTime!) {
  rescheduleAppointment(input: { id: $id, startsAt: $startsAt }) {
    appointment {
      id
      status
      startsAt
      pendingStartsAt
      localStartsAt
    }
    error {
      code
      message
      ... on SlotTaken {
        alternatives {
          startsAt
        }
      }
    }
  }
}
`,
    variables: { id: appointmentId, startsAt },
  },
  {
    query: `# Cancels an appointment and frees its time;
# cancelling what is cancelled answers its
# state. The id in the variables is that of
# the last visit you booked here, or of John
# Doe's next one.
mutation Cancel($id: ID!, $reason: String) {
  cancelAppointment(input: { id: $id, reason: $reason }) {
    appointment {
      id
      status
      scheduled
    }
    error {
      code
      message
    }
  }
}
`,
    variables: { id: appointmentId, reason: "The patient called" },
  },
  {
    query: `# Gives a visit to another provider who may
# treat the patient, at its time or at another
# (startsAt). Until the scheduling service has
# answered, the times of both are held.
mutation Reassign($id: ID!, $providerId: ID!, $startsAt: DateTime) {
  reassignAppointment(input: { id: $id, providerId: $providerId, startsAt: $startsAt }) {
    appointment {
      id
      status
      localStartsAt
      provider {
        name
      }
    }
    error {
      code
      message
    }
  }
}
`,
    variables: { id: appointmentId, providerId: otherProviderId },
  },
  {
    query: `# Corrects what is written down of a visit:
# reason, state, insurance, visitTypeId. What
# is left out stays; null clears the reason
# and the visit type. Its provider must fit
# what it is then.
mutation Update($id: ID!, $reason: String) {
  updateAppointment(input: { id: $id, reason: $reason }) {
    appointment {
      id
      version
      reason
      state
      insurance
      visitType {
        name
      }
    }
    error {
      code
      message
    }
  }
}
`,
    variables: { id: appointmentId, reason: "A cough that does not go away" },
  },
  {
    query: `# Says what became of a visit: CHECKED_IN on
# its day at the earliest, COMPLETED and
# NO_SHOW from its start on. CONFIRMED takes
# it back.
mutation CheckIn($id: ID!, $status: AppointmentStatus!) {
  setVisitStatus(input: { id: $id, status: $status }) {
    appointment {
      id
      status
      localStartsAt
    }
    error {
      code
      message
      ... on IllegalTransition {
        allowed
      }
    }
  }
}
`,
    variables: { id: appointmentId, status: "CHECKED_IN" },
  },
  {
    query: `# Books where the clinic's policy says no: at
# a time when nobody works. Moving and
# reassigning take the same two fields. It
# stands in the history.
mutation Overrule($input: BookAppointmentInput!) {
  bookAppointment(input: $input) {
    appointment {
      id
      localStartsAt
      provider {
        name
      }
      history {
        kind
        overruled
        reason
      }
    }
    error {
      code
      message
    }
  }
}
`,
    variables: {
      input: {
        patient: {
          name: "John Doe",
          email: EXAMPLE_EMAIL,
          state,
          insurance,
        },
        startsAt: onSunday(now),
        overrule: ["OUTSIDE_WORKING_HOURS"],
        overruleReason: "No other day will do",
      },
    },
  },
  {
    query: `# What happens to appointments, as it happens.
# Leave it running and run Book in a second
# window: a subscription ends when you change
# the tab. Narrow it with providerId or state;
# with after: and the last cursor you saw it
# goes on from there.
subscription Watch {
  appointmentChanged {
    kind
    at
    cursor
    appointment {
      id
      status
      startsAt
      localStartsAt
      provider {
        name
      }
      patient {
        name
      }
    }
  }
}
`,
    variables: {},
  },
  {
    query: `# What happened while nobody watched, in
# order. Copy the last cursor you saw into the
# variables, then the endCursor of each page.
# null begins with the first event there ever
# was.
query CatchUp($after: String) {
  events(first: 20, after: $after) {
    nodes {
      kind
      at
      cursor
      appointment {
        id
        status
        startsAt
        localStartsAt
        provider {
          name
        }
        patient {
          name
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
    variables: { after: null },
  },
  {
    query: `# The lists that a form for bookings or for
# the roster chooses from.
query FormLists($search: String) {
  insurances(search: $search, first: 50) {
    nodes {
      id
      name
      aliases
      active
    }
  }
  visitTypes(active: true) {
    id
    name
    durationMinutes
  }
  usStates {
    code
    name
  }
}
`,
    variables: { search: null },
  },
  {
    query: `# A provider's calendar, with everything that
# decides when they can be booked.
query Calendar($id: ID!) {
  provider(id: $id) {
    name
    version
    active
    timeZone
    schedules {
      weekday
      opensAt
      closesAt
      effectiveFrom
      effectiveUntil
    }
    overrides {
      date
      hours {
        opensAt
        closesAt
      }
    }
    timeOff {
      id
      startsAt
      endsAt
    }
    rules {
      gridMinutes
      bufferBeforeMinutes
      bufferAfterMinutes
      noticeMinutes
      horizonDays
      maxAppointmentsPerDay
    }
    licences {
      state
      number
      validUntil
    }
    visitTypes {
      name
    }
  }
  clinicRules {
    gridMinutes
    horizonDays
  }
  closedDays {
    date
    name
  }
}
`,
    variables: { id: providerId },
  },
  {
    query: `# Hours of every week. With dryRun nothing is
# done: affectedAppointments are the visits
# that would fit no more. They would stay
# booked. Without it they do.
mutation WorkingHours($input: SetWorkingHoursInput!) {
  setWorkingHours(input: $input) {
    provider {
      name
      version
      workingHours {
        weekday
        opensAt
        closesAt
      }
    }
    affectedAppointments {
      id
      localStartsAt
    }
    error {
      code
      message
    }
  }
}
`,
    variables: {
      input: {
        providerId,
        workingHours: ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY"].map((weekday) => ({
          weekday,
          opensAt: "09:00",
          closesAt: "16:00",
        })),
        dryRun: true,
      },
    },
  },
  {
    query: `# Time off, from minutes to months: nothing is
# offered in it from the next request on. The
# same goes for one day with other hours
# (setDateOverride), and for a day on which
# the clinic is closed (setClosedDay).
mutation TimeOff($input: AddTimeOffInput!) {
  addTimeOff(input: $input) {
    provider {
      name
      timeOff {
        id
        startsAt
        endsAt
      }
    }
    affectedAppointments {
      id
      localStartsAt
    }
    error {
      code
      message
    }
  }
}
`,
    variables: {
      input: {
        providerId,
        startsAt,
        endsAt: rfc3339(Date.parse(startsAt) + 7 * DAY),
        reason: "Leave",
        dryRun: true,
      },
    },
  },
  {
    query: `# A provider's own rules. What is left out
# stays; null is as the clinic has it
# (setClinicRules).
mutation Rules($input: SetRulesInput!) {
  setRules(input: $input) {
    provider {
      name
      rules {
        gridMinutes
        bufferBeforeMinutes
        bufferAfterMinutes
        noticeMinutes
        horizonDays
        maxAppointmentsPerDay
      }
    }
    error {
      code
      message
    }
  }
}
`,
    variables: {
      input: {
        providerId,
        rules: { bufferAfterMinutes: 10, noticeMinutes: 120, maxAppointmentsPerDay: 12 },
        dryRun: true,
      },
    },
  },
  {
    query: `# A kind of visit: its length unless another
# is asked for, and what it keeps free around
# it. Book with its id as visitTypeId.
mutation VisitType($input: CreateVisitTypeInput!) {
  createVisitType(input: $input) {
    visitType {
      id
      name
      durationMinutes
      bufferAfterMinutes
    }
    error {
      code
      message
    }
  }
}
`,
    variables: { input: { name: "Follow-up", durationMinutes: 20, bufferAfterMinutes: 5, dryRun: true } },
  },
  {
    query: `# A provider's visits for a calendar: Google,
# Apple and Outlook subscribe to the address,
# which is told this once. Without patients
# unless withPatients is asked for;
# calendarFeeds lists what there is, and
# revokeCalendarFeed ends one.
mutation CalendarFeed($input: CreateCalendarFeedInput!) {
  createCalendarFeed(input: $input) {
    feed {
      id
      provider {
        name
      }
      tellsPatients
    }
    url
    error {
      code
      message
    }
  }
}
`,
    variables: { input: { providerId, name: "My telephone" } },
  },
  {
    query: `# Another program is told what happens to
# visits, by a POST that is signed with the
# secret. It is shown this once.
mutation CreateWebhookEndpoint($input: CreateWebhookEndpointInput!) {
  createWebhookEndpoint(input: $input) {
    endpoint {
      id
      url
      kinds
      active
    }
    secret
    error {
      code
      message
    }
  }
}
`,
    variables: {
      input: { url: "https://record.example/clinic-events", kinds: ["CONFIRMED", "RESCHEDULED", "CANCELLED"] },
    },
  },
  {
    query: `# What patients were and are to be told by
# mail, the newest first, and what became of
# it. FAILED is where somebody has to look:
# resendMail sends it again.
query Mails($status: MailStatus) {
  mails(status: $status, first: 10) {
    totalCount
    nodes {
      id
      at
      kind
      status
      outcome
      recipient
      appointment {
        id
        localStartsAt
      }
      content {
        subject
        text
      }
    }
  }
}
`,
    variables: { status: null },
  },
  {
    query: `# Has the links to a visit that its patient
# was sent open nothing any more: a mail went
# astray. The visit stays as it is, and the
# next mail has a link of its own.
mutation RevokeLinks($id: ID!) {
  revokeVisitLink(input: { appointmentId: $id }) {
    appointment {
      id
      status
    }
    error {
      code
      message
    }
  }
}
`,
    variables: { id: appointmentId },
  },
  {
    query: `# A provider leaves: offered and booked no
# more. The past stays, and so do the visits
# to come, in affectedAppointments.
mutation Leave($input: UpdateProviderInput!) {
  updateProvider(input: $input) {
    provider {
      name
      active
    }
    affectedAppointments {
      id
      localStartsAt
    }
    error {
      code
      message
    }
  }
}
`,
    variables: { input: { id: providerId, active: false, dryRun: true } },
  },
];
