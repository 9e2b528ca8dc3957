// GraphQL documents with types: what an operation answers follows from its text and the schema.

import { initGraphQLTada } from "gql.tada";

import type { introspection } from "../schema";

export const graphql = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  scalars: { DateTime: string; Date: string; ID: string };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from "gql.tada";
