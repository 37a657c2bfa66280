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
    groupings: [
      { random: { intercept: true, terms: [["x"]] }, group: "g", columns: ["g"], correlated: true },
    ],
  });
  expect(sum("y~(1|g)").fixed).toEqual({ intercept: true, terms: [] });
  expect(sum("y ~ (1 | g) + x").fixed.terms).toEqual([["x"]]);
  expect(sum("y ~ 0 + a + (0 + a || g)")).toMatchObject({
    fixed: { intercept: false, terms: [["a"]] },
    groupings: [{ random: { intercept: false, terms: [["a"]] }, correlated: false }],
  });
  expect(sum("y ~ a - 1 + (1 | g)").fixed.intercept).toBe(false);
  expect(sum("y ~ a * b + (1 | g)").fixed.terms).toEqual([["a"], ["b"], ["a", "b"]]);
  expect(sum("y ~ b + a:b + a + b:a + (1 | g)").fixed.terms).toEqual([["b"], ["a"], ["b", "a"]]);
});

test("several grouping terms cross, and nested ones are pairs of columns from within", () => {
  const names = (text: string) => parseFormula(text).groupings.map(({ group }) => group);
  expect(names("y ~ (1 | a) + x + (x | b)")).toEqual(["a", "b"]);
  expect(names("y ~ (1 | a / b)")).toEqual(["b:a", "a"]);
  expect(names("y ~ (1 | a/b/c)")).toEqual(["c:b:a", "b:a", "a"]);
  expect(names("y ~ (1 | a:b) + (0 + x | a)")).toEqual(["a:b", "a"]);
  expect(names("y ~ (1 | a) + (0 + x | a)")).toEqual(["a", "a"]);
  const table = { y: [1, 2, 3, 4], a: ["p", "p", "q", "q"], b: [1, 2, 1, 1] };
  const { terms } = designOf(parseFormula("y ~ (1 | a / b)"), table);
  expect(terms.map(({ levels }) => levels)).toEqual([
    ["1:p", "1:q", "2:p"],
    ["p", "q"],
  ]);
  expect(Array.from(terms[0]?.group ?? [])).toEqual([0, 2, 1, 1]);
});

test("what cannot be answered is said", () => {
  for (const [text, reason] of [
    ["y", /not of the form/u],
    ["y ~ x", /no random effects/u],
    ["y ~ (1 | a) + (1 + x | a)", /random effect "1 \| a" twice/u],
    ["y ~ (1 | a/b) + (1 | b:a)", /random effect "1 \| a:b" twice/u],
    ["y ~ (1 | a | b)", /more than one bar/u],
    ["y ~ (1 | a/2)", /groups by "a\/2", which is no column/u],
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
  const { fixed, fixedNames, terms } = designOf(
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
  expect(terms[0]?.randomNames).toEqual(["(Intercept)", "x"]);
  expect(terms[0]?.levels).toEqual(["9", "10"]);
  expect(Array.from(terms[0]?.group ?? [])).toEqual([1, 0, 1, 0]);
  expect(Array.from(fixed[5] ?? [])).toEqual([0.5, 0, 0, 0]);
  expect(Array.from(fixed[4] ?? [])).toEqual([1, 0, 1, 1]);
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
