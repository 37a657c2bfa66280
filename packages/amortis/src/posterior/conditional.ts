/**
 * Densities of one or two parameters of a posterior where the others are given.
 *
 *     p(θ_A | θ_B, Z) = p(θ_A, θ_B | Z) / ∫ p(θ_A, θ_B | Z) dθ_A,
 *
 * on even points over the range of the draws, a quarter of it wider to either side.
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { Floats } from "../data/layout.js";
import { InvalidArgumentError } from "@amortis/graph";

/** Where a density is looked at. */
export interface ConditionalDensityOptions {
  /** Points along each axis; by default 400 of one parameter, 80 of two. */
  readonly points?: number;
}

const KNOWN: KnownOptions<ConditionalDensityOptions> = {
  points: true,
};

/** A density on even points. */
export interface GridDensity {
  /** The parameters that were left, in their order. */
  readonly names: readonly string[];
  /** The points along each. */
  readonly axes: readonly Float64Array[];
  /** [points], or [points of the second, points of the first]: integral one over the range. */
  readonly density: Float64Array;
}

const POINTS = [400, 80] as const;

/** How much wider than the draws the range is to either side. */
const MARGIN = 0.25;

/** What a conditional density is made of: where to look at the log-density. */
export interface ConditionalPlan {
  readonly names: readonly string[];
  readonly axes: readonly Float64Array[];
  /** [points, p] */
  readonly parameters: Float64Array;
}

/**
 * Where to look.
 *
 * @param draws [n, p].
 * @param given values by flat name.
 * @throws InvalidArgumentError where a name is unknown, or not one or two are left.
 */
export function planConditional(
  draws: Floats,
  names: readonly string[],
  given: Readonly<Record<string, number>>,
  options: ConditionalDensityOptions,
): ConditionalPlan {
  requireKnown("conditional", options, KNOWN);
  const { points } = options;
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `conditional: there is no parameter "${unknown}"; there are ${names.join(", ")}`,
    );
  }
  const left = names.filter((name) => !Object.hasOwn(given, name));
  const count = points ?? POINTS[left.length - 1];
  if (count === undefined || left.length > 2) {
    throw new InvalidArgumentError(
      `conditional: one or two parameters must be left, but ${left.length} of ${names.join(", ")} are: give all others a value`,
    );
  }
  if (!(Number.isInteger(count) && count >= 2)) {
    throw new InvalidArgumentError(
      `conditional: points must be a whole number from 2 on, but is ${count}`,
    );
  }
  const p = names.length;
  const axes = left.map((name) => axisOver(draws, names.indexOf(name), p, count));
  const total = count ** left.length;
  const parameters = new Float64Array(total * p);
  for (let at = 0; at < total; at++) {
    for (const [j, name] of names.entries()) {
      const axis = left.indexOf(name);
      const index = axis === 0 ? at % count : Math.floor(at / count);
      parameters[at * p + j] = axis < 0 ? (given[name] ?? NaN) : (axes[axis]?.[index] ?? NaN);
    }
  }
  return { names: left, axes, parameters };
}

/** The density by its logarithms at the points of a plan; NaN where there is none, or no mass. */
export function densityOf({ names, axes }: ConditionalPlan, logs: Float64Array): GridDensity {
  const largest = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  const density = logs.map((log) => Math.exp(log - largest));
  const cell = axes.reduce((size, axis) => size * ((axis[1] ?? 0) - (axis[0] ?? 0)), 1);
  const integral = density.reduce((a, b) => a + b, 0) * cell;
  return { names, axes, density: density.map((value) => value / integral) };
}

/** Even points over the draws of one parameter. */
function axisOver(draws: Floats, column: number, p: number, count: number): Float64Array {
  let [least, most] = [Infinity, -Infinity];
  for (let at = column; at < draws.length; at += p) {
    least = Math.min(least, draws[at] ?? Infinity);
    most = Math.max(most, draws[at] ?? -Infinity);
  }
  const margin = MARGIN * (most - least);
  const width = (most - least + 2 * margin) / count;
  return Float64Array.from({ length: count }, (_, i) => least - margin + (i + 0.5) * width);
}
