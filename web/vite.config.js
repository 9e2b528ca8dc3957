import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { defineConfig } from "vite";

/** Lays a `.gz` beside each file that gets smaller by it; the server sends that one. */
export const gzipBeside = {
  name: "gzip-beside",
  apply: "build",
  writeBundle({ dir }) {
    for (const name of readdirSync(dir)) {
      const plain = readFileSync(join(dir, name));
      const packed = gzipSync(plain, { level: 9 });
      if (packed.length < plain.length * 0.9) writeFileSync(join(dir, `${name}.gz`), packed);
    }
  },
};

export default defineConfig(({ command }) => ({
  // The page lives at graphql, its files in assets/graphiql beside it, whatever path a proxy puts
  // before both: the page names them from where it is, and they name each other.
  base: command === "build" ? "./" : "/",
  experimental: {
    renderBuiltUrl: (name, { hostType }) =>
      hostType === "html" ? `assets/graphiql/${name}` : { relative: true },
  },
  build: {
    outDir: "dist",
    assetsDir: "",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 5000,
    modulePreload: { polyfill: false },
    target: "es2022",
    rolldownOptions: {
      // "use client" in a dependency says nothing to a page without a server part.
      onwarn: (warning, warn) => {
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
    },
  },
  worker: { format: "es" },
  plugins: [gzipBeside],
  // `npm run dev` talks to a server started with CORS_ORIGINS=http://localhost:5173
  server: { proxy: { "/graphql": { target: "http://127.0.0.1:8080", ws: true } } },
}));
