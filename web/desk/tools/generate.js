// Writes what TypeScript knows of the API: `schema.d.ts` from schema.graphql, which is not committed, and
// `operations.ts` from the `.graphql` files. Fails where an operation does not fit the schema; with
// `--check` also where operations.ts is not what the files say.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { minifyIntrospection, outputIntrospectionFile } from "@gql.tada/internal";
import {
  buildSchema,
  concatAST,
  introspectionFromSchema,
  isAbstractType,
  Kind,
  NoUnusedFragmentsRule,
  parse,
  print,
  Source,
  specifiedRules,
  validate,
  visit,
} from "graphql";

const desk = fileURLToPath(new URL("../", import.meta.url));
const schema = buildSchema(readFileSync(`${desk}../../schema.graphql`, "utf8"));
const files = readdirSync(desk)
  .filter((name) => name.endsWith(".graphql"))
  .sort();
const documents = files.map((name) => parse(new Source(readFileSync(desk + name, "utf8"), `web/desk/${name}`)));
const all = concatAST(documents);

// A fragment is spread wherever a screen needs it, which one file does not show.
const errors = validate(
  schema,
  all,
  specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule),
);
if (errors.length > 0) {
  for (const error of errors) console.error(`${error}\n`);
  process.exit(1);
}

/** The names of the fragments that a definition spreads itself. */
const spreads = (definition) => {
  const names = new Set();
  visit(definition, { FragmentSpread: ({ name }) => void names.add(name.value) });
  return [...names];
};

// Each fragment after those that it spreads.
const fragments = new Map(
  all.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).map((it) => [it.name.value, it]),
);
const ordered = [];
const place = (definition) => {
  for (const name of spreads(definition)) place(fragments.get(name));
  if (!ordered.includes(definition)) ordered.push(definition);
};
for (const definition of all.definitions) place(definition);

const constant = (definition) => {
  const used = spreads(definition);
  const argument = used.length > 0 ? `, [${used.join(", ")}]` : "";
  return `export const ${definition.name.value} = graphql(\`\n${print(definition)}\n\`${argument});\n`;
};
// What a cache has to know of the schema: which types an interface has that fragments are on.
const abstract = new Set(
  [...fragments.values()]
    .map(({ typeCondition }) => schema.getType(typeCondition.name.value))
    .filter((type) => isAbstractType(type)),
);
const possibleTypes = Object.fromEntries(
  [...abstract].map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
);

const operations = [
  "// Made by tools/generate.js from the .graphql files beside this one: change those.\n",
  'import { graphql } from "./data/graphql";\n',
  ...ordered.map(constant),
  `export const possibleTypes = ${JSON.stringify(possibleTypes, null, 2)};\n`,
].join("\n");

if (process.argv.includes("--check")) {
  if (readFileSync(`${desk}operations.ts`, "utf8") !== operations) {
    console.error("web/desk/operations.ts is not what the .graphql files say: npm run generate");
    process.exit(1);
  }
} else {
  writeFileSync(`${desk}operations.ts`, operations);
}
const introspection = minifyIntrospection(introspectionFromSchema(schema));
writeFileSync(`${desk}schema.d.ts`, outputIntrospectionFile(introspection, { fileType: ".d.ts" }));
