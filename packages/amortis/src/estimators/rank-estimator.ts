/**
 * Trained posteriors of ranks: where in its prior each parameter lies.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { object, optional } from "../schema/objects.js";
import type { ValueOf } from "../schema/schema.js";
import { flag, oneOf, whole } from "../schema/values.js";
import { batched, unflatten, type ParameterSlot } from "../data/layout.js";
import type { DataInput } from "../data/match-data.js";
import type { ParameterSpec, ValuesOf } from "../model/index.js";
import type { BatchResult } from "../posterior/posterior.js";
import { contextOf, floatsOf, joined, resultsOf } from "./results.js";
import { EstimatorBase, type OpenOptions } from "./base.js";
import type { Contents } from "./contents.js";
import { namer, type AnswerSheet } from "./documents.js";
import type { EstimatorType, KindOfAnswer } from "./kind-of-answer.js";
import { answerProgram } from "./programs.js";

/** Posteriors of ranks as histograms: of each data set and flat parameter, probabilities of bins from 0 to 1. */
class RankHistograms {
  /** Bins of equal prior probability. */
  readonly bins: number;
  /** [data sets, parameters, bins] */
  readonly probabilities: Float32Array;
  protected readonly slots: readonly ParameterSlot[];

  constructor(slots: readonly ParameterSlot[], probabilities: Float32Array, bins: number) {
    this.slots = slots;
    this.probabilities = probabilities;
    this.bins = bins;
  }

  /** A number of each histogram, [data sets, parameters]. */
  protected each(number: (histogram: Float32Array) => number): Float64Array {
    const { bins, probabilities } = this;
    return Float64Array.from({ length: probabilities.length / bins }, (_, i) =>
      number(probabilities.subarray(i * bins, (i + 1) * bins)),
    );
  }
}

/** The posterior of the ranks of one data set. */
export class RankPosterior<P = ParameterSpec> extends RankHistograms {
  /** Mean ranks, from 0 to 1: one half where data say nothing. */
  mean(): ValuesOf<P> {
    return this.#named(meanOf);
  }

  /** Standard deviations of the ranks; that of the prior is √(1/12) = 0.289. */
  sd(): ValuesOf<P> {
    return this.#named(sdOf);
  }

  /**
   * Quantiles of the ranks.
   *
   * @throws InvalidArgumentError where the level is not between 0 and 1.
   */
  quantile(level: number): ValuesOf<P> {
    return this.#named(quantileAt(level));
  }

  /** Probabilities that the parameters are below the prior's quantile of a level: below its median, for instance. */
  probabilityBelow(level: number): ValuesOf<P> {
    return this.#named(shareBelow(level));
  }

  #named(number: (histogram: Float32Array) => number): ValuesOf<P> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the slots are those of the model's parameters, which is what P names
    return unflatten(this.slots, this.each(number)) as ValuesOf<P>;
  }
}

/** The posteriors of the ranks of many data sets: arrays of numbers by parameter. */
export class RankPosteriorBatch<P = ParameterSpec> extends RankHistograms {
  /** Number of data sets. */
  get size(): number {
    return this.probabilities.length / this.#each;
  }

  get #each(): number {
    return this.bins * this.slots.reduce((p, { size }) => p + size, 0);
  }

  /**
   * That of one data set.
   *
   * @throws InvalidArgumentError where there is none of that number.
   */
  at(index: number): RankPosterior<P> {
    if (!Number.isInteger(index) || index < 0 || index >= this.size) {
      throw new InvalidArgumentError(
        `there are ${this.size} data sets, but ${index} was asked for`,
      );
    }
    const part = this.probabilities.subarray(index * this.#each, (index + 1) * this.#each);
    return new RankPosterior<P>(this.slots, part, this.bins);
  }

  /** As of one data set. */
  mean(): BatchResult<P> {
    return this.#named(meanOf);
  }

  /** As of one data set. */
  sd(): BatchResult<P> {
    return this.#named(sdOf);
  }

  /** As of one data set. */
  quantile(level: number): BatchResult<P> {
    return this.#named(quantileAt(level));
  }

  /** As of one data set. */
  probabilityBelow(level: number): BatchResult<P> {
    return this.#named(shareBelow(level));
  }

  #named(number: (histogram: Float32Array) => number): BatchResult<P> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the slots are those of the model's parameters, which is what P names
    return batched(this.slots, this.each(number)) as BatchResult<P>;
  }
}

