/**
 * Calls of ours that tables of migration name are there. (Blocks of code are compiled; cells of tables are not.)
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as amortis from "amortis";
import * as diagnostics from "amortis/diagnostics";
import * as extend from "amortis/extend";
import * as figures from "amortis/figures";
import * as files from "amortis/files";
import { expect, it } from "vitest";
import { pagesOf, ROOT } from "./blocks.js";

const KNOWN = new Set(
  [amortis, diagnostics, extend, figures, files].flatMap((entry) => Object.keys(entry)),
);

/** Methods of estimators and posteriors, and what is the reader's. */
const METHODS = new Set(["mean", "quantile", "givenBatch", "logDensities"]);

it.each(pagesOf("migration"))("%s names functions that there are", (page) => {
  const rows = readFileSync(join(ROOT, page), "utf8")
    .split("\n")
    .filter((row) => row.startsWith("| "));
  const ours = rows.map((row) => row.split(" | ").at(-1) ?? "").join("\n");
  const calls = [...ours.matchAll(/`[^`]*`/g)].flatMap(([code]) =>
    [...code.matchAll(/(?<![.\w])([a-z]\w+)\(/g)].map(([, name = ""]) => name),
  );
  expect(calls.length).toBeGreaterThan(10);
  expect(calls.filter((name) => !KNOWN.has(name) && !METHODS.has(name))).toEqual([]);
});
