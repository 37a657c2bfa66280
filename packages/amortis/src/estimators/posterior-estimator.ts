/**
 * Trained estimators of posteriors.
 */
import type { HostTensor } from "@amortis/graph";
import type { ValueOf } from "../schema/schema.js";
import type { Distribution } from "../distributions/index.js";
import type { ParameterSpec } from "../model/index.js";
import type { DataInput } from "../data/match-data.js";
import type { SimulatedData } from "../simulation/index.js";
import type { AnswerBy } from "../corrections/answers.js";
import { offsetSource, shifted } from "../posterior/offset-source.js";
import type { Groups, Replicates } from "../posterior/replicates.js";
import { requireFinite } from "../posterior/finite.js";
import { Refusal, type Answer } from "../posterior/refusal.js";
import { requireDraws } from "../posterior/held-draws.js";
import { PosteriorBatch, type Posterior, type PosteriorSource } from "../posterior/posterior.js";
import { EstimatorBase, type OpenOptions } from "./base.js";
import type { Contents } from "./contents.js";
import { drawingMembers, shares } from "./drawing.js";
import type { EstimatorType, KindOfAnswer } from "./kind-of-answer.js";
import { posteriorSchema, posteriorShapes } from "./posterior-schema.js";
import { LearnedDraws } from "./learned-draws.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** How an answer is given. */
export interface GivenOptions {
  /** Draws held by the posterior, 1,000 by default. */
  readonly samples?: number;
  readonly seed?: number;
  /**
   * Data sets that are replicates, independent given one value of the parameters: "all" of them, or so many at a time; then there is a posterior for each of these.
   * Data of one data set that holds its replicates itself (`data: { y: ["m", 3] }`) need no such thing.
   */
  readonly replicates?: Replicates;
  /**
   * By what a data set is answered, "amortized" by default: the networks alone. The others need the model's `logLikelihood`, and the model:
   * - "importance": the networks' draws, resampled by Pareto-smoothed weights; refused where these are not trusted.
   * - "refined": the density of the networks fitted to the weighted draws of the one data set; refused where it stays too far from the posterior.
   * - "mcmc": many short Markov chains from the networks' draws; refused where they do not agree.
   * - "trusted": the networks where weights and the check of the data speak for them, else importance, else chains, else the likelihood alone, else refused. Each answer has a `label`, what
   *   it was checked by, and a note that says why. Without a likelihood the check of the data alone decides.
   */
  readonly answer?: AnswerBy;
  /** Hears now and then how many data sets of a batch are answered, or what share of one. */
  readonly onProgress?: (done: number, total: number) => void;
}

const KNOWN: KnownOptions<GivenOptions> = {
  samples: true,
  seed: true,
  replicates: true,
  answer: true,
  onProgress: true,
};

/** Data sets with known parameters: simulations, or real ones. */
export type KnownPairs = Pick<SimulatedData, "data" | "parameters"> &
  Partial<Pick<SimulatedData, "indices" | "origin">>;

/** How posteriors are recalibrated. */
export interface RecalibrateOptions {
  /** "moments" by default. */
  readonly by?: "moments" | "transport";
}

const KNOWN_OF_RECALIBRATION: KnownOptions<RecalibrateOptions> = { by: true };

/** A trained estimator of posteriors. */
export class PosteriorEstimator<P = ParameterSpec> extends EstimatorBase {
  readonly kind = "posterior";
  readonly #options: OpenOptions;

  constructor(contents: Contents, options: OpenOptions) {
    super(contents, options);
    this.#options = options;
  }

  /**
   * The posterior given one data set.
   *
   * @throws InvalidArgumentError, DataError where the data do not fit the model or are not finite; UnsupportedError where `answer` needs a likelihood, and there is none.
   */
  async given(data: DataInput, options: GivenOptions = {}): Promise<Posterior<P>> {
    const batch = await this.givenBatch(data, options);
    this.requireOne(batch.size, "givenBatch");
    return batch.at(0);
  }