function meanOf(histogram: Float32Array): number {
  return histogram.reduce((mean, share, bin) => mean + (share * (bin + 0.5)) / histogram.length, 0);
}

/** Ranks are uniform within a bin. */
function sdOf(histogram: Float32Array): number {
  const mean = meanOf(histogram);
  const within = 1 / (12 * histogram.length ** 2);
  const variance = histogram.reduce(
    (total, share, bin) => total + share * ((bin + 0.5) / histogram.length - mean) ** 2,
    within,
  );
  return Math.sqrt(variance);
}

function quantileAt(level: number): (histogram: Float32Array) => number {
  requireShare(level);
  return (histogram) => {
    let below = 0;
    for (const [bin, share] of histogram.entries()) {
      if (below + share >= level && share > 0) {
        return (bin + Math.max(0, level - below) / share) / histogram.length;
      }
      below += share;
    }
    return 1;
  };
}

function shareBelow(level: number): (histogram: Float32Array) => number {
  requireShare(level);
  return (histogram) =>
    histogram.reduce(
      (total, share, bin) =>
        total + share * Math.min(1, Math.max(0, level * histogram.length - bin)),
      0,
    );
}

function requireShare(level: number): void {
  if (level >= 0 && level <= 1) return;
  throw new InvalidArgumentError(`a level must lie between 0 and 1, but is ${level}`);
}

/** A trained estimator of posteriors of ranks. */
export class RankEstimator<P = ParameterSpec> extends EstimatorBase {
  readonly kind = "rank";
  protected override readonly contextProgram = "ranks";

  /** The posterior of the ranks given one data set. */
  async ranks(data: DataInput): Promise<RankPosterior<P>> {
    const batch = await this.ranksBatch(data);
    this.requireOne(batch.size, "ranksBatch");
    return batch.at(0);
  }

  /** The posteriors of the ranks given many data sets, along the leading axis of each array. */
  async ranksBatch(data: DataInput): Promise<RankPosteriorBatch<P>> {
    const matched = this.match(data);
    const results = await resultsOf(matched, (feeds) => this.programs.run("ranks", feeds));
    const { answers } = this.details;
    if (answers.kind !== "rank") throw new TypeError("its answers are ranks");
    if (answers.givesContext === true) this.warnOfSummaries(contextOf(results), matched);
    const all = joined(results, "probabilities", "a probability");
    return new RankPosteriorBatch<P>(this.slots, floatsOf({ all }, "all"), answers.bins);
  }
}

const schema = object({
  kind: oneOf("rank"),
  bins: whole({ least: 2, most: 1000 }),
  /** Whether the program gives beside what its networks make of the data. */
  givesContext: optional(flag),
});

/** The estimator of each type of parameters. */
export interface Ranks extends EstimatorType {
  readonly estimator: RankEstimator<this["parameters"]>;
}

/** Posteriors of ranks. */
export const rankKind: KindOfAnswer<ValueOf<typeof schema>, Ranks, "ranks"> = {
  schema,
  gives: "ranks",
  advice: "load it with load, whose estimator gives ranks",
  options: [],
  programs: ({ bins, givesContext }) => ({
    ranks: answerProgram({ probabilities: ["batch", "parameters", bins] }, givesContext),
  }),
  open: <P>(contents: Contents, options: OpenOptions) => new RankEstimator<P>(contents, options),
  inWords: ({ bins }) => `posteriors of each parameter's rank under its prior, in ${bins} bins`,
  document: rankSheet,
};

/** Levels of the quantiles that are reported. */
const LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** Summaries of the ranks, and their histograms [data sets, parameters, bins]. */
async function rankSheet(fitted: RankEstimator, data: DataInput): Promise<AnswerSheet> {
  const { slots, parameterNames: names } = fitted;
  const batch = await fitted.ranksBatch(data);
  const named = namer(slots, names);
  const [mean, sd] = [batch.mean(), batch.sd()];
  const quantiles = LEVELS.map((level) => [level, batch.quantile(level)] as const);
  const datasets = Array.from({ length: batch.size }, (_, i) => ({
    mean: named(mean, i),
    sd: named(sd, i),
    quantiles: Object.fromEntries(quantiles.map(([level, values]) => [level, named(values, i)])),
  }));
  return {
    document: { parameters: names, datasets },
    shape: [batch.size, names.length, batch.bins],
    array: batch.probabilities,
  };
}
