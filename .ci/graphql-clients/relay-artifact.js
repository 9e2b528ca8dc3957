// What Relay's compiler makes of a document, as far as the documents here need it: fields and
// variables, no fragments.

import { parse } from "graphql";

/** Fields that are lists of objects. */
const LISTS = new Set(["nodes"]);

export function artifactOf(document) {
  const [operation] = parse(document).definitions;
  const argumentDefinitions = operation.variableDefinitions.map(({ variable }) => ({
    defaultValue: null,
    kind: "LocalArgument",
    name: variable.name.value,
  }));
  const selections = operation.selectionSet.selections.map(selection);
  const name = operation.name.value;
  const type = { query: "Query", mutation: "Mutation", subscription: "Subscription" }[operation.operation];
  return {
    fragment: { argumentDefinitions, kind: "Fragment", metadata: null, name, selections, type, abstractKey: null },
    kind: "Request",
    operation: { argumentDefinitions, kind: "Operation", name, selections },
    params: { cacheID: name, id: null, metadata: {}, name, operationKind: operation.operation, text: document },
  };
}

function selection(field) {
  const common = {
    alias: null,
    args: field.arguments.length === 0 ? null : field.arguments.map(argument),
    name: field.name.value,
    storageKey: null,
  };
  if (!field.selectionSet) return { ...common, kind: "ScalarField" };
  return {
    ...common,
    concreteType: "Any",
    kind: "LinkedField",
    plural: LISTS.has(field.name.value),
    selections: field.selectionSet.selections.map(selection),
  };
}

/** Every argument here is a variable or a number. */
function argument({ name, value }) {
  return value.kind === "Variable"
    ? { kind: "Variable", name: name.value, variableName: value.name.value }
    : { kind: "Literal", name: name.value, value: Number(value.value) };
}
