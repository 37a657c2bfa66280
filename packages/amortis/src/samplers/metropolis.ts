/**
 * Random-walk Metropolis, vectorised over data sets and chains.
 *
 * Chains walk in the unconstrained space of the prior, u with θ = g(u), whose density has the Jacobian: log p(θ | Z) + log |dθ/du|. While
 * they burn in, the size of each chain's steps is adapted to its acceptance, and their shape to the covariance of its draws (see `Walk`); afterwards
 * nothing is adapted, so that what is kept is a Markov chain. One evaluation of the target takes one proposal of every chain of every data set.
 *
 * Reference: Metropolis et al. 1953, "Equation of state calculations by fast computing machines".
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { Bijection } from "../distributions/index.js";
import { stream, type Stream } from "../random/index.js";
import { convergence } from "../diagnostics/convergence.js";
import { Walk } from "./walk.js";

/** Unnormalised log posterior densities of many data sets. */
export interface LogTarget {
  /** Number of data sets. */
  readonly size: number;
  /** Number of flat parameters p. */
  readonly dimension: number;
  /** theta [end - start, each, p] in the parameters' own units to [end - start, each]; -Infinity outside the support. */
  logDensity(theta: Float64Array, start: number, end: number): Promise<Float64Array> | Float64Array;
}

/** How chains are run. */
export interface MetropolisOptions {
  /** From unconstrained space to the parameters; a model's is `parameterBijection(model)`. */
  readonly bijection: Bijection;
  /** Where chains start: [size, chains, p], within the support. */
  readonly start: Float64Array;
  /** Chains a data set, 4 by default. */
  readonly chains?: number;
  /** Iterations of each chain, burn-in included; 6,000 by default. */
  readonly iterations?: number;
  /** Iterations that are left out, a third by default. */
  readonly burnIn?: number;
  /** Iterations between adaptations in burn-in. */
  readonly adaptEvery?: number;
  /** Of how many iterations one is kept. */
  readonly thin?: number;
  readonly seed?: number;
  /** Number of the first data set: the draws of a data set depend on the seed and its number, not on what else is in the batch. */
  readonly firstIndex?: number;
  readonly signal?: AbortSignal;
  /** Hears of every hundredth iteration. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Draws, and what is to be said of them. */
export interface MetropolisResult {
  /** [size, chains · kept, p], chain after chain. */
  readonly draws: Float32Array;
  /** Draws a data set. */
  readonly each: number;
  /** Share of proposals accepted after burn-in, [size]. */
  readonly acceptance: Float64Array;
  /** [size, p] each. */
  readonly rHat: Float64Array;
  readonly bulkEss: Float64Array;
  readonly tailEss: Float64Array;
  readonly seconds: number;
}

/** Proposals drawn at a time. */
const BLOCK = 128;

/**
 * Runs all chains.
 *
 * @throws InvalidArgumentError where a setting is out of range, or a chain starts where the target's density is zero.
 * @example
 * const { draws, rHat } = await metropolis(target, { bijection: parameterBijection(model), start });
 */
export async function metropolis(
  target: LogTarget,
  options: MetropolisOptions,
): Promise<MetropolisResult> {
  const { chains = 4, iterations = 6000, adaptEvery = 100, thin = 1, seed = 0 } = options;
  const { firstIndex = 0 } = options;
  const { burnIn = Math.floor(iterations / 3), bijection, start, signal, onProgress } = options;
  const { size, dimension: p } = target;
  requireSettings({ chains, iterations, burnIn, adaptEvery, thin }, start.length, size, p);
  const started = performance.now();
  const k = bijection.unconstrainedSize;
  const count = size * chains;
  const walkers = Array.from({ length: count }, (_, i) =>
    stream(seed)
      .split("metropolis")
      .split(firstIndex + Math.floor(i / chains))
      .split(i % chains),
  );
  const kept = Math.floor((iterations - burnIn) / thin);
  const draws = new Float32Array(count * kept * p);
  const theta = Float64Array.from(start);
  const u = new Float64Array(count * k);
  const density = new Float64Array(count);
  const walk = new Walk(k, size, chains);
  const toDensity = async (at: Float64Array, points: Float64Array): Promise<Float64Array> => {
    const values = target.logDensity(points, 0, size);
    const logs = values instanceof Promise ? await values : values;
    for (let i = 0; i < count; i++) {
      logs[i] = (logs[i] ?? NaN) + bijection.logJacobian(at.subarray(i * k, (i + 1) * k));
    }
    return logs;
  };
  for (let i = 0; i < count; i++) {
    u.set(bijection.inverse(theta.subarray(i * p, (i + 1) * p)), i * k);
  }
  density.set(await toDensity(u, theta));
  const bad = density.findIndex((value) => !(value > -Infinity));
  if (bad >= 0) {
    throw new InvalidArgumentError(
      `metropolis: chain ${bad % chains} of data set ${Math.floor(bad / chains)} starts at ${theta.subarray(bad * p, (bad + 1) * p).join(", ")}, where the log density is ${density[bad]}: start within the support`,
    );
  }
  const accepted = new Float64Array(count);
  const proposal = new Float64Array(count * k);
  const proposed = new Float64Array(count * p);
  const normals = new Float64Array(count * BLOCK * k);
  const uniforms = new Float64Array(count * BLOCK);
  for (let t = 0; t < iterations; t++) {
    if (t % 100 === 0) {
      signal?.throwIfAborted();
      onProgress?.(t, iterations);
    }
    const b = t % BLOCK;
    if (b === 0) refill(walkers, normals, uniforms, k);
    for (let i = 0; i < count; i++) {
      walk.propose(i, u, normals, (i * BLOCK + b) * k, proposal);
      proposed.set(bijection.forward(proposal.subarray(i * k, (i + 1) * k)), i * p);
    }
    const logs = await toDensity(proposal, proposed);
    for (let i = 0; i < count; i++) {
      const ratio = (logs[i] ?? NaN) - (density[i] ?? NaN);
      // A NaN is refused.
      const take = Math.log(uniforms[i * BLOCK + b] ?? 1) < ratio;
      if (take) {
        density[i] = logs[i] ?? NaN;
        for (let j = 0; j < k; j++) u[i * k + j] = proposal[i * k + j] ?? NaN;
        for (let j = 0; j < p; j++) theta[i * p + j] = proposed[i * p + j] ?? NaN;
      }
      if (t < burnIn) walk.note(i, u, take);
      else if (take) accepted[i] = (accepted[i] ?? 0) + 1;
    }
    if (t < burnIn && (t + 1) % adaptEvery === 0) walk.adapt((t + 1) / adaptEvery);
    const since = t - burnIn + 1;
    if (since > 0 && since % thin === 0 && since / thin <= kept) {
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < p; j++) {
          draws[(i * kept + since / thin - 1) * p + j] = theta[i * p + j] ?? NaN;
        }
      }
    }
  }
  onProgress?.(iterations, iterations);
  return {
    draws,
    each: chains * kept,
    acceptance: Float64Array.from({ length: size }, (_, d) => {
      const sum = accepted.subarray(d * chains, (d + 1) * chains).reduce((a, c) => a + c, 0);
      return sum / (chains * (iterations - burnIn));
    }),
    ...judge(draws, size, chains, kept, p),
    seconds: (performance.now() - started) / 1000,
  };
}

