import { defineConfig } from "vite";

/** The studio: plain static files that any host can serve, from any folder. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: {
    target: "es2023",
    outDir: "dist",
    emptyOutDir: true,
    // Source maps are larger than all the rest.
    sourcemap: false,
  },
});
