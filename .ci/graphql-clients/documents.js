// What every client is asked to do, in GraphQL's own words.

export const PROVIDERS = `query Providers($state: String, $first: Int) {
  providers(state: $state, first: $first) {
    nodes { id name states insurances }
  }
}`;

export const BOOK = `mutation Book($input: BookAppointmentInput!) {
  bookAppointment(input: $input) {
    appointment { id status }
    error { code message }
  }
}`;

export const WATCH = `subscription Watch($after: String, $providerId: ID) {
  appointmentChanged(after: $after, providerId: $providerId) {
    cursor
    kind
  }
}`;

export const NEWEST = `query Newest {
  events(last: 1) {
    nodes { cursor }
  }
}`;

export const WRONG = `query Wrong {
  providers {
    nothing
  }
}`;
