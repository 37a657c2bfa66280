/**
 * The packages as npm would publish them, and what must hold of what they hold.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.js";

/** What `npm i amortis` brings of ours. */
const PACKAGES = ["graph", "cli", "amortis"] as const;

/** Packages that are installed by those who ask for them. */
const OPTIONAL = ["server", "queue", "s3"] as const;

const ROOT = join(import.meta.dirname, "..");

/**
 * Packs them and checks their contents.
 *
 * @param folder to write to.
 * @returns the paths of those that `npm i amortis` brings, and of the studio's.
 */
export function packAll(folder: string): Tarballs {
  for (const name of OPTIONAL) pack(name, folder);
  return { tarballs: PACKAGES.map((name) => pack(name, folder)), studio: pack("studio", folder) };
}

interface Tarballs {
  readonly tarballs: readonly string[];
  readonly studio: string;
}

function pack(name: string, folder: string): string {
  const home = join(ROOT, "packages", name);
  const { stdout } = run(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
    home,
  );
  const { filename, files } = packed(JSON.parse(stdout));
  checkManifest(home);
  checkFiles(home, files);
  return join(folder, filename);
}

interface Packed {
  readonly filename: string;
  readonly files: readonly string[];
}

/** What npm says that it packed: a list of one, or since npm 12 by name. */
function packed(report: unknown): Packed {
  assert(typeof report === "object" && report !== null);
  const [only]: readonly {
    readonly filename: string;
    readonly files: readonly { readonly path: string }[];
  }[] = Object.values(report);
  assert(only !== undefined);
  return { filename: only.filename, files: only.files.map(({ path }) => path) };
}

function checkManifest(home: string): void {
  const manifest: Readonly<Record<string, unknown>> = JSON.parse(
    readFileSync(join(home, "package.json"), "utf8"),
  );
  for (const field of ["description", "keywords", "license", "author", "repository", "engines"]) {
    assert(manifest[field] !== undefined, `${home}/package.json has no ${field}`);
  }
}

function checkFiles(home: string, files: readonly string[]): void {
  for (const needed of ["README.md", "LICENSE", "package.json"]) {
    assert(files.includes(needed), `${home}: ${needed} is not packed`);
  }
  for (const file of files) {
    assert(!file.endsWith(".tsbuildinfo"), `${home}: ${file} is packed`);
    if (file.endsWith(".map")) checkMap(home, file);
    if (file.startsWith("dist/") && !isBundled(home)) checkSource(home, file);
  }
  if (isBundled(home)) {
    for (const page of ["dist/index.html", "dist/amortis.js", "dist/amortis-posterior.js"]) {
      assert(
        files.includes(page),
        `${home}: ${page} is not packed: npm run build -w @amortis/studio`,
      );
    }
  }
}

/** A map brings its sources along: those that it names are not packed. */
function checkMap(home: string, file: string): void {
  const map: {
    readonly sources: readonly string[];
    readonly sourcesContent?: readonly (string | null)[];
  } = JSON.parse(readFileSync(join(home, file), "utf8"));
  const held = map.sourcesContent?.filter((text) => text !== null).length ?? 0;
  assert.equal(held, map.sources.length, `${home}: ${file} maps to sources that are not there`);
}

/** Whether files are bundles, of which none is of one source. */
function isBundled(home: string): boolean {
  return existsSync(join(home, "vite.config.ts"));
}

/** What was built of a source that is gone is still built. */
function checkSource(home: string, file: string): void {
  const source = file.replace(/^dist/, "src").replace(/(\.d\.ts|\.js|\.js\.map)$/, ".ts");
  assert(
    existsSync(join(home, source)),
    `${home}: ${file} is packed, but ${source} is gone: delete dist and build again`,
  );
}
