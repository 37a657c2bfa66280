/**
 * Posteriors that are known one parameter after another, by terms log r_j with p(θ_j | θ_1 … θ_{j-1}, Z) ∝ p(θ_j) r_j(θ_1 … θ_j, Z).
 *
 * A draw inverts the distribution function of each parameter given those before it, in unconstrained space, so that draws are independent. The first parameter has one
 * distribution for all draws, and each other one a distribution for each draw.
 */
import type { Floats, ParameterSlot } from "../data/layout.js";
import type { ScalarDistribution } from "../distributions/index.js";
import { stream } from "../random/index.js";
import { invert, type Invertible } from "./inversion.js";
import type { PosteriorSource } from "./posterior-source.js";
import { DrawnBatch } from "./drawn-batch.js";
import { Refusal, refusalOf } from "./refusal.js";

/** Data sets with such terms. */
export interface SequentialTarget {
  readonly slots: readonly ParameterSlot[];
  readonly flatNames: readonly string[];
  readonly size: number;
  /** One for each flat parameter. */
  readonly priors: readonly ScalarDistribution[];
  /** log r_j of one data set, whatever the parameters after j are: theta [m, p] to [m]. */
  readonly logTerm: (j: number, theta: Floats, dataSet: number) => Promise<Float64Array>;
}

/** Mass of a prior that is left out at each end. */
const TAIL = 1e-12;

/** Rows of parameters that one call takes. */
const ROWS = 2 ** 18;

/** A parameter in unconstrained space. */
interface Coordinate {
  readonly ends: readonly [number, number];
  readonly median: number;
  readonly place: (v: number) => number;
  /** log p(θ) |dθ/dv|. */
  readonly logPrior: (v: number) => number;
}

function coordinateOf(prior: ScalarDistribution): Coordinate {
  const { bijection } = prior;
  const at = (u: number): number => bijection.inverse([prior.quantile(u)])[0] ?? 0;
  const place = (v: number): number => bijection.forward([v])[0] ?? Number.NaN;
  return {
    ends: [at(TAIL), at(1 - TAIL)],
    median: prior.quantile(0.5),
    place,
    logPrior: (v) => prior.logDensity([place(v)]) + bijection.logJacobian([v]),
  };
}

/** Data sets whose terms are no numbers, or too rough to be inverted, are refused. */
export function sequentialPosterior(target: SequentialTarget): PosteriorSource {
  const { slots, flatNames, size, logTerm } = target;
  const coordinates = target.priors.map(coordinateOf);
  const p = flatNames.length;

  /** The distributions of parameter j given those before it in each row of theta [m, p]. @throws Refusal where one is none. */
  async function conditionals(
    j: number,
    { ends, place, logPrior }: Coordinate,
    theta: Float64Array,
    dataSet: number,
  ): Promise<readonly Invertible[]> {
    const count = j === 0 ? 1 : theta.length / p;
    const found = await invert(count, ends, async (rows, points, each) => {
      const values = new Float64Array(points.length);
      const step = Math.max(1, Math.floor(ROWS / each));
      for (let from = 0; from < rows.length; from += step) {
        const some = rows.slice(from, from + step);
        const asked = new Float64Array(some.length * each * p);
        for (const [i, row] of some.entries()) {
          const before = theta.subarray(row * p, (row + 1) * p);
          for (let k = 0; k < each; k++) {
            asked.set(before, (i * each + k) * p);
            asked[(i * each + k) * p + j] = place(points[(from + i) * each + k] ?? 0);
          }
        }
        values.set(await logTerm(j, asked, dataSet), from * each);
      }
      return values.map((term, i) => term + logPrior(points[i] ?? 0));
    });
    return found.map((one) => {
      if (one !== undefined) return one;
      throw new Refusal(
        `the ratio of "${flatNames[j]}" given the parameters before it is no number under data set ${dataSet}, or too rough to be integrated: ask for method "mcmc" or "importance"`,
      );
    });
  }

  /** Draws of one data set, [draws, p]. */
  async function drawOne(draws: number, seed: number, dataSet: number): Promise<Float64Array> {
    const theta = new Float64Array(draws * p).map((_, at) => coordinates[at % p]?.median ?? 0);
    // A stream a data set, so that a draw does not depend on what else is in the batch.
    const random = stream(seed).split("posterior").split(dataSet);
    const uniforms = Float64Array.from(theta, () => random.uniform());
    for (const [j, coordinate] of coordinates.entries()) {
      const each = await conditionals(j, coordinate, theta, dataSet);
      for (let row = 0; row < draws; row++) {
        const v = (each[row] ?? each[0])?.quantile(uniforms[row * p + j] ?? 0);
        theta[row * p + j] = coordinate.place(v ?? Number.NaN);
      }
    }
    return theta;
  }

  /** Log-densities of one data set at theta [m, p]: [m]. */
  async function logDensityOf(theta: Float64Array, dataSet: number): Promise<Float64Array> {
    const total = new Float64Array(theta.length / p);
    for (const [j, coordinate] of coordinates.entries()) {
      const terms = await logTerm(j, theta, dataSet);
      const each = await conditionals(j, coordinate, theta, dataSet);
      for (let row = 0; row < total.length; row++) {
        const prior = target.priors[j]?.logDensity([theta[row * p + j] ?? 0]) ?? Number.NaN;
        const logMass = (each[row] ?? each[0])?.logMass ?? Number.NaN;
        total[row] = (total[row] ?? 0) + (terms[row] ?? Number.NaN) + prior - logMass;
      }
    }
    return total;
  }

  return {
    slots,
    flatNames,
    size,
    draw: async (draws, seed, start, end) => {
      const batch = new DrawnBatch(end - start, draws, p);
      for (let i = start; i < end; i++) {
        const found = await drawOne(draws, seed, i).catch(refusalOf);
        if (found instanceof Refusal) batch.refuse(found);
        else batch.answer({ status: "amortized" }, found);
      }
      return batch.drawn;
    },
    logDensity: async (parameters, start, end) => {
      const each = parameters.length / (end - start);
      const result = new Float64Array(parameters.length / p).fill(Number.NaN);
      for (let i = start; i < end; i++) {
        const theta = Float64Array.from(
          parameters.subarray((i - start) * each, (i - start + 1) * each),
        );
        const found = await logDensityOf(theta, i).catch(refusalOf);
        if (!(found instanceof Refusal)) result.set(found, ((i - start) * each) / p);
      }
      return result;
    },
  };
}