  /** The posteriors given many data sets, along the leading axis of each array. */
  async givenBatch(data: DataInput, options: GivenOptions = {}): Promise<PosteriorBatch<P>> {
    requireKnown("given", options, KNOWN);
    const { samples = 1000, seed = 0 } = options;
    const matched = this.match(data);
    const groups = await this.groupsIn(matched, options.replicates);
    const size = groups?.size ?? matched.size;
    requireDraws(samples, size, this.parameterNames.length);
    const context = await this.contexts(matched, groups);
    const one = await this.sourceOf(context);
    const replicates = groups && (await this.#replicates(one, groups, context));
    const networks = replicates?.source ?? one;
    const answering = await this.answering(networks, options.answer, {
      data,
      groups,
      ...(groups === undefined && { refining: { estimator: this, context } }),
    });
    const under = async (
      others: Readonly<Record<string, Distribution>>,
    ): Promise<PosteriorSource> => {
      const after = (await this.priorWith(others)).centred;
      if (replicates?.under !== undefined && answering === networks) {
        return offsetSource(await replicates.under(after), this.offset);
      }
      const { reweightedSource } = await import("../posterior/reweighted-source.js");
      const change = { before: (await this.priorWith()).centred, after };
      const source = reweightedSource(answering, change);
      return offsetSource(source, this.offset);
    };
    const batch = await PosteriorBatch.of<P>(
      { ...offsetSource(answering, this.offset), under },
      samples,
      seed,
      options.onProgress,
    );
    if (answering === networks && groups === undefined) await this.#warnOfWidth(batch, seed);
    return batch;
  }

  /** Warns of posteriors that are known not to be as wide as they should be, or of which the networks of an ensemble have different opinions. */
  async #warnOfWidth(
    { draws, size }: Pick<PosteriorBatch<P>, "draws" | "size">,
    seed: number,
  ): Promise<void> {
    const { answers } = this.details;
    if (answers.kind !== "posterior") return;
    // Few files have members, or posteriors of which that is known, and what only answers is to start soon.
    if (answers.members !== undefined) {
      const { describeDisagreement } = await import("../posterior/disagreement.js");
      const who = shares(
        drawingMembers(answers),
        draws.length / (size * this.parameterNames.length),
        seed,
      );
      const warning = describeDisagreement(this.parameterNames, draws, size, who);
      if (warning !== undefined) this.warn(warning);
    }
    if (answers.calibration === undefined) return;
    const { describeMiscalibration } = await import("../posterior/local-calibration.js");
    const warning = describeMiscalibration(answers.calibration, this.parameterNames, draws, size);
    if (warning !== undefined) this.warn(warning);
  }

  /** The same networks with other weights, in the layout of `contents`. */
  withWeights(weights: Float32Array): PosteriorEstimator<P> {
    return new PosteriorEstimator({ ...this.contents, weights }, this.#options);
  }

  /** What the program `context` makes of data sets: [size, k]. */
  async contextsOf(data: DataInput): Promise<HostTensor> {
    return this.contexts(this.match(data));
  }

  /** Posteriors of contexts [size, k], of parameters less their offset: what corrects answers asks them. Recalibrated, where that was learned. */
  async sourceOf(context: HostTensor): Promise<PosteriorSource> {
    const { answers } = this.details;
    const source = await this.#learnedSource(context);
    if (answers.kind !== "posterior" || answers.recalibration === undefined) return source;
    // Few files have one, and what only answers is to start soon.
    const { correctedSource } = await import("./corrected-source.js");
    const { bijection } = (await this.prior()).centred;
    const run = this.programs.run.bind(this.programs);
    return correctedSource(source, answers.recalibration, bijection, run);
  }

  #drawer(context: HostTensor): LearnedDraws {
    const { answers } = this.details;
    const members = answers.kind === "posterior" ? drawingMembers(answers) : [];
    return new LearnedDraws(this.programs, members, context, this.parameterNames.length);
  }

