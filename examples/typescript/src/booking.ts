// Booking, moving and cancelling a visit; what can go wrong, and how to try again safely.

import { setTimeout as pause } from "node:timers/promises";

import { NoAnswer, type Run } from "./client.js";
import type {
  BookAppointmentInput,
  BookingProblemFragment,
  ErrorCode,
  VisitFragment,
} from "./generated/graphql.js";
import { graphql } from "./generated/index.js";

/** What this program wants to know of a visit, whichever operation it comes from. */
graphql(`
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
`);

/** Every expected failure of a mutation: common fields, and more for the richer cases. */
graphql(`
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
`);

/** What a mutation answers. Both may be there: a visit that the outside service refused. */
export interface Outcome {
  appointment: VisitFragment | null;
  error: BookingProblemFragment | null;
}

const Book = graphql(`
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
`);

/** Books a visit. The same key books it once, however often this is called. */
export function book(
  run: Run,
  visit: Omit<BookAppointmentInput, "idempotencyKey">,
  idempotencyKey: string = crypto.randomUUID(),
): Promise<Outcome> {
  const input = { ...visit, idempotencyKey };
  return safely(async () => (await run(Book, { input })).bookAppointment);
}

const Reschedule = graphql(`
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
`);

/** Moves a visit. Until `pendingStartsAt` is null again, both times are held. */
export function reschedule(run: Run, id: string, startsAt: string): Promise<Outcome> {
  const input = { id, startsAt, idempotencyKey: crypto.randomUUID() };
  return safely(async () => (await run(Reschedule, { input })).rescheduleAppointment);
}

const Cancel = graphql(`
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
`);

/** Cancels a visit. `CANCELLING` means that the outside service has yet to acknowledge. */
export function cancel(run: Run, id: string, reason: string): Promise<Outcome> {
  const input = { id, reason, idempotencyKey: crypto.randomUUID() };
  return safely(async () => (await run(Cancel, { input })).cancelAppointment);
}

/** Failures that say nothing about the visit, only that the answer has to be asked for again. */
const TRY_AGAIN: ReadonlySet<ErrorCode> = new Set(["UNAVAILABLE", "IDEMPOTENCY_KEY_IN_USE"]);

/**
 * Sends the same request again where its outcome is unknown. That is safe only because each
 * carries its idempotency key, made once, outside this loop.
 */
async function safely(send: () => Promise<Outcome>, tries = 4): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const outcome = await send();
      if (!outcome.error || !TRY_AGAIN.has(outcome.error.code) || attempt === tries) return outcome;
    } catch (error) {
      if (!(error instanceof NoAnswer) || attempt === tries) throw error;
    }
    // Twice as long each time, and not all clients at once.
    await pause(200 * 2 ** attempt * (0.5 + Math.random()));
  }
}

const Appointment = graphql(`
  query Appointment($id: ID!) {
    appointment(id: $id) {
      ...Visit
    }
  }
`);

/**
 * Waits until a visit is no longer `PENDING`: its time is held, and the outside service has yet
 * to confirm it. Nothing is lost by leaving: the server goes on.
 */
export async function settled(run: Run, id: string, seconds = 60): Promise<VisitFragment | null> {
  for (let waited = 0; ; waited += 1) {
    const { appointment } = await run(Appointment, { id });
    if (appointment?.status !== "PENDING" || waited >= seconds) return appointment;
    await pause(1000);
  }
}

/** What to tell the person who wanted the visit. The compiler sees to it that no case is missing. */
export function explain(problem: BookingProblemFragment): string {
  switch (problem.__typename) {
    case "SlotTaken": {
      const times = problem.alternatives.map((slot) => `${slot.startsAt} with ${slot.provider.name}`);
      return `That time is gone. How about: ${times.join("; ")}?`;
    }
    case "SlotHeld":
    case "InBuffer": {
      const times = problem.alternatives.map((slot) => `${slot.startsAt} with ${slot.provider.name}`);
      return `${problem.message}. How about: ${times.join("; ")}?`;
    }
    case "NoticeTooShort":
      return `That is too soon; visits can be booked from ${problem.earliestStartsAt}`;
    case "InvalidInput":
      return problem.violations.map(({ field, message }) => `${field} ${message}`).join("; ");
    case "UnknownName":
      return `${problem.message}. Did you mean: ${problem.suggestions.join(", ")}?`;
    case "ProviderNotEligible":
      return `This provider can't see the patient: ${problem.reason}`;
    case "BeyondHorizon":
      return `That is too far ahead; visits can be booked until ${problem.horizonEndsAt}`;
    case "NoAvailability":
      return `Nobody is free until ${problem.searchedUntil}`;
    case "IllegalTransition":
      return `That can't be changed any more; possible: ${problem.allowed.join(", ") || "nothing"}`;
    case "VersionConflict":
      return `Somebody has changed it meanwhile: it is at version ${problem.currentVersion}`;
    case "RateLimited":
    case "PatientDoubleBooked":
    case "SeriesConflict":
    case "PlainError":
      return problem.message;
    default: {
      // A server newer than these types may know more cases; each has a message.
      const unknown: { message: string } = problem satisfies never;
      return unknown.message;
    }
  }
}
