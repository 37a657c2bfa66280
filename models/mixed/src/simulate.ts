/**
 * Mixed models of all sorts, drawn at random: what the network learns from.
 *
 * One to three random effects, which correlate or not, of 3 to 180 groups of 1 to 60 observations, balanced or not; covariates that are normal, constant within groups, times, or two-valued, about zero or not; priors of
 * four families, from much narrower to much wider than what there is. Everything is in units of the residuals' prior, for the coordinates have no unit.
 */
import {
  exponential,
  gamma,
  halfCauchy,
  halfNormal,
  InvalidArgumentError,
  logNormal,
  type ScalarDistribution,
  type SimulatedData,
  type Stream,
  stream,
} from "amortis";
import { emptyVariances, SIZE, type Coordinates } from "./coordinates.js";
import { FEATURES } from "./features.js";
import { lookAt } from "./look.js";
import { correlationFactor, partials, type VariancePriors } from "./priors.js";
import type { FixedPrior, Observations } from "./problem.js";

/** A model with its data, drawn from priors that were drawn themselves. */
export interface DrawnProblem {
  readonly observations: Observations;
  readonly fixedPrior: FixedPrior;
  readonly priors: VariancePriors;
  /** The truth, in units of the data. */
  readonly fixed: Float64Array;
  readonly sigma: number;
  readonly sd: Float64Array;
  readonly partial: Float64Array;
}

const LARGEST = 2_000;
/** Coordinates beyond which a draw teaches nothing: the first look has missed it by so many standard errors. */
const OUTLYING = 12;

/** Draws one. */
export function drawProblem(random: Stream): DrawnProblem {
  const q = 1 + random.categorical([0.3, 0.5, 0.2]);
  const correlated = q > 1 && random.uniform() < 0.8;
  const groups = Math.floor(3 * 60 ** random.uniform());
  const { group, n } = drawGroups(groups, random);
  const p = q + random.categorical([0.4, 0.3, 0.2, 0.1]);
  const fixed = [
    Float64Array.from({ length: n }, () => 1),
    ...Array.from({ length: p - 1 }, () => drawColumn(group, groups, random)),
  ];
  const start = q < p && random.uniform() < 0.15 ? 1 : 0;
  const columns = fixed.slice(start, start + q);
  const priors: VariancePriors = {
    sigma: drawScale(1, random),
    sd: columns.map((column) =>
      drawScale(Math.exp(-0.5 + 1.1 * random.normal()) / rootMeanSquare(column), random),
    ),
    lkj: random.uniform() < 0.4 ? 1 : Math.exp(Math.log(0.7) + random.uniform() * Math.log(6)),
    correlated,
  };
  const fixedPrior = {
    mean: fixed.map(() => random.normal()),
    sd: fixed.map((column) => Math.exp(0.7 + random.normal()) / rootMeanSquare(column)),
  };
  const sigma = Math.max(priors.sigma.sample(random)[0] ?? 1, 1e-6);
  const sd = Float64Array.from(priors.sd, (prior) => Math.max(prior.sample(random)[0] ?? 1, 1e-9));
  const partial = Float64Array.from(partials(q), ([, , level]) => {
    if (!correlated) return 0;
    const b = priors.lkj + (q - 1 - level) / 2;
    return Math.min(Math.max(2 * random.beta(b, b) - 1, 1e-9 - 1), 1 - 1e-9);
  });
  const factor = new Float64Array(q * q);
  correlationFactor(partial, q, factor);
  const beta = Float64Array.from(
    fixed,
    (_, k) => (fixedPrior.mean[k] ?? 0) + (fixedPrior.sd[k] ?? 1) * random.normal(),
  );
  const effects = Array.from({ length: groups }, () => {
    const noise = Array.from({ length: q }, () => random.normal());
    return noise.map((_, r) => {
      let value = 0;
      for (let k = 0; k <= r; k++) value += (factor[r * q + k] ?? 0) * (noise[k] ?? 0);
      return value * (sd[r] ?? 1);
    });
  });
  const response = Float64Array.from({ length: n }, (_, i) => {
    const own = effects[group[i] ?? 0];
    let value = sigma * random.normal();
    for (const [k, column] of fixed.entries()) value += (column[i] ?? 0) * (beta[k] ?? 0);
    for (const [k, column] of columns.entries()) value += (column[i] ?? 0) * (own?.[k] ?? 0);
    return value;
  });
  return {
    observations: { response, fixed, random: columns, group, groups },
    fixedPrior,
    priors,
    fixed: beta,
    sigma,
    sd,
    partial,
  };
}

