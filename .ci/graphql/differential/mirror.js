// What graphql-js answers over the data of the server.
//
// Of each document one plain query is made: without fragments of its own, without conditions and
// variables, every field of the document under a name that follows from the field and its arguments.
// The server answers it; graphql-js executes the document over that answer. So the two agree on the
// data, and what is compared is what they make of the document.

import {
  GraphQLError,
  Kind,
  astFromValue,
  execute,
  getArgumentValues,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  print,
} from "graphql";

/** A name for a field of a type with its arguments, the same for the same. */
function nameOf(typeName, fieldName, argumentValues) {
  const key = JSON.stringify(argumentValues);
  let hash = 5381;
  for (let n = 0; n < key.length; n += 1) hash = (Math.imul(hash, 33) ^ key.charCodeAt(n)) >>> 0;
  return `${typeName}_${fieldName}_${hash.toString(36)}`;
}

/** The plain query for everything that an operation may ask, whatever its conditions say. */
export function plainQuery(schema, document, operation, variables) {
  const fragments = new Map();
  for (const one of document.definitions) {
    if (one.kind === Kind.FRAGMENT_DEFINITION) fragments.set(one.name.value, one);
  }
  const meets = (object, condition) => {
    if (!condition) return true;
    const type = schema.getType(condition.name.value);
    return type === object || (isAbstractType(type) && schema.isSubType(type, object));
  };

  /** The fields of an object, by their names in the plain query, each with all its selections. */
  const gather = (object, sets, fields = new Map(), seen = new Set()) => {
    for (const selection of sets.flatMap((set) => set.selections)) {
      if (selection.kind === Kind.FIELD) {
        const field = object.getFields()[selection.name.value];
        if (!field) continue;
        let values;
        try {
          values = getArgumentValues(field, selection, variables);
        } catch {
          // A null where there must be a value: found when the field is run, if it is.
          continue;
        }
        const name = nameOf(object.name, field.name, values);
        if (!fields.has(name)) fields.set(name, { field, values, sets: [] });
        if (selection.selectionSet) fields.get(name).sets.push(selection.selectionSet);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (meets(object, selection.typeCondition)) gather(object, [selection.selectionSet], fields, seen);
      } else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (meets(object, fragment.typeCondition)) gather(object, [fragment.selectionSet], fields, seen);
      }
    }
    return fields;
  };

  const ofObject = (object, sets) => {
    const parts = ["__typename"];
    for (const [name, { field, values, sets: inner }] of gather(object, sets)) {
      const given = field.args.flatMap((argument) => {
        const value = values[argument.name];
        return value === undefined ? [] : [`${argument.name}: ${print(astFromValue(value, argument.type))}`];
      });
      const list = given.length > 0 ? `(${given.join(", ")})` : "";
      const type = getNamedType(field.type);
      parts.push(`${name}: ${field.name}${list}${isCompositeType(type) ? ` ${ofType(type, inner)}` : ""}`);
    }
    return `{ ${parts.join(" ")} }`;
  };
  const ofType = (type, sets) => {
    if (isObjectType(type)) return ofObject(type, sets);
    const narrowed = schema.getPossibleTypes(type).map((object) => `... on ${object.name} ${ofObject(object, sets)}`);
    return `{ __typename ${narrowed.join(" ")} }`;
  };
  return `${operation.operation} ${ofObject(schema.getRootType(operation.operation), [operation.selectionSet])}`;
}

/** Executes a document over the answer to its plain query. */
export function executeOver(schema, document, operationName, variableValues, answer) {
  const root = answer.data ?? {};
  for (const error of answer.errors ?? []) put(root, error.path, new GraphQLError(error.message, { extensions: error.extensions }));
  return execute({
    schema,
    document,
    operationName,
    variableValues,
    rootValue: root,
    fieldResolver(source, values, _context, info) {
      const value = source[nameOf(info.parentType.name, info.fieldName, values)];
      if (value === undefined) throw new Error(`the plain query lacks ${info.parentType.name}.${info.fieldName}`);
      return value;
    },
    typeResolver: (value) => value.__typename,
  });
}

/** Puts an error where its null is: at its path, or further up where null was not allowed. */
function put(root, path, error) {
  let object = root;
  for (const step of path) {
    if (object[step] === null) object[step] = error;
    if (object[step] instanceof Error || object[step] === undefined) return;
    object = object[step];
  }
}
