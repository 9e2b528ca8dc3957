// The ready-made operations, one for each thing people come to do.
// Both pages show them: main.jsx (GraphiQL) and fallback.js (the page without npm).

const HOUR = 3_600_000;

/** The moment, as the API spells it: UTC, whole seconds. */
const rfc3339 = (milliseconds) =>
  new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");

/** The next weekday at 15:00 UTC, which is working time in all of the mainland. */
const nextVisit = (now) => {
  const day = new Date(now + 24 * HOUR);
  while ([0, 6].includes(day.getUTCDay())) day.setUTCDate(day.getUTCDate() + 1);
  return rfc3339(day.setUTCHours(15, 0, 0, 0));
};

/** The operations, with dates that make sense at `now`. */
export const examples = (now = Date.now()) => [
  {
    query: `# Who is licensed in a state and takes an insurance,
# when they work, and when they are next free.
# Leave either variable out to ask more widely. Run it
# with Ctrl+Enter (Cmd+Enter on a Mac).
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
    variables: { state: "CT", insurance: "Aetna", after: rfc3339(now) },
  },
  {
    query: `# Books the first free time with any provider who may
# treat this patient.
# Expected failures are data: read "error", which names
# what to do next.
# The input also takes providerId, startsAt or after,
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
          email: "john@example.com",
          state: "CT",
          insurance: "Aetna",
        },
      },
    },
  },
  {
    query: `# The earliest time anybody matching could see a
# patient, at or after a moment; null when there is
# none.
# Give state and insurance, or a providerId to ask about
# one provider.
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
    variables: { after: rfc3339(now), state: "CT", insurance: "Aetna" },
  },
  {
    query: `# Everything booked in a window of time, by start, with
# who sees whom.
# Narrow it with providerId, patientId, state or status.
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
    variables: { from: rfc3339(now), to: rfc3339(now + 7 * 24 * HOUR) },
  },
  {
    query: `# All the times one provider could start a visit.
# Copy the provider's id from the answer of
# FindProviders into the variables.
query AvailableSlots($providerId: ID!, $from: DateTime!, $to: DateTime!) {
  availableSlots(providerId: $providerId, from: $from, to: $to, durationMinutes: 30) {
    startsAt
    endsAt
    localStartsAt
  }
}
`,
    variables: {
      providerId: "prv_…",
      from: rfc3339(now),
      to: rfc3339(now + 2 * 24 * HOUR),
    },
  },
  {
    query: `# Moves an appointment to another time; the old time
# stays held until the move is confirmed.
# Copy the id from the answer of Book into the
# variables.
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
    variables: { id: "apt_…", startsAt: nextVisit(now) },
  },
  {
    query: `# Cancels an appointment and frees its time; cancelling
# what is cancelled answers its state.
# Copy the id from the answer of Book into the
# variables.
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
    variables: { id: "apt_…", reason: "The patient called" },
  },
  {
    query: `# What happens to appointments, as it happens. Leave
# it running and run Book in a second window: a
# subscription ends when you change the tab.
# Narrow it with providerId or state; with after: and
# the last cursor you saw it goes on from there.
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
    query: `# What happened while nobody watched, in order.
# Copy the last cursor you saw into the variables, then
# the endCursor of each page. null begins with the first
# event there ever was.
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
];
