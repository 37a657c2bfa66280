/**
 * The levels of a hierarchy as its networks have them: which of the flat parameters are of which level, and by what map they leave their support.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { firstPriors, type Bijection } from "../distributions/index.js";
import type { Moments } from "../data/moments.js";
import type { AnyModel, Hierarchy } from "../model/index.js";

/** A level, the globals being the first: its parameters are the last of those that `bijection` is of, and all before are above it. */
export interface LevelPart {
  /** Of the globals "globals". */
  readonly name: string;
  /** Places of its parameters in the flat vector. */
  readonly start: number;
  readonly end: number;
  /** The same in unconstrained space. */
  readonly from: number;
  readonly to: number;
  /** The map of its parameters and all above it, of what is left of them without their offset. */
  readonly bijection: Bijection;
}

/** The globals, and each level, outermost first. */
export function levelParts(model: AnyModel, { globals, levels }: Hierarchy): readonly LevelPart[] {
  const names = [
    ["globals", globals] as const,
    ...levels.map(({ name, parameters }) => [name, parameters] as const),
  ];
  let [start, from] = [0, 0];
  return names.map(([name, parameters]) => {
    const sizes = model.prior.slots.flatMap((slot) =>
      parameters.includes(slot.name) ? slot.size : [],
    );
    const end = sizes.reduce((sum, size) => sum + size, start);
    const { bijection } = firstPriors(model.prior, end).centred;
    const part = { name, start, end, from, to: bijection.unconstrainedSize, bijection };
    [start, from] = [part.end, part.to];
    return part;
  });
}

/** The hierarchy that a model is. @throws InvalidArgumentError where it is none. */
export function hierarchyOf(what: string, { name, hierarchy }: AnyModel): Hierarchy {
  if (hierarchy !== undefined) return hierarchy;
  throw new InvalidArgumentError(
    `${what}: the model "${name}" has no groups: define it with groups: { school: { count: ..., parameters: { ... } } }, or take npe`,
  );
}

/** Moments of some places. */
export function momentsBetween({ mean, sd }: Moments, from: number, to: number): Moments {
  const of = (values: readonly number[]): number[] =>
    Array.from({ length: to - from }, (_, i) => values[from + i] ?? values[0] ?? 0);
  return { mean: of(mean), sd: of(sd) };
}
