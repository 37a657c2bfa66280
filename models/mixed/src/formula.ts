/**
 * Formulas of mixed models, as lme4 has them:
 *
 *     y ~ x + (x | group)          intercept and slope of all, and of each group, which correlate
 *     y ~ x + (x || group)         which do not
 *     y ~ a * b + (0 + x | group)  a + b + a:b, and a slope of each group without an intercept
 *     y ~ (1 | a) + (1 | b)        crossed groups, or nested ones: (1 | a / b) is (1 | b:a) + (1 | a)
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

/** Random effects of groups: what stands in brackets. */
export interface Grouping {
  readonly random: Terms;
  /** Name of the groups: of the column that says which one an observation is in, or of several, "b:a". */
  readonly group: string;
  /** Those columns: groups are their pairs. */
  readonly columns: readonly string[];
  /** Whether random effects correlate: | rather than ||. */
  readonly correlated: boolean;
}

/** A formula. */
export interface Formula {
  readonly response: string;
  readonly fixed: Terms;
  /** At least one. */
  readonly groupings: readonly Grouping[];
}

const NAME = /^[\p{L}_.][\p{L}\p{N}_.]*$/u;

/**
 * Reads a formula.
 *
 * @throws InvalidArgumentError where it is none, or has what there is no answer to: no group, the same effect of the same groups twice, functions of columns.
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
  // What stood around the grouping terms is a sum without them.
  const sum = outside
    .replaceAll(/\+\s*(?=\+|$)/gu, "")
    .replace(/^\s*\+/u, "")
    .trim();
  return {
    response: requireName(text, left),
    fixed: termsOf(text, sum === "" ? "1" : sum),
    groupings: apart(
      text,
      groups.flatMap((inner) => groupingsOf(text, inner)),
    ),
  };
}

/** Of (effects | a), or one for each level of (effects | a / b). */
function groupingsOf(text: string, inner: string): readonly Grouping[] {
  const correlated = !inner.includes("||");
  const [effects = "", group = "", ...more] = inner
    .split(correlated ? "|" : "||")
    .map((part) => part.trim());
  if (more.length > 0) throw refusal(text, "has a grouping term with more than one bar");
  const random = termsOf(text, effects);
  const nested = group.split("/").map((part) => part.split(":").map((name) => name.trim()));
  for (const name of nested.flat()) {
    if (!NAME.test(name)) throw refusal(text, `groups by "${group}", which is no column`);
  }
  // lme4's order: the inner groups first, named from within.
  return nested
    .map((_, depth) =>
      nested
        .slice(0, depth + 1)
        .toReversed()
        .flat(),
    )
    .toReversed()
    .map((columns) => ({ random, group: columns.join(":"), columns, correlated }));
}

/** @throws InvalidArgumentError where two grouping terms have an effect of the same groups in common. */
function apart(text: string, groupings: readonly Grouping[]): readonly Grouping[] {
  const seen = new Set<string>();
  for (const { random, columns } of groupings) {
    const effects = random.terms.map((term) => term.toSorted().join(":"));
    for (const effect of random.intercept ? ["1", ...effects] : effects) {
      const own = `${effect} | ${columns.toSorted().join(":")}`;
      if (seen.has(own)) throw refusal(text, `has the random effect "${own}" twice`);
      seen.add(own);
    }
  }
  return groupings;
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
