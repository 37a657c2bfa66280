/**
 * Formulas of mixed models, as lme4 has them:
 *
 *     y ~ x + (x | group)          intercept and slope of all, and of each group, which correlate
 *     y ~ x + (x || group)         which do not
 *     y ~ a * b + (0 + x | group)  a + b + a:b, and a slope of each group without an intercept
 *
 * Reference: Bates, Mächler, Bolker & Walker 2015, "Fitting linear mixed-effects models using lme4", section 2.
 */
import { InvalidArgumentError } from "amortis";

/** Columns whose product is a term; none of them is the intercept. */
export type Term = readonly string[];

/** Terms of effects, and whether there is an intercept. */
export interface Terms {
  readonly intercept: boolean;
  readonly terms: readonly Term[];
}

/** A formula. */
export interface Formula {
  readonly response: string;
  readonly fixed: Terms;
  readonly random: Terms;
  /** The column that says which group an observation is in. */
  readonly group: string;
  /** Whether random effects correlate: | rather than ||. */
  readonly correlated: boolean;
}

const NAME = /^[\p{L}_.][\p{L}\p{N}_.]*$/u;

/**
 * Reads a formula.
 *
 * @throws InvalidArgumentError where it is none, or has what there is no answer to: no group or several, nested groups, functions of columns.
 * @example parseFormula("Reaction ~ Days + (Days | Subject)")
 */
export function parseFormula(text: string): Formula {
  const sides = text.split("~");
  const [left = "", right = ""] = sides.map((side) => side.trim());
  if (sides.length !== 2 || right === "") {
    throw refusal(text, "is not of the form response ~ terms + (terms | group)");
  }
  const groups: string[] = [];
  const outside = right.replaceAll(/\(([^()]*\|[^()]*)\)/gu, (_, inner: string) => {
    groups.push(inner);
    return " ";
  });
  if (groups.length === 0) {
    throw refusal(
      text,
      "has no random effects: add (1 | group), with the name of the column that says which group an observation is in",
    );
  }
  const [inner = "", ...others] = groups;
  if (others.length > 0) {
    throw refusal(text, `has ${groups.length} grouping terms, but one is what can be answered`);
  }
  const correlated = !inner.includes("||");
  const [effects = "", group = "", ...more] = inner
    .split(correlated ? "|" : "||")
    .map((part) => part.trim());
  if (more.length > 0) throw refusal(text, "has a grouping term with more than one bar");
  if (!NAME.test(group)) {
    throw refusal(
      text,
      `groups by "${group}", which is no column: nested groups a/b are answered as one column of their pairs`,
    );
  }
  // What stood around the grouping term is a sum without it.
  const sum = outside
    .replaceAll(/\+\s*(?=\+|$)/gu, "")
    .replace(/^\s*\+/u, "")
    .trim();
  return {
    response: requireName(text, left),
    fixed: termsOf(text, sum === "" ? "1" : sum),
    random: termsOf(text, effects),
    group,
    correlated,
  };
}

function termsOf(text: string, sum: string): Terms {
  let intercept = true;
  const found = new Map<string, Term>();
  const add = (term: Term): void => {
    found.set([...term].toSorted().join(":"), term);
  };
  for (const { minus, part } of signed(sum)) {
    if (part === "1" || part === "0") {
      intercept = (part === "1") !== minus;
    } else if (part === "") {
      throw refusal(text, "has a plus or minus without a term");
    } else if (minus) {
      throw refusal(text, `takes "${part}" off, but only the intercept can be: - 1`);
    } else if (part.includes("*")) {
      const names = part.split("*").map((name) => requireName(text, name.trim()));
      // All products of some of them, the shorter first.
      const subsets = Array.from({ length: 2 ** names.length - 1 }, (_, bits) =>
        names.filter((_name, i) => ((bits + 1) >> i) % 2 === 1),
      );
      for (const subset of subsets.toSorted((a, b) => a.length - b.length)) add(subset);
    } else {
      add(part.split(":").map((name) => requireName(text, name.trim())));
    }
  }
  if (!intercept && found.size === 0) throw refusal(text, "has effects without any term");
  return { intercept, terms: [...found.values()].toSorted((a, b) => a.length - b.length) };
}

/** Parts of a sum with their signs. */
function signed(sum: string): readonly { readonly minus: boolean; readonly part: string }[] {
  const parts = sum.split(/([+-])/u);
  const first = { minus: false, part: (parts[0] ?? "").trim() };
  const rest = Array.from({ length: (parts.length - 1) / 2 }, (_, i) => ({
    minus: parts[2 * i + 1] === "-",
    part: (parts[2 * i + 2] ?? "").trim(),
  }));
  return first.part === "" && rest.length > 0 ? rest : [first, ...rest];
}

function requireName(text: string, name: string): string {
  if (NAME.test(name)) return name;
  throw refusal(
    text,
    `has "${name}", which is no name of a column: compute a column of its own for what is a function of others`,
  );
}

function refusal(text: string, problem: string): InvalidArgumentError {
  return new InvalidArgumentError(`the formula "${text}" ${problem}`);
}
