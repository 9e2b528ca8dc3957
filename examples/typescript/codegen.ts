import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../schema.graphql",
  documents: ["src/**/*.ts", "!src/generated/**"],
  generates: {
    "src/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        // Documents stay text with types: no GraphQL library is needed to run them.
        documentMode: "string",
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: {
          ID: "string",
          // RFC 3339 in both directions. Answers are in UTC; `new Date(text)` reads them.
          DateTime: "string",
        },
      },
    },
  },
  // Imports end in `.js`, as Node.js resolves them.
  emitLegacyCommonJSImports: false,
  importExtension: ".js",
};

export default config;