/** Which group each observation is in: as many in each, or not. */
function drawGroups(
  groups: number,
  random: Stream,
): { readonly group: Int32Array; readonly n: number } {
  const mean = Math.min(1.5 * 30 ** random.uniform(), LARGEST / groups);
  const same = random.uniform() < 0.5;
  const sizes = Array.from({ length: groups }, () =>
    Math.max(1, same ? Math.round(mean) : Math.min(Math.round(mean * random.gamma(2) * 0.5), 60)),
  );
  const group = Int32Array.from(sizes.flatMap((size, j) => Array.from({ length: size }, () => j)));
  return { group, n: group.length };
}

function drawColumn(group: Int32Array, groups: number, random: Stream): Float64Array {
  const kind = random.categorical([0.35, 0.3, 0.2, 0.15]);
  const offset = random.uniform() < 0.5 ? 0 : 1.5 * random.normal();
  const own = Float64Array.from({ length: groups }, () => random.normal());
  const step = 0.1 + random.uniform();
  const [seen, share] = [new Int32Array(groups), 0.2 + 0.6 * random.uniform()];
  const column = Float64Array.from(group, (j) => {
    const time = seen[j] ?? 0;
    seen[j] = time + 1;
    if (kind === 0) return random.normal() + offset;
    if (kind === 1) return time * step;
    if (kind === 2) return random.uniform() < share ? 1 : 0;
    return (own[j] ?? 0) + offset;
  });
  column[0] = (column[0] ?? 0) + 1e-6;
  return column;
}

export function drawScale(scale: number, random: Stream): ScalarDistribution {
  const families = [
    () => halfNormal(scale),
    () => exponential(1 / scale),
    () => halfCauchy(0.5 * scale),
    () => gamma(2 + 2 * random.uniform(), 3 / scale),
    () => logNormal(Math.log(scale) - 0.3, 0.3 + 0.7 * random.uniform()),
  ];
  return (families[random.categorical([0.4, 0.2, 0.15, 0.15, 0.1])] ?? (() => halfNormal(scale)))();
}

export function rootMeanSquare(column: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < column.length; i++) sum += (column[i] ?? 0) ** 2;
  return Math.sqrt(sum / column.length);
}

/** Coordinates and features of a drawn problem. */
export function exampleOf(drawn: DrawnProblem): {
  readonly z: Float64Array;
  readonly features: Float64Array;
  readonly coordinates: Coordinates;
} {
  const { marginal, units, coordinates, features } = lookAt(
    drawn.observations,
    drawn.fixedPrior,
    drawn.priors,
  );
  const { q } = marginal.problem;
  const variances = emptyVariances(q);
  variances.sigma = drawn.sigma / (units[0] ?? 1);
  for (let k = 0; k < q; k++) variances.sd[k] = (drawn.sd[k] ?? 0) / (units[1 + k] ?? 1);
  variances.partial.set(drawn.partial);
  return { z: coordinates.locate(variances), coordinates, features };
}

/**
 * Draws problems, and what the network learns of each.
 *
 * @throws InvalidArgumentError unless the number is a whole one from 1 on.
 */
export function simulateMixed(
  simulations: number,
  seed: number | string,
): SimulatedData<{ readonly features: readonly [number] }> {
  if (!(Number.isInteger(simulations) && simulations > 0)) {
    throw new InvalidArgumentError(
      `simulateMixed needs a whole number of simulations from 1 on, but was given ${simulations}`,
    );
  }
  const random = stream(seed).split("mixed");
  const parameters = new Float64Array(simulations * SIZE);
  const features = new Float32Array(simulations * FEATURES);
  let row = 0;
  for (let i = 0; row < simulations; i++) {
    const own = random.split(i);
    const { z, features: told, coordinates } = exampleOf(drawProblem(own));
    // What the model lacks has coordinates that are noise, on which nothing depends.
    for (let k = 0; k < SIZE; k++) if (!coordinates.has(k)) z[k] = own.normal();
    if (!z.every((value) => Math.abs(value) < OUTLYING)) continue;
    for (let k = 0; k < SIZE; k++) parameters[row * SIZE + k] = z[k] ?? 0;
    features.set(told, row * FEATURES);
    row++;
  }
  return {
    size: simulations,
    parameters,
    data: { features },
    indices: Float64Array.from({ length: simulations }, (_, i) => i),
    invalid: [],
  };
}
