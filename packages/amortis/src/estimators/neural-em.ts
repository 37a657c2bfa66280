/**
 * Neural EM: estimates from data of which values are missing, by an estimator that knows complete data alone.
 *
 *     Z₂⁽ˡ⁾ ~ p(Z₂ | Z₁, θ⁽ˡ⁾),      θ⁽ˡ⁺¹⁾ = θ̂(Z₁, Z₂⁽ˡ⁾),
 *
 * conditional simulation of what is missing alternating with an estimate of the mode (Sainsbury-Dale, Zammit-Mangion, Cressie & Huser 2025, "Neural parameter estimation with
 * incomplete data", arXiv 2501.04330). θ⁽ˡ⁾ settles about the mode of the posterior of what is there; the mean after a burn-in is the answer, with the error of that mean by
 * batches. An estimator of replicates (`data: { z: ["m", 16, 16] }`) may be given several draws of Z₂ at once, which makes steps smaller.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { named, type ParameterSlot } from "../data/layout.js";
import type { DataInput } from "../data/match-data.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { ParameterSpec, Values, ValuesOf } from "../model/index.js";
import { stream, type Stream } from "../random/index.js";
import { rowsOf, type Estimating } from "./bootstrap.js";

/** How it goes. */
export interface NeuralEmOptions<P = ParameterSpec> {
  /**
   * Complete data, given parameters and what is there: what is missing is drawn from its distribution given both. One data set of the estimator's.
   */
  readonly complete: (values: Values<P>, random: Stream) => DataInput;
  /** Parameters to begin with. */
  readonly start: Values<P>;
  /** Iterations, 100 by default, and those of them that are left out of the mean, 20 by default. */
  readonly iterations?: number;
  readonly burnIn?: number;
  readonly seed?: number;
}

const KNOWN: KnownOptions<NeuralEmOptions> = {
  complete: true,
  start: true,
  iterations: true,
  burnIn: true,
  seed: true,
};

/** Where it settled. */
export interface NeuralEmResult<P = ParameterSpec> {
  readonly estimate: ValuesOf<P>;
  /** Standard error of the estimate for that iterations are finitely many, by means of batches. */
  readonly error: ValuesOf<P>;
  /** Flat parameters after each iteration. */
  readonly path: readonly Float64Array[];
}

/** Batches of iterations whose means tell how far the mean of all is off. */
const BATCHES = 10;

/**
 * Estimates parameters from incomplete data.
 *
 * @param estimator of complete data: a `PointEstimator`, trained for the mode (`nbe(model, { loss: "mode" })`); where posteriors are nearly symmetric, the mean does.
 * @throws InvalidArgumentError where there are fewer than ten iterations after the burn-in.
 * @example
 * const { estimate } = await neuralEm(estimator, {
 *   start: { range: 0.3 },
 *   complete: ({ range }, random) => ({ z: conditionalField(z, range, random) }),
 * });
 */
export async function neuralEm<P>(
  estimator: Pick<Estimating<P>, "slots" | "estimateBatch">,
  options: NeuralEmOptions<P>,
): Promise<NeuralEmResult<P>> {
  requireKnown("neuralEm", options, KNOWN);
  const { complete, start, iterations = 100, burnIn = 20, seed = 0 } = options;
  if (!Number.isInteger(iterations) || !(burnIn >= 0) || iterations - burnIn < BATCHES) {
    throw new InvalidArgumentError(
      `neuralEm: needs at least ${BATCHES} iterations after the burn-in, but has ${iterations} of which ${burnIn} are left out`,
    );
  }
  const { slots } = estimator;
  const random = stream(seed).split("em");
  const path: Float64Array[] = [];
  let values = start;
  for (let i = 0; i < iterations; i++) {
    const estimated = await estimator.estimateBatch(complete(values, random.split(i)));
    const [flat = new Float64Array()] = rowsOf(slots, estimated, 1);
    path.push(flat);
    values = byName(slots, (at) => flat[at] ?? Number.NaN) as Values<P>;
  }
  const kept = path.slice(burnIn);
  return {
    estimate: byName(slots, (at) => meanOf(kept, at)) as ValuesOf<P>,
    error: byName(slots, (at) => batchError(kept, at)) as ValuesOf<P>,
    path,
  };
}

function byName(slots: readonly ParameterSlot[], scalar: (flat: number) => number): unknown {
  return named(slots, scalar);
}

function meanOf(rows: readonly Float64Array[], at: number): number {
  return rows.reduce((total, row) => total + (row[at] ?? Number.NaN), 0) / rows.length;
}

/** The standard error of a mean of dependent rows. */
function batchError(rows: readonly Float64Array[], at: number): number {
  const size = Math.floor(rows.length / BATCHES);
  const means = Array.from({ length: BATCHES }, (_, k) =>
    meanOf(rows.slice(k * size, (k + 1) * size), at),
  );
  const center = means.reduce((a, b) => a + b, 0) / BATCHES;
  const square = means.reduce((total, mean) => total + (mean - center) ** 2, 0);
  return Math.sqrt(square / (BATCHES - 1) / BATCHES);
}
