/**
 * The pairwise composite likelihood of an inverted max-stable field, and its maximum.
 *
 *   ℓ(λ, ν) = Σ_{pairs of sites closer than c} log f(x_s, x_t; ρ(‖s - t‖))
 *
 * with f of pair-density.ts, and c = 0.2: only five distances are shorter on the grid, and 2,610 pairs. Pairs are not independent,
 * so that ℓ is no likelihood; but its maximum is consistent as independent fields are added.
 *
 * References: Padoan, Ribatet and Sisson (2010), "Likelihood-based inference for max-stable processes", Journal of the American
 * Statistical Association 105; settings of arXiv 2404.12484.
 */
import { InvalidArgumentError } from "amortis";
import { distances, POINTS, SIDE } from "@amortis/gaussian-field";
import { minimizeInBox } from "./box-bfgs.js";
import { RANGE, SMOOTHNESS } from "./model.js";
import { pairLogDensity } from "./pair-density.js";
import { whittleMaternSlopes, type WhittleMatern } from "./whittle-matern.js";

/** Which pairs count. */
export interface CompositeOptions {
  /** Pairs must be closer, in units of the grid's side; 0.2 unless given. */
  readonly cutoff?: number;
}

/** ℓ and its gradient. */
export interface CompositeSlope {
  readonly value: number;
  readonly range: number;
  readonly smoothness: number;
}

/** How the maximum is looked for. */
export interface MaximizeOptions extends CompositeOptions {
  /** (0.5, 1.5) unless given. */
  readonly start?: WhittleMatern;
}

/** Maximum composite likelihood estimates, within the bounds of the prior. */
export interface CompositeEstimate extends WhittleMatern {
  /** ℓ at the estimates. */
  readonly value: number;
  readonly iterations: number;
  readonly evaluations: number;
  readonly converged: boolean;
}

const CUTOFF = 0.2;
/** A range too short for any correlation between sites. */
const FLAT = 0.01;
/** Where further searches start: about half of the grid's spacing, rough and smooth. */
const SHORT: readonly WhittleMatern[] = [
  { range: 0.04, smoothness: 0.6 },
  { range: 0.02, smoothness: 2.8 },
];

/**
 * ℓ(λ, ν) and its gradient.
 *
 * @param x a field of 256 values, row-major, or several independent fields, whose ℓ add up.
 * @throws InvalidArgumentError where fields do not have 256 values, or no two sites are closer than the cutoff.
 * @example compositeLogLikelihood({ range: 0.2, smoothness: 1.5 }, x).value
 */
export function compositeLogLikelihood(
  parameters: WhittleMatern,
  x: ArrayLike<number>,
  { cutoff = CUTOFF }: CompositeOptions = {},
): CompositeSlope {
  checkFields(x);
  const rho = whittleMaternSlopes(parameters);
  let [value, range, smoothness] = [0, 0, 0];
  for (const { distance, steps } of pairsCloserThan(cutoff)) {
    const correlation = rho(distance);
    let slope = 0;
    for (const { rows, columns } of steps) {
      for (let start = 0; start < x.length; start += POINTS) {
        for (let i = 0; i < SIDE - rows; i++) {
          const first = start + i * SIDE + Math.max(0, -columns);
          const shift = rows * SIDE + columns;
          const last = first + SIDE - Math.abs(columns);
          for (let s = first; s < last; s++) {
            const pair = pairLogDensity(x[s] ?? 0, x[s + shift] ?? 0, correlation.value);
            value += pair.value;
            slope += pair.correlation;
          }
        }
      }
    }
    range += slope * correlation.range;
    smoothness += slope * correlation.smoothness;
  }
  return { value, range, smoothness };
}

/**
 * Maximises ℓ by BFGS within the bounds of the prior.
 *
 * @param x a field of 256 values, row-major, or several independent fields with the same parameters.
 * @throws InvalidArgumentError as `compositeLogLikelihood`.
 * @example
 * const { range, smoothness } = maximizeCompositeLikelihood(x);
 */
export function maximizeCompositeLikelihood(
  x: ArrayLike<number>,
  { start = { range: 0.5, smoothness: 1.5 }, ...options }: MaximizeOptions = {},
): CompositeEstimate {
  checkFields(x);
  const found = climb(x, start, options);
  // Without correlation ℓ is flat, and a long step may have led there past the maximum: look again from short ranges.
  if (found.range > FLAT) return found;
  const all = [found, ...SHORT.map((from) => climb(x, from, options))];
  const best = all.reduce((a, b) => (b.value > a.value ? b : a));
  return {
    ...best,
    iterations: all.reduce((sum, { iterations }) => sum + iterations, 0),
    evaluations: all.reduce((sum, { evaluations }) => sum + evaluations, 0),
  };
}

/** A local maximum. Coordinates are shares of the prior's intervals, and values are per site. */
function climb(
  x: ArrayLike<number>,
  start: WhittleMatern,
  options: CompositeOptions,
): CompositeEstimate {
  const widths = [RANGE[1] - RANGE[0], SMOOTHNESS[1] - SMOOTHNESS[0]] as const;
  const at = ([range = 0, smoothness = 0]: Float64Array): WhittleMatern => ({
    range: RANGE[0] + widths[0] * range,
    smoothness: SMOOTHNESS[0] + widths[1] * smoothness,
  });
  const { point, value, iterations, evaluations, converged } = minimizeInBox(
    (shares) => {
      const found = compositeLogLikelihood(at(shares), x, options);
      const scale = -1 / x.length;
      return {
        value: scale * found.value,
        gradient: [scale * found.range * widths[0], scale * found.smoothness * widths[1]],
      };
    },
    [(start.range - RANGE[0]) / widths[0], (start.smoothness - SMOOTHNESS[0]) / widths[1]],
    { lower: [0, 0], upper: [1, 1] },
  );
  return { ...at(point), value: -value * x.length, iterations, evaluations, converged };
}

/** Pairs of one distance: by how many rows and columns their second site is further on. */
interface Pairs {
  readonly distance: number;
  readonly steps: { readonly rows: number; readonly columns: number }[];
}

const known = new Map<number, readonly Pairs[]>();

/** Each pair once: the second site is in a later row, or further right in the same one. */
function pairsCloserThan(cutoff: number): readonly Pairs[] {
  const found = known.get(cutoff);
  if (found) return found;
  const groups = new Map<number, Pairs>();
  for (let rows = 0; rows < SIDE; rows++) {
    for (let columns = rows === 0 ? 1 : 1 - SIDE; columns < SIDE; columns++) {
      const distance = distances[rows * SIDE + Math.abs(columns)] ?? Infinity;
      if (!(distance < cutoff)) continue;
      const group = groups.get(distance) ?? { distance, steps: [] };
      group.steps.push({ rows, columns });
      groups.set(distance, group);
    }
  }
  if (groups.size === 0) {
    throw new InvalidArgumentError(
      `no two sites are closer than ${cutoff}: the grid's spacing is 1/${SIDE - 1}`,
    );
  }
  const pairs = [...groups.values()];
  known.set(cutoff, pairs);
  return pairs;
}

function checkFields(x: ArrayLike<number>): void {
  if (x.length === 0 || x.length % POINTS !== 0) {
    throw new InvalidArgumentError(
      `fields have ${SIDE}×${SIDE} = ${POINTS} values each, but ${x.length} were given`,
    );
  }
}
