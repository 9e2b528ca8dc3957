// The linter of schema.graphql: the recommended rules and those of Relay, all of them errors.
// Each exception is explained beside its rule. Run from the root of the repository.

import graphql from "@graphql-eslint/eslint-plugin";

const recommended = graphql.configs["flat/schema-recommended"].rules;
const naming = recommended["@graphql-eslint/naming-convention"][1];
const objects = "ObjectTypeDefinition,ObjectTypeExtension";

export default [
  {
    files: ["schema.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: "schema.graphql" } },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...recommended,
      ...graphql.configs["flat/schema-relay"].rules,

      // A visit type is what a clinic calls it, not a type of the schema that says that it is one.
      "@graphql-eslint/naming-convention": [
        "error",
        { ...naming, [objects]: { ...naming[objects], ignorePattern: "^VisitType$" } },
      ],

      // Whatever can be fetched again has an `id`. These can't: they are values inside an answer.
      "@graphql-eslint/strict-id-in-types": [
        "error",
        {
          exceptions: {
            // Relay's own shapes, and what a mutation answers.
            suffixes: ["Connection", "Edge", "Payload"],
            types: [
              "PageInfo",
              // Computed from hours and appointments, stored nowhere: a time and a provider.
              "Slot",
              // An entry of the log, named by its `cursor`: `events` reads on from there.
              "AppointmentEvent",
              // The same of the roster's log: `rosterEvents` reads on from its `cursor`.
              "RosterEvent",
              // Named by its `code`; there is no other of it to be fetched.
              "UsState",
              // Part of a provider; two spans of one day have nothing else to tell them apart.
              "WorkingHours",
              // A line of an appointment's history: its place there is its name.
              "AppointmentChange",
              // Who did it, and who was told, as they were when they did: parts of a row of the audit trail.
              "AuditActor",
              "AuditRecipient",
              // Named by its token, which is a secret and so no id: whoever has it may book the time.
              "Hold",
              // Whoever asks, a person, a token or nobody: there is no other to tell them from.
              "Viewer",
              // Of a provider or of the clinic: there is one of each, or one a day.
              "BookingRules",
              "ClinicRules",
              "ClosedDay",
              "DateOverride",
              "DayHours",
              // What was found of a question about times or providers: gone with the answer.
              "ExcludedProvider",
              "MatchReason",
              "MatchResult",
              // How a series would be booked: nothing is, so there is nothing to be fetched again.
              "SeriesOccurrence",
              "SeriesPreview",
              "TimeExplanation",
              "TimeReason",
              // What a mail says: written anew whenever it is looked at.
              "MailContent",
              // The cases of `BookingError`: told by their type and `code`, gone with the answer.
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
              "VersionConflict",
              // One line of `InvalidInput`.
              "Violation",
            ],
          },
        },
      ],

      // Its other demands hold. This one would forbid every list that is not paged, and some are
      // short and whole by nature: a provider's states, insurances and hours, three alternatives,
      // the violations of one input, the statuses allowed. It would also forbid the shortcut
      // `nodes` beside `edges`. `availableSlots` is bounded by its window.
      //
      // What an edge leads to is a `Node`, but for one: an event has no `id` (above), and `events` is
      // a connection so that clients page through the log as through everything else.
      "@graphql-eslint/relay-edge-types": [
        "error",
        { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false },
      ],
    },
  },
];
