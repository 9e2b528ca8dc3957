// Who can see a patient, and when.

import type { Run } from "./client.js";
import { graphql } from "./generated/index.js";

const FindProviders = graphql(`
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
`);

/** Providers licensed in a state who accept an insurance, with the next time each is free. */
export async function findProviders(run: Run, patient: { state: string; insurance: string }) {
  const { providers } = await run(FindProviders, {
    state: patient.state,
    insurance: patient.insurance,
  });
  return providers?.nodes ?? [];
}

const FirstAvailable = graphql(`
  query FirstAvailable(
    $after: DateTime!
    $durationMinutes: Int!
    $state: String!
    $insurance: String!
  ) {
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
`);

/** The earliest time anybody suitable is free; null when nobody is within the horizon. */
export async function firstAvailable(
  run: Run,
  wish: { after: Date; durationMinutes: number; state: string; insurance: string },
) {
  const answer = await run(FirstAvailable, { ...wish, after: wish.after.toISOString() });
  return answer.firstAvailable;
}

const AvailableSlots = graphql(`
  query AvailableSlots($providerId: ID!, $from: DateTime!, $to: DateTime!) {
    availableSlots(providerId: $providerId, from: $from, to: $to, durationMinutes: 30) {
      startsAt
      localStartsAt
    }
  }
`);

/** All the times at which a visit of half an hour may start, wholly inside a window. */
export async function availableSlots(run: Run, providerId: string, from: Date, to: Date) {
  const { availableSlots } = await run(AvailableSlots, {
    providerId,
    from: from.toISOString(),
    to: to.toISOString(),
  });
  return availableSlots ?? [];
}
