import { defineConfig } from "vite";

import { gzipBeside } from "./vite.config.js";

// The front desk: built beside GraphiQL, into files that share nothing with it.
export default defineConfig(({ command }) => ({
  root: "desk",
  // The page lives at desk, its files in assets/desk beside it, whatever path a proxy puts before both.
  base: command === "build" ? "./" : "/",
  experimental: {
    renderBuiltUrl: (name, { hostType }) => (hostType === "html" ? `assets/desk/${name}` : { relative: true }),
  },
  build: {
    outDir: "../dist/desk",
    emptyOutDir: true,
    assetsDir: "",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    // Those that know light-dark(): it is left as it is written.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    rolldownOptions: {
      output: { entryFileNames: "desk-[hash].js", assetFileNames: "desk-[hash][extname]" },
    },
  },
  plugins: [gzipBeside],
  // `npm run desk` talks to a server on this machine; CLINIC says where else one is. The server takes a
  // page for its own by its Host, which is why that is passed on as it came.
  server: {
    port: 5174,
    proxy: Object.fromEntries(
      ["/graphql", "/sign-in", "/assets", "/session"].map((path) => [
        path,
        { target: process.env.CLINIC ?? "http://127.0.0.1:8080", changeOrigin: false },
      ]),
    ),
  },
}));
