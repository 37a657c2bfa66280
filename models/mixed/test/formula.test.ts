/**
 * Formulas and what they make of columns.
 */
import { expect, test } from "vitest";
import { designOf } from "../src/design.js";
import { parseFormula } from "../src/formula.js";

test("formulas are read as lme4 reads them", () => {
  const sum = (text: string) => parseFormula(text);
  expect(sum("y ~ x + (x | g)")).toEqual({
    response: "y",
    fixed: { intercept: true, terms: [["x"]] },
    random: { intercept: true, terms: [["x"]] },
    group: "g",
    correlated: true,
  });
  expect(sum("y~(1|g)").fixed).toEqual({ intercept: true, terms: [] });
  expect(sum("y ~ (1 | g) + x").fixed.terms).toEqual([["x"]]);
  expect(sum("y ~ 0 + a + (0 + a || g)")).toMatchObject({
    fixed: { intercept: false, terms: [["a"]] },
    random: { intercept: false, terms: [["a"]] },
    correlated: false,
  });
  expect(sum("y ~ a - 1 + (1 | g)").fixed.intercept).toBe(false);
  expect(sum("y ~ a * b + (1 | g)").fixed.terms).toEqual([["a"], ["b"], ["a", "b"]]);
  expect(sum("y ~ b + a:b + a + b:a + (1 | g)").fixed.terms).toEqual([["b"], ["a"], ["b", "a"]]);
});

test("what cannot be answered is said", () => {
  for (const [text, reason] of [
    ["y", /not of the form/u],
    ["y ~ x", /no random effects/u],
    ["y ~ (1 | a) + (1 | b)", /2 grouping terms/u],
    ["y ~ (1 | a/b)", /groups by "a\/b"/u],
    ["log(y) ~ (1 | g)", /has "log\(y\)"/u],
    ["y ~ log(x) + (1 | g)", /no name of a column/u],
    ["y ~ a - b + (1 | g)", /takes "b" off/u],
    ["y ~ x + (0 | g)", /without any term/u],
  ] as const) {
    expect(() => parseFormula(text)).toThrow(reason);
  }
});

test("columns, factors and products have the names and values of R's model matrix", () => {
  const table = {
    y: [1, 2, 3, 4],
    x: [0.5, 1, 2, 4],
    kind: ["b", "a", "c", "a"],
    done: [true, false, true, true],
    g: [10, 9, 10, 9],
  };
  const { observations, fixedNames, randomNames, levels } = designOf(
    parseFormula("y ~ x * kind + done + (x | g)"),
    table,
  );
  expect(fixedNames).toEqual([
    "(Intercept)",
    "x",
    "kindb",
    "kindc",
    "donetrue",
    "x:kindb",
    "x:kindc",
  ]);
  expect(randomNames).toEqual(["(Intercept)", "x"]);
  expect(levels).toEqual(["9", "10"]);
  expect(Array.from(observations.group)).toEqual([1, 0, 1, 0]);
  expect(Array.from(observations.fixed[5] ?? [])).toEqual([0.5, 0, 0, 0]);
  expect(Array.from(observations.fixed[4] ?? [])).toEqual([1, 0, 1, 1]);
  // Without an intercept the first factor has all of its levels.
  expect(designOf(parseFormula("y ~ 0 + kind + (1 | g)"), table).fixedNames).toEqual([
    "kinda",
    "kindb",
    "kindc",
  ]);
  for (const [text, reason] of [
    ["y ~ z + (1 | g)", /no column "z"; there are y, x/u],
    ["kind ~ x + (1 | g)", /row 1 of "kind" is "b"/u],
  ] as const) {
    expect(() => designOf(parseFormula(text), table)).toThrow(reason);
  }
  expect(() =>
    designOf(parseFormula("y ~ x + (1 | g)"), { ...table, x: [1, Number.NaN, 2, 3] }),
  ).toThrow(/row 2 of "x" is NaN/u);
  expect(() => designOf(parseFormula("y ~ x + (1 | g)"), { ...table, x: [1, 2] })).toThrow(
    /"x" has 2 values/u,
  );
  expect(() =>
    designOf(parseFormula("y ~ kind + (1 | g)"), { ...table, kind: ["a", "a", "a", "a"] }),
  ).toThrow(/throughout/u);
});
