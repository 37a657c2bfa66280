/**
 * The table of docs/engine.md and what tests hold special functions to are of the same numbers.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SPECIAL } from "./special/functions.js";

/** Errors of the value and of the derivative, of a row's runtimes: "2.5 at 1.06; 0". */
function largest(cells: readonly string[]): readonly [number, number] {
  const errors = cells.map((cell) => cell.split(";").map((part) => Number.parseFloat(part)));
  const most = (k: number): number => Math.max(...errors.map((pair) => pair[k] ?? Number.NaN));
  return [most(0), most(1)];
}

const page = readFileSync(new URL("../../../docs/engine.md", import.meta.url), "utf8");
const rows = page.split("\n").flatMap((line) => {
  const [, name, ...cells] = line.startsWith("| `") ? line.split(" | ") : [];
  const first = /^\| `(.*)`$/u.exec(line.split(" | ")[0] ?? "")?.[1];
  return first === undefined || name === undefined
    ? []
    : [[first, largest([name, ...cells].map((cell) => cell.replace(/ \|$/u, "")))] as const];
});
const table = new Map(rows.filter(([name]) => SPECIAL.some((f) => f.name === name)));

test("every function has a row, with all runtimes", () => {
  expect([...table.keys()]).toEqual(SPECIAL.map(({ name }) => name));
});

test.each(SPECIAL.map((f) => [f.name, f] as const))(
  "%s may be off by the least whole number above its largest error",
  (name, { roundings }) => {
    const above = (error: number): number => (error === 0 ? 0 : Math.floor(error) + 1);
    const [value = Number.NaN, slope = Number.NaN] = table.get(name) ?? [];
    expect(roundings).toEqual([above(value), above(slope)]);
  },
);
