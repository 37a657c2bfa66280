/**
 * The site: `npm run docs` builds it into `docs/.vitepress/dist`, plain files for any static host. `AMORTIS_DOCS_BASE=/amortis/` where they do not lie at its root.
 */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitepress";
import { formulas } from "./math.js";
import { REFERENCE, SECTIONS, type Section } from "./sidebar.js";

const listed = ({ text, items, collapsed = false }: Section) => ({
  text,
  collapsed,
  items: [...items],
});

// VitePress wants a default export.
// oxlint-disable-next-line import/no-default-export
export default defineConfig({
  title: "Amortis",
  description: "Amortized Bayesian inference in TypeScript: train once, answer in milliseconds.",
  lang: "en",
  base: process.env["AMORTIS_DOCS_BASE"] ?? "/",
  // `npm run docs -- --pages` leaves the reference out, while pages are written.
  ...(process.env["AMORTIS_DOCS_PAGES"] && {
    srcExclude: ["api/**"],
    ignoreDeadLinks: [/\/api\//],
  }),
  markdown: { config: formulas },
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag.startsWith("amortis-") } } },
  vite: { build: { chunkSizeWarningLimit: 4_000 } },
  themeConfig: {
    nav: [
      { text: "Guide", link: "/guide/first-model", activeMatch: "/guide/" },
      { text: "Methods", link: "/guide/choosing", activeMatch: "/methods/" },
      { text: "Reference", link: "/api/amortis/", activeMatch: "/api/" },
    ],
    sidebar: {
      "/": SECTIONS.map(listed),
      "/api/": [listed(REFERENCE)],
    },
    outline: { level: [2, 3] },
    search: { provider: "local" },
  },
  buildEnd: ({ srcDir, outDir }) => {
    const schema = "estimator-file.schema.json";
    copyFileSync(join(srcDir, schema), join(outDir, schema));
  },
});