  /** Posteriors as they were learned. */
  async #learnedSource(context: HostTensor): Promise<PosteriorSource> {
    const { answers } = this.details;
    const [size = 0] = context.shape;
    return {
      slots: await this.describedSlots(),
      flatNames: this.parameterNames,
      size,
      reports: true,
      draw: async (draws, seed, start, end, report) => {
        const all = await this.#drawer(context).draw({ draws, seed, start, end }, report);
        const pValues = this.typicalities(context);
        const answered = Array.from({ length: end - start }, (_, i): Answer => {
          const typicality = pValues?.[start + i];
          return { status: "amortized", ...(typicality !== undefined && { typicality }) };
        });
        return { draws: all, answers: answered };
      },
      ...(answers.kind === "posterior" &&
        answers.withoutDensity === true && { withoutDensity: noDensity }),
      logDensity: async (parameters, start, end) => {
        const values = await this.evaluate("logDensity", context, parameters, start, end);
        const asked = { what: "a log density", first: start, sets: end - start, log: true };
        requireFinite(values, asked);
        return values;
      },
    };
  }

  /**
   * The same estimator, with posteriors moved and widened so that the true parameters of some data sets lie among them as they should: of held-out simulations, against over- and
   * underconfidence; or of a few real data sets, against a simulator that is not quite right. Its file holds the correction, in the place of any that it had.
   *
   * @param pairs data sets by name, [n, ...shape], and their true parameters, [n, p]; five or more, of which nothing was learned.
   * @param options `by: "moments"`, the default, takes two numbers a parameter; `"transport"`, of 30 pairs or more, learns a flow beside them (`corrections/learn-transport.ts`), where
   *   cross-validation says that it gains something, and says so where not.
   * @throws InvalidArgumentError where there are fewer than five, parameters do not fit or lie outside their support, or simulations were trained on.
   * @example
   * const held = await simulate(line, { simulations: 2_000, seed: "recalibration" });
   * const better = await estimator.recalibrated(held);
   */
  async recalibrated(
    pairs: KnownPairs,
    options: RecalibrateOptions = {},
  ): Promise<PosteriorEstimator<P>> {
    requireKnown("recalibrated", options, KNOWN_OF_RECALIBRATION);
    const { data, parameters } = pairs;
    const matched = this.match({ ...data });
    const { recalibratedContents, requirePairs } = await import("./recalibrated-contents.js");
    requirePairs(this.contents, matched.size, pairs);
    const contents = await recalibratedContents(this.contents, {
      by: options.by ?? "moments",
      source: await this.#learnedSource(await this.contexts(matched)),
      truth: shifted(parameters, this.offset, -1),
      bijection: (await this.prior()).centred.bijection,
      warn: (message) => {
        this.warn(message);
      },
    });
    return new PosteriorEstimator<P>(contents, this.#options);
  }

  /** Posteriors of replicates; those of a sum of log densities under another prior as well. */
  async #replicates(one: PosteriorSource, groups: Groups, context: HostTensor) {
    // Few ask for it, and grids and chains are much to load.
    const { composedReplicates, summedReplicates } = await import("./replicated-source.js");
    const { contents, programs } = this;
    const prior = await this.prior();
    const of = { one, groups, context, prior, contents, programs };
    const composed = await composedReplicates(of);
    if (composed !== undefined) return { source: composed };
    const under = (after: Distribution) => summedReplicates(of, after);
    return { source: await under(prior.centred), under };
  }
}

function noDensity(): Refusal {
  return new Refusal(
    "this estimator was trained with a consistency model, which makes draws and has no density: for log-densities and modes train npe with flowMatching(), diffusion() or meanFlow()",
    { because: "no density to weigh draws by" },
  );
}

/** The estimator of each type of parameters. */
export interface Posteriors extends EstimatorType {
  readonly estimator: PosteriorEstimator<this["parameters"]>;
}

/** Posteriors that were learned themselves. */
export const posteriorKind: KindOfAnswer<
  ValueOf<typeof posteriorSchema>,
  Posteriors,
  "posteriors"
> = {
  schema: posteriorSchema,
  gives: "posteriors",
  advice: "load it with loadPosterior, whose posteriors have means and quantiles",
  options: ["samples", "seed", "replicates", "answer", "derived"],
  programs: posteriorShapes,
  open: <P>(contents: Contents, options: OpenOptions) =>
    new PosteriorEstimator<P>(contents, options),
  inWords: ({ recalibration }) =>
    recalibration === undefined
      ? "posteriors"
      : `posteriors, recalibrated by ${recalibration.pairs} data sets with known parameters${recalibration.transport ? ", and carried along a flow that was learned from them" : ""}`,
  document: async (fitted, data, { samples, seed, replicates, answer, derived, onProgress }) => {
    const { posteriorSheet } = await import("./documents.js");
    return posteriorSheet(fitted, data, {
      ...(replicates !== undefined && { replicates }),
      ...(answer !== undefined && { answer }),
      ...(samples !== undefined && { samples }),
      ...(seed !== undefined && { seed }),
      ...(derived && { derived }),
      ...(onProgress && { onProgress }),
    });
  },
};
