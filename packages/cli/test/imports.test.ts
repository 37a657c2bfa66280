import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^"';]*?\sfrom\s+)?"([^"]+)";/gm;

/** Packages that are loaded with a module of the command, before anything is asked of them. */
function loadedWith(file: string, seen = new Set<string>()): ReadonlySet<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  for (const [, name = ""] of readFileSync(file, "utf8").matchAll(IMPORT)) {
    if (!name.startsWith(".")) packages.add(name);
    else {
      const inner = resolve(file, "..", name.replace(/\.js$/, ".ts"));
      for (const each of loadedWith(inner, seen)) packages.add(each);
    }
  }
  return packages;
}

const SOURCE = resolve(import.meta.dirname, "../src");

test("the command loads nothing of the library until a subcommand is asked for", () => {
  expect([...loadedWith(resolve(SOURCE, "main.ts"))]).toEqual(["commander"]);
});

test("infer loads of the library what answers, and no models, methods and training", () => {
  const loaded = [...loadedWith(resolve(SOURCE, "commands/infer.ts"))];
  const own = loaded.filter((name) => name.startsWith("amortis")).toSorted();
  expect(own).toEqual(["amortis/answers", "amortis/files"]);
});
