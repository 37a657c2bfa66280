/**
 * Sequential approximate Bayesian computation: the model is simulated where the data say, so that a tolerance is reached that draws of the prior would hardly ever come to.
 *
 * A population of the N nearest of N / α draws of the prior is replaced again and again by the N nearest of itself and N / α - N draws around its particles, weighted by the prior over what they were
 * proposed from; the tolerance is where the N-th lies. Nothing is simulated until it is near enough: every round costs the same, and rounds end where few proposals come within the
 * tolerance any more, or all simulations are spent. It cannot hang.
 *
 * References: Lenormand, Jabot & Deffuant 2013, "Adaptive approximate Bayesian computation for complex models", arXiv 1111.1308; Sisson, Fan & Tanaka 2007; Beaumont et al. 2009, arXiv 0805.2256, for weights.
 */
import type { DataSpec } from "../data/array-spec.js";
import type { DataSets } from "../data/data-sets.js";
import { matchData, type DataInput } from "../data/match-data.js";
import { sizeOf } from "../data/shape.js";
import type { AnyModel, Model, ParameterSpec } from "../model/index.js";
import { offsetSource } from "../posterior/offset-source.js";
import { PosteriorBatch } from "../posterior/posterior.js";
import { DrawnBatch } from "../posterior/drawn-batch.js";
import { Refusal } from "../posterior/refusal.js";
import { stream } from "../random/index.js";
import { defaultRuntime } from "../runtime.js";
import { resample } from "../samplers/resample.js";
import { Transformation } from "../networks/transformation.js";
import { answerOf, noDensity, type AcceptedDraws } from "./abc-source.js";
import type { Adjustment } from "./adjust.js";
import { resolveSmcAbc, type SmcAbcOptions } from "./smc-abc-options.js";
import { answerSequentially } from "./smc-abc-rounds.js";

/**
 * Posteriors of data sets by simulations of the model made for each of them: `abc` answers from one table for all, this goes nearer.
 *
 * @param data one data set, or a batch along a leading axis; each takes its own simulations.
 * @throws UnsupportedError of discrete parameters; InvalidArgumentError where an option is out of range; SimulationError where all simulations of a round are invalid; the signal's reason.
 * @example
 * const posteriors = await smcAbc(field, { z }, { transform: roughness, simulations: 50_000 });
 * posteriors.mean().range; posteriors.answers[0]?.check;
 */
export async function smcAbc<P extends ParameterSpec, D extends DataSpec>(
  model: Model<P, D>,
  data: DataInput,
  options: SmcAbcOptions = {},
): Promise<PosteriorBatch<P>> {
  const resolved = resolveSmcAbc(options);
  const plain: AnyModel = model;
  const { bijection } = plain.prior.centred;
  const matched = matchData(plain.dataSpecs, data).data;
  const method = { model: plain, ...(options.transform && { transform: options.transform }) };
  const transformation = await Transformation.open(method, await defaultRuntime());
  try {
    const summarize = async (sets: DataSets) => flattened(await transformation.run(sets));
    const observed = await summarize(matched);
    const s = observed.length / matched.size;
    const found: (AcceptedDraws | Refusal)[] = [];
    for (let set = 0; set < matched.size; set++) {
      const own = observed.subarray(set * s, (set + 1) * s);
      const search = { model: plain, summarize, observed: own, options: resolved, set };
      found.push(await answerSequentially(search));
    }
    const { slots, flatNames, offset } = plain.prior;
    const source = {
      slots,
      flatNames,
      size: matched.size,
      withoutDensity: noDensity,
      logDensity: (parameters: { readonly length: number }) =>
        Promise.resolve(new Float64Array(parameters.length / bijection.size).fill(Number.NaN)),
      draw: async (draws: number, seed: number, start: number, end: number) =>
        drawnFrom(found, { draws, seed, start, end, p: bijection.size }, resolved.adjustment),
    };
    return await PosteriorBatch.of<P>(
      offsetSource(source, offset),
      resolved.samples,
      resolved.seed,
    );
  } finally {
    await transformation.release();
  }
}

/** Draws of accepted particles. */
function drawnFrom(
  found: readonly (AcceptedDraws | Refusal)[],
  {
    draws,
    seed,
    start,
    end,
    p,
  }: Readonly<Record<"draws" | "seed" | "start" | "end" | "p", number>>,
  adjustment: Adjustment,
) {
  const batch = new DrawnBatch(end - start, draws, p);
  for (const [i, one] of found.slice(start, end).entries()) {
    if (one instanceof Refusal) {
      batch.refuse(one);
      continue;
    }
    const random = stream(seed)
      .split("smc-abc-draws")
      .split(start + i);
    const rows = resample(one.weights, draws, random);
    batch.choose(answerOf(one.acceptance, adjustment), one.parameters, rows);
  }
  return batch.drawn;
}

/** All numbers of each data set, joined in alphabetical order of the arrays' names: [n, s]. */
function flattened(sets: DataSets): Float32Array {
  const arrays = Object.entries(sets.specs)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { shape }]) => [name, sizeOf(shape)] as const);
  const s = arrays.reduce((total, [, width]) => total + width, 0);
  const rows = new Float32Array(sets.size * s);
  let from = 0;
  for (const [name, width] of arrays) {
    const column = sets.column(name);
    for (let i = 0; i < sets.size; i++) {
      rows.set(column.subarray(i * width, (i + 1) * width), i * s + from);
    }
    from += width;
  }
  return rows;
}
