// Where the server and graphql-js 16 may differ, each with its reason. Anything else fails.

export const DIFFERENCES = [
  {
    reason:
      "@skip and @include on the root field of a subscription: allowed by graphql-js 16, forbidden by the edition of September 2025",
    covers: ({ theirs, message }) => theirs === "runs" && /can not specify @skip or @include on root fields/.test(message),
  },
  {
    reason:
      "a null that only a default let stand where there must be a value: refused before anything runs, where graphql-js finds it out when the field runs",
    covers: ({ ours, theirs, message, coerced }) =>
      ours === "refused" &&
      theirs === "runs" &&
      /must have a value: it is null/.test(message) &&
      Object.values(coerced).includes(null),
  },
  {
    reason: "a limit of the server, not a rule of GraphQL (docs/limits.md)",
    covers: ({ ours }) => ours === "too complex",
  },
];
