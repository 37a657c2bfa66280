/**
 * Names of the parameters of a mixed model.
 */
import type { Design } from "./design.js";

/** Names of all parameters, in the order of the flat vector: the long ones that lme4 prints, by the short ones. */
export interface Names {
  readonly fixed: Readonly<Record<string, string>>;
  readonly sd: Readonly<Record<string, string>>;
  readonly correlation: Readonly<Record<string, string>>;
  /** Of what there is one of: sigma. */
  readonly scalars: readonly string[];
  readonly groups: Readonly<Record<string, string>>;
}

/** Short names of the effects of each grouping term: "Days", and with several terms "Days | Subject". */
export function shortNames({ terms }: Design): readonly (readonly string[])[] {
  return terms.map(({ name, randomNames }) =>
    randomNames.map((effect) => (terms.length === 1 ? effect : `${effect} | ${name}`)),
  );
}

/** @param scalars that stand between correlations and effects of groups. */
export function namesOf(design: Design, scalars: readonly string[]): Names {
  const { fixedNames, terms } = design;
  const short = shortNames(design);
  const own = (long: (effect: string, group: string) => string): Record<string, string> =>
    Object.fromEntries(
      terms.flatMap(({ name, randomNames }, t) =>
        randomNames.map((effect, k) => [short[t]?.[k] ?? effect, long(effect, name)]),
      ),
    );
  const pairs = terms.flatMap(({ name, randomNames, correlated }) =>
    randomNames.flatMap((later, i) =>
      randomNames.slice(0, correlated ? i : 0).map((earlier) => {
        const pair = `${earlier}, ${later}`;
        return [terms.length === 1 ? pair : `${pair} | ${name}`, `cor(${pair} | ${name})`];
      }),
    ),
  );
  return {
    fixed: Object.fromEntries(fixedNames.map((name) => [name, name])),
    sd: own((effect, group) => `sd(${effect} | ${group})`),
    correlation: Object.fromEntries(pairs),
    scalars,
    groups: own((effect, group) => `${effect} | ${group}`),
  };
}
