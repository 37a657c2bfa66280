/**
 * All TypeScript of the pages compiles against the packages as they are, under the compiler's strict settings.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { blocksOf, folderOf, pagesOf, programsOf, ROOT } from "./blocks.js";

const PAGES = (["readmes", "docs", "guide", "methods", "migration"] as const).flatMap(pagesOf);

it("compiles every block of TypeScript", () => {
  rmSync(join(ROOT, "docs", ".blocks", "check"), { recursive: true, force: true });
  const at = new Map<string, string>();
  for (const page of PAGES) {
    const folder = folderOf("check", page);
    for (const { name, text, block } of programsOf(page, folder)) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, name), text);
      at.set(join(folder, name), `${page}:${block.line}`);
    }
  }
  expect(at.size).toBeGreaterThan(50);
  const program = ts.createProgram([...at.keys()], {
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
  });
  const faults = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0;
    const text = file?.text.split("\n")[line]?.trim();
    const place = at.get(file?.fileName ?? "") ?? relative(ROOT, file?.fileName ?? "");
    return `${place} "${text}": ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
  expect(faults).toEqual([]);
});

it("finds all code in fences, which say their language, and none that is only indented", () => {
  const found = PAGES.flatMap((page) => {
    const text = readFileSync(join(ROOT, page), "utf8").replaceAll(/^```\w[^]*?^```$/gm, "");
    return [...text.matchAll(/(?:^|\n)\n(?: {4}\S|```\n).*/g)].map(
      ([line]) => `${page}: ${line.trim()}`,
    );
  });
  expect(found).toEqual([]);
});

it("says why a block is not run, of few", () => {
  const left = PAGES.flatMap(blocksOf).filter(({ norun, nocheck }) => norun ?? nocheck);
  expect(left.length).toBeLessThan(20);
});
