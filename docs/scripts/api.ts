/**
 * Writes what the five entries export, by their docstrings, as Markdown: a page for each name, in `docs/api`.
 *
 *     npm run api -w @amortis/docs
 */
import { fileURLToPath } from "node:url";
import { Application, type TypeDocOptions } from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";

/** The entries, by the folder of their source in `packages/amortis/src`. */
const ENTRIES: Readonly<Record<string, string>> = {
  index: "amortis",
  extend: "amortis/extend",
  diagnostics: "amortis/diagnostics",
  figures: "amortis/figures",
  files: "amortis/files",
};

const SOURCE = new URL("../../packages/amortis/src/", import.meta.url);

const path = (address: string, base: URL): string => fileURLToPath(new URL(address, base));

const options: Partial<TypeDocOptions> & Partial<PluginOptions> = {
  entryPoints: Object.keys(ENTRIES).map((name) =>
    path(["index", "extend"].includes(name) ? `${name}.ts` : `${name}/index.ts`, SOURCE),
  ),
  tsconfig: path("../tsconfig.json", SOURCE),
  plugin: ["typedoc-plugin-markdown"],
  out: path("../api", new URL(import.meta.url)),
  readme: "none",
  // The compiler has checked them: `npm run build`.
  skipErrorChecking: true,
  disableSources: true,
  excludePrivate: true,
  excludeInternal: true,
  excludeExternals: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  typeDeclarationFormat: "table",
  sanitizeComments: true,
  entryFileName: "index",
  validation: { notExported: false, invalidLink: false, invalidPath: false, rewrittenLink: false },
  logLevel: "Warn",
};

const application = await Application.bootstrapWithPlugins(options);
const project = await application.convert();
if (project === undefined) throw new Error("the entries could not be read");
project.name = "The library, name by name";
for (const entry of project.children ?? []) entry.name = ENTRIES[entry.name] ?? entry.name;
await application.generateOutputs(project);
if (application.logger.hasErrors()) process.exitCode = 1;
