/**
 * An amortized answer refined: its density fitted to the one data set, by maximum likelihood of draws weighted by the model's own likelihood.
 *
 *     q₀ = the networks';   q_{t+1} = argmax_q Σ_j w_j log q(θ_j),   θ_j ~ q_t and the prior,   w_j ∝ p(Z, θ_j) / proposals(θ_j)
 *
 * (population Monte Carlo, Cappé et al. 2008, arXiv 0710.4242, with the networks' family.) It ends where weights say that the density lies within a total variation of 0.08 of the
 * posterior; else the data set is refused. A refined density answers whatever is asked of a posterior, its density too, without weights.
 */
import { hostTensor, type HostTensor } from "@amortis/graph";
import type { Drawn, PosteriorSource } from "../posterior/posterior-source.js";
import { Refusal, refused, type Answer } from "../posterior/refusal.js";
import { unconstrainedSpace } from "../posterior/target.js";
import { stream } from "../random/index.js";
import { defaultRuntime } from "../runtime.js";
import { resample } from "../samplers/resample.js";
import type { CorrectionTarget } from "./correction-target.js";
import type { ContextNetworks } from "./context-networks.js";
import { CLOSE, checkOf, isTrusted } from "./checks.js";
import { DensityFit, type FittedDensity } from "./density-fit.js";
import { ofOne, oneOf } from "./one-data-set.js";
import { weighDraws, type WeighedDraws } from "./weigh.js";

/** Networks, and the contexts [size, k] of the data sets. */
export interface Refining {
  readonly estimator: ContextNetworks;
  readonly context: HostTensor;
}

/** Draws of the networks that are weighted in a round, and draws resampled from them that are learned from. */
const [PROPOSALS, EXAMPLES] = [2_000, 4_000] as const;

/** Rounds at most, and steps of each. */
const [ROUNDS, STEPS] = [4, 300] as const;

/** A density that answers one data set. */
interface Refined {
  readonly source: PosteriorSource;
  readonly weighed: WeighedDraws;
}

/** Posteriors by refined densities, whose label is "corrected". */
export function refined(
  target: CorrectionTarget,
  { estimator, context }: Refining,
): PosteriorSource {
  const { slots, flatNames, size } = target;
  const p = flatNames.length;
  const [, width = 0] = context.shape;
  const bijection = unconstrainedSpace("mcmc", target.bijection, flatNames);
  /** Refined once, whatever seed it is asked with later. */
  const known = new Map<number, Promise<Refined | Refusal>>();
  let fit: Promise<DensityFit> | undefined;
  const refine = (dataSet: number, seed: number): Promise<Refined | Refusal> => {
    const found = known.get(dataSet) ?? refineOne(dataSet, seed);
    known.set(dataSet, found);
    return found;
  };

  async function refineOne(dataSet: number, seed: number): Promise<Refined | Refusal> {
    fit ??= defaultRuntime().then((runtime) =>
      DensityFit.create(estimator.contents, { bijection, width }, runtime),
    );
    const fitting = await fit;
    const all = context.data.subarray(dataSet * width, (dataSet + 1) * width);
    let density: FittedDensity = {
      weights: estimator.contents.weights,
      context: Float32Array.from(all, Number),
    };
    let source = oneOf(target.amortized, dataSet);
    let networks: ContextNetworks | undefined;
    for (let round = 0; ; round++) {
      const [found] = await weighDraws(
        ofOne(target, source, dataSet),
        PROPOSALS,
        seed + round,
        0,
        1,
      );
      if (found === undefined || found instanceof Refusal) {
        return found ?? new Refusal(`there is no data set ${dataSet}`);
      }
      if (isTrusted(found) && found.distance <= CLOSE) return { source, weighed: found };
      if (round === ROUNDS) return tooFar(dataSet, found);
      const random = stream(seed).split("examples").split(dataSet).split(round);
      const rows = resample(found.logWeights.map(Math.exp), EXAMPLES, random);
      const examples = new Float32Array(EXAMPLES * p);
      for (const [j, row] of rows.entries()) {
        examples.set(found.parameters.subarray(row * p, (row + 1) * p), j * p);
      }
      density = await fitting.fit(density, examples, { steps: STEPS, seed });
      await networks?.release();
      networks = estimator.withWeights(density.weights);
      source = await networks.sourceOf(hostTensor(density.context, [1, width]));
    }
  }

  async function draw(draws: number, seed: number, start: number, end: number): Promise<Drawn> {
    const result = new Float32Array((end - start) * draws * p).fill(Number.NaN);
    const answers: Answer[] = [];
    for (let i = start; i < end; i++) {
      const found = await refine(i, seed);
      if (found instanceof Refusal) {
        answers.push(refused(found));
        continue;
      }
      const drawn = await found.source.draw(draws, seed, 0, 1);
      result.set(drawn.draws, (i - start) * draws * p);
      answers.push({ status: "refined", label: "corrected", check: checkOf(found.weighed) });
    }
    await (await fit)?.release();
    fit = undefined;
    return { draws: result, answers };
  }

  return {
    slots,
    flatNames,
    size,
    draw,
    logDensity: async (parameters, start, end) => {
      const each = parameters.length / (end - start);
      const result = new Float64Array(parameters.length / p).fill(Number.NaN);
      for (let i = start; i < end; i++) {
        const found = await known.get(i);
        if (found === undefined || found instanceof Refusal) continue;
        const asked = parameters.subarray((i - start) * each, (i - start + 1) * each);
        result.set(await found.source.logDensity(asked, 0, 1), ((i - start) * each) / p);
      }
      return result;
    },
  };
}

function tooFar(dataSet: number, { distance, k }: WeighedDraws): Refusal {
  return new Refusal(
    `the density refined to data set ${dataSet} lies ${distance.toFixed(2)} from the posterior in total variation (at most ${CLOSE}), by weights with k = ${k.toFixed(2)}; ask for answer "mcmc"`,
    { because: "refined density too far from the posterior" },
  );
}
