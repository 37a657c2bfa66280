/**
 * The rounds of sequential approximate Bayesian computation for one data set.
 */
import { DataSets } from "../data/data-sets.js";
import type { Bijection } from "../distributions/index.js";
import type { AnyModel } from "../model/index.js";
import { shifted } from "../posterior/offset-source.js";
import { orRefusal, Refusal } from "../posterior/refusal.js";
import { drawPrior } from "../posterior/weights.js";
import { stream } from "../random/index.js";
import { simulate } from "../simulation/index.js";
import { adjustedDraws, type AcceptedDraws } from "./abc-source.js";
import { effectiveOf, kernelWeights } from "./adjust.js";
import { learnScale, medianOf, scaled } from "./distance.js";
import { FEWEST } from "./judge.js";
import { logPriorAt, nearestOf, Proposals, type AbcPopulation } from "./population.js";
import { eachRow } from "./rows.js";
import type { SmcAbcSettings } from "./smc-abc-options.js";

/** What one data set is searched with. */
export interface SequentialSearch {
  readonly model: AnyModel;
  readonly summarize: (sets: DataSets) => Promise<Float32Array>;
  /** [s]. */
  readonly observed: Float32Array;
  readonly options: SmcAbcSettings;
  /** Its number in the batch. */
  readonly set: number;
}

/** All rounds of one data set. */
export async function answerSequentially(
  search: SequentialSearch,
): Promise<AcceptedDraws | Refusal> {
  const { model, options, set } = search;
  const { simulations, particles, first, leastAcceptance, onProgress } = options;
  const { centred, size } = model.prior;
  const { bijection } = centred;
  const random = stream(options.seed).split("smc-abc").split(set);
  const drawn = drawPrior(centred, first, size, random.split("prior"));
  const from = await simulateAt(search, drawn, 0);
  const scale = learnScale(from.summaries, search.observed.length, options.distance);
  const all = populationOf(search, from, scale, () => 0);
  const typical = medianOf(all.distance);
  let population = nearestOf(all, undefined, particles);
  const each = first - particles;
  let spent = first;
  onProgress?.(spent, simulations);
  for (let round = 1; spent + each <= simulations; round++) {
    const proposals = Proposals.of(population);
    if (proposals === undefined) break;
    const u = proposals.draw(each, random.split(round));
    const theta = eachRow(u, bijection.unconstrainedSize, size, (at) => bijection.forward(at));
    const made = await simulateAt(search, theta, round);
    spent += each;
    onProgress?.(spent, simulations);
    const next = populationOf(
      search,
      made,
      scale,
      (at) => logPriorAt(centred, bijection, at) - proposals.logDensity(at),
    );
    const tolerance = population.distance.at(-1) ?? NaN;
    const near = next.distance.filter((d) => d <= tolerance).length;
    population = nearestOf(population, next, particles);
    if (near < leastAcceptance * each) break;
  }
  return orRefusal(() => accepted(population, { typical, spent }, search, bijection));
}

/** Simulations with their summaries. */
interface Simulated {
  /** θ less its offset, [n, p]. */
  readonly parameters: Float64Array;
  /** [n, s]. */
  readonly summaries: Float32Array;
}

/** Simulations at θ less its offset, [n, p]; those that are invalid are left out. */
async function simulateAt(
  { model, summarize, options, set }: SequentialSearch,
  theta: Float64Array,
  round: number,
): Promise<Simulated> {
  const { seed, workers, signal } = options;
  const { offset } = model.prior;
  const { parameters, data, size } = await simulate(model, {
    parameters: shifted(theta, offset, 1),
    seed: `smc-abc ${seed} ${set} ${round}`,
    // Each round would say the same.
    onWarning: () => {},
    ...(workers !== undefined && { workers }),
    ...(signal && { signal }),
  });
  return {
    parameters: shifted(parameters, offset, -1),
    summaries: await summarize(new DataSets(model.dataSpecs, size, data)),
  };
}

/** Simulations as particles, with distances and weights. */
function populationOf(
  { model, observed }: SequentialSearch,
  { parameters, summaries }: Simulated,
  scale: Float64Array,
  logWeight: (u: Float64Array) => number,
): AbcPopulation {
  const { bijection } = model.prior.centred;
  const [k, s] = [bijection.unconstrainedSize, observed.length];
  const position = eachRow(parameters, bijection.size, k, (theta) => bijection.inverse(theta));
  const at = scaled(observed, scale, s);
  const offsets = scaled(summaries, scale, s).map((value, i) => value - (at[i % s] ?? NaN));
  const rows = offsets.length / s;
  const distance = Float64Array.from({ length: rows }, (_, i) =>
    Math.sqrt(offsets.subarray(i * s, (i + 1) * s).reduce((sum, off) => sum + off * off, 0)),
  );
  const weights = Float64Array.from({ length: rows }, (_, i) =>
    Math.exp(logWeight(position.subarray(i * k, (i + 1) * k))),
  );
  return { parameters, position, weights, distance, offsets };
}

/**
 * The last population, adjusted.
 *
 * @throws Refusal where its weights are worth too few draws.
 */
function accepted(
  population: AbcPopulation,
  { typical, spent }: { readonly typical: number; readonly spent: number },
  { options, set }: SequentialSearch,
  bijection: Bijection,
): AcceptedDraws {
  const { distance, offsets } = population;
  const kernel = kernelWeights(distance);
  const raw = kernel.map((share, i) => share * (population.weights[i] ?? NaN));
  const sum = raw.reduce((a, b) => a + b, 0);
  const weights = raw.map((weight) => weight / sum);
  const effective = effectiveOf(weights);
  if (!(effective >= FEWEST)) {
    throw new Refusal(
      `the last population of data set ${set}, of ${weights.length} particles after ${spent} simulations, is worth ${effective.toFixed(1)} draws, but ${FEWEST} are the fewest that answer: take more particles`,
      { because: "too few accepted draws" },
    );
  }
  const parameters = Float32Array.from(population.parameters);
  const near = { parameters, offsets, distance, typical };
  const { adjustment } = options;
  return { weights, ...adjustedDraws(near, weights, { adjustment, bijection, size: spent }) };
}