function refill(
  walkers: readonly Stream[],
  normals: Float64Array,
  uniforms: Float64Array,
  k: number,
): void {
  for (const [i, random] of walkers.entries()) {
    random.fillNormal(normals.subarray(i * BLOCK * k, (i + 1) * BLOCK * k));
    random.fillUniform(uniforms.subarray(i * BLOCK, (i + 1) * BLOCK));
  }
}

function judge(
  draws: Float32Array,
  size: number,
  chains: number,
  kept: number,
  p: number,
): Pick<MetropolisResult, "rHat" | "bulkEss" | "tailEss"> {
  const rHat = new Float64Array(size * p);
  const bulkEss = new Float64Array(size * p);
  const tailEss = new Float64Array(size * p);
  for (let at = 0; at < size * p; at++) {
    const [d, j] = [Math.floor(at / p), at % p];
    const all = Array.from({ length: chains }, (_, c) =>
      Float64Array.from(
        { length: kept },
        (_unused, i) => draws[((d * chains + c) * kept + i) * p + j] ?? NaN,
      ),
    );
    const found = convergence(all);
    rHat[at] = found.rHat;
    bulkEss[at] = found.bulkEss;
    tailEss[at] = found.tailEss;
  }
  return { rHat, bulkEss, tailEss };
}

function requireSettings(
  settings: Readonly<Record<"chains" | "iterations" | "burnIn" | "adaptEvery" | "thin", number>>,
  given: number,
  size: number,
  p: number,
): void {
  for (const [name, value] of Object.entries(settings)) {
    const least = name === "burnIn" ? 0 : 1;
    if (!(Number.isInteger(value) && value >= least)) {
      throw new InvalidArgumentError(
        `metropolis: ${name} must be a whole number from ${least} on, but is ${value}`,
      );
    }
  }
  const { chains, iterations, burnIn, thin } = settings;
  if (Math.floor((iterations - burnIn) / thin) < 4) {
    throw new InvalidArgumentError(
      `metropolis: ${iterations} iterations with a burn-in of ${burnIn}, thinned by ${thin}, keep fewer than 4 draws a chain: run it longer`,
    );
  }
  if (given !== size * chains * p) {
    throw new InvalidArgumentError(
      `metropolis: start must be [${size}, ${chains}, ${p}], ${size * chains * p} values, but has ${given}`,
    );
  }
}
