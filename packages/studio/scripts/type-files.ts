/**
 * The files of types that the playground's checker reads: TypeScript's library, and what `amortis` says of itself.
 */
import { realpathSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Paths as the checker has them: libraries in /lib, packages in /node_modules. */
export function typeFiles(): Readonly<Record<string, string>> {
  const program = ts.createProgram({
    rootNames: [`${ROOT}packages/studio/src/page/amortis.ts`],
    options: {
      lib: ["lib.es2023.d.ts"],
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      target: ts.ScriptTarget.ES2022,
      types: [],
      skipLibCheck: true,
    },
  });
  const files = program.getSourceFiles().flatMap(({ fileName, text }): [string, string][] => {
    const path = placeOf(fileName);
    return path === undefined ? [] : [[path, text]];
  });
  return Object.fromEntries([...files, ...manifests(files.map(([path]) => path))]);
}

function placeOf(fileName: string): string | undefined {
  const path = relative(ROOT, realpathSync.native(fileName)).replaceAll("\\", "/");
  const library = /^node_modules\/typescript\/lib\/(.*)$/u.exec(path);
  if (library !== null) return `/lib/${library[1]}`;
  const own = /^packages\/(amortis|graph)\/(.*)$/u.exec(path);
  if (own !== null)
    return `/node_modules/${own[1] === "graph" ? "@amortis/graph" : "amortis"}/${own[2]}`;
  return path.startsWith("node_modules/") ? `/${path}` : undefined;
}

/** By which packages are resolved. */
function manifests(paths: readonly string[]): readonly [string, string][] {
  const packages = paths.flatMap((path) => {
    const found = /^\/node_modules\/((?:@[^/]+\/)?[^/]+)\//u.exec(path)?.[1];
    return found === undefined ? [] : [found];
  });
  return [...new Set(packages)].map((name) => {
    const text = ts.sys.readFile(`${ROOT}node_modules/${name}/package.json`) ?? "{}";
    return [`/node_modules/${name}/package.json`, text];
  });
}
