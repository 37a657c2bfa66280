/**
 * Trained estimators of posteriors.
 */
import { hostTensor, InvalidArgumentError, type HostTensor } from "@amortis/graph";
import type { ValueOf } from "../schema/schema.js";
import type { Distribution } from "../distributions/index.js";
import type { ParameterSpec } from "../model/index.js";
import type { DataInput } from "../data/match-data.js";
import type { SimulatedData } from "../simulation/index.js";
import { sharedSimulations } from "../simulation/origin.js";
import { unconstrainedMoments } from "../data/standardization.js";
import type { AnswerBy } from "../corrections/answers.js";
import { offsetSource, shifted } from "../posterior/offset-source.js";
import { learnRecalibration, recalibratedSource } from "../posterior/recalibration.js";
import { describeDisagreement } from "../posterior/disagreement.js";
import { transportedSource, type Transport } from "../posterior/transported-source.js";
import { summedTerms, type Groups, type Replicates } from "../posterior/replicates.js";
import { requireFinite } from "../posterior/finite.js";
import { Refusal, type Answer } from "../posterior/refusal.js";
import { requireDraws } from "../posterior/held-draws.js";
import { PosteriorBatch, type Posterior, type PosteriorSource } from "../posterior/posterior.js";
import { EstimatorBase, type OpenOptions } from "./base.js";
import { finiteOf, floatsOf, rows } from "./results.js";
import type { Contents } from "./contents.js";
import { posteriorSheet } from "./documents.js";
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
    const groups = this.groupsIn(matched, options.replicates);
    const size = groups?.size ?? matched.size;
    requireDraws(samples, size, this.parameterNames.length);
    const context = await this.contexts(matched, groups);
    const one = this.sourceOf(context);
    const composed = groups && (await this.#composed(context, groups));
    const prior = this.prior.centred;
    const networks =
      groups === undefined ? one : (composed ?? (await this.#together(one, groups, prior)));
    const answering = await this.answering(networks, options.answer, {
      data,
      groups,
      prior,
      ...(groups === undefined && { refining: { estimator: this, context } }),
    });
    const under = async (
      others: Readonly<Record<string, Distribution>>,
    ): Promise<PosteriorSource> => {
      const after = this.priorWith(others).centred;
      if (groups !== undefined && composed === undefined && answering === networks) {
        return offsetSource(await this.#together(one, groups, after), this.offset);
      }
      const { reweightedSource } = await import("../posterior/reweighted-source.js");
      const change = { before: this.priorWith().centred, after };
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
    if (answers.members !== undefined) {
      const who = shares(
        drawingMembers(answers),
        draws.length / (size * this.parameterNames.length),
        seed,
      );
      const warning = describeDisagreement(this.parameterNames, draws, size, who);
      if (warning !== undefined) this.warn(warning);
    }
    if (answers.calibration === undefined) return;
    // Few estimators have any such posteriors, and what only answers is to start soon.
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
  sourceOf(context: HostTensor): PosteriorSource {
    const { answers } = this.details;
    const source = this.#learnedSource(context);
    if (answers.kind !== "posterior" || answers.recalibration === undefined) return source;
    const { bijection } = this.prior.centred;
    const better = recalibratedSource(source, answers.recalibration, bijection);
    const { transport } = answers.recalibration;
    if (transport === undefined) return better;
    return transportedSource(better, this.#transport(), transport.features, bijection);
  }

  #drawer(context: HostTensor): LearnedDraws {
    const { answers } = this.details;
    const members = answers.kind === "posterior" ? drawingMembers(answers) : [];
    return new LearnedDraws(this.programs, members, context, this.parameterNames.length);
  }

  /** Posteriors as they were learned. */
  #learnedSource(context: HostTensor): PosteriorSource {
    const { answers } = this.details;
    const [size = 0] = context.shape;
    return {
      slots: this.prior.slots,
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
    const { data, parameters, indices = [], origin } = pairs;
    const matched = this.match({ ...data });
    const p = this.parameterNames.length;
    if (parameters.length !== matched.size * p) {
      throw new InvalidArgumentError(
        `true parameters of ${matched.size} data sets must be [${matched.size}, ${p}], but ${parameters.length} values were given`,
      );
    }
    const known = this.details.training.origin;
    const shared = origin === undefined ? 0 : sharedSimulations(known, { indices, origin });
    if (shared > 0) {
      throw new InvalidArgumentError(
        `recalibrated: ${shared} of ${matched.size} simulations were trained on, which it may know by heart: simulate with another seed`,
      );
    }
    const source = this.#learnedSource(await this.contexts(matched));
    const truth = shifted(parameters, this.offset, -1);
    const { bijection } = this.prior.centred;
    const recalibration = await learnRecalibration(source, truth, bijection);
    const { recalibratedContents } = await import("./recalibrated-contents.js");
    const contents = await recalibratedContents(this.contents, recalibration, {
      by: options.by ?? "moments",
      source: recalibratedSource(source, recalibration, bijection),
      truth,
      bijection,
      warn: (message) => {
        this.warn(message);
      },
    });
    return new PosteriorEstimator<P>(contents, this.#options);
  }

  /** The flow of its file, by its programs. */
  #transport(): Transport {
    const run = async (name: string, features: Float32Array, all: Float32Array, draws: number) => {
      const { unconstrainedSize: d } = this.prior.centred.bijection;
      const rows = features.length / (2 * d);
      return this.programs.run(name, {
        features: hostTensor(features, [rows, 2 * d]),
        residuals: hostTensor(all, [rows, draws, d]),
      });
    };
    return {
      forward: async (features, all, draws) =>
        floatsOf(await run("transport", features, all, draws), "moved"),
      back: async (features, all, draws) => {
        const results = await run("transportBack", features, all, draws);
        return { residuals: floatsOf(results, "from"), logScale: floatsOf(results, "logScale") };
      },
    };
  }

  /** Posteriors of replicates by denoisers, of densities that have them. */
  async #composed(context: HostTensor, groups: Groups): Promise<PosteriorSource | undefined> {
    const { answers } = this.details;
    const recalibrated = answers.kind === "posterior" && answers.recalibration !== undefined;
    if (this.contents.programs["denoise"] === undefined || recalibrated) return undefined;
    const { composedSource } = await import("./composed-source.js");
    const { standardization } = this.details;
    const width = context.shape[1] ?? 1;
    return composedSource({
      prior: this.prior.centred,
      slots: this.prior.slots,
      moments: unconstrainedMoments(standardization),
      trend: standardization.trend,
      flatNames: this.parameterNames,
      groups,
      means: async (which, noisy, level) => {
        const own = new Float32Array(which.length * width);
        for (const [i, set] of which.entries())
          own.set(floatsOf({ row: rows(context, set, set + 1) }, "row"), i * width);
        const feeds = { context: hostTensor(own, [which.length, width]), noisy, level };
        const asked = { what: "denoised parameters", first: which[0] ?? 0, sets: which.length };
        return finiteOf(await this.programs.run("denoise", feeds), "denoised", asked);
      },
    });
  }

  /** Posteriors of replicates: p(θ | Z₁ .. Z_m) ∝ p(θ) Π_i q(θ | Z_i) / p(θ). */
  async #together(
    one: PosteriorSource,
    groups: Groups,
    after: Distribution,
  ): Promise<PosteriorSource> {
    // Few ask for it, and grids and chains are much to load.
    const { posteriorSource } = await import("../posterior/source.js");
    const prior = this.prior.centred;
    const p = this.parameterNames.length;
    return posteriorSource({
      slots: this.prior.slots,
      flatNames: this.parameterNames,
      size: groups.size,
      logTerms: summedTerms(async (theta, start, end) => {
        const values = await one.logDensity(theta, start, end);
        return values.map((value, i) =>
          value === -Infinity
            ? value
            : value - prior.logDensity(theta.subarray(i * p, (i + 1) * p)),
        );
      }, groups),
      prior: after,
      trained: prior,
      unconstrained: () => this.details.standardization.unconstrained,
    });
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
  document: (fitted, data, { samples, seed, replicates, answer, derived, onProgress }) =>
    posteriorSheet(fitted, data, {
      ...(replicates !== undefined && { replicates }),
      ...(answer !== undefined && { answer }),
      ...(samples !== undefined && { samples }),
      ...(seed !== undefined && { seed }),
      ...(derived && { derived }),
      ...(onProgress && { onProgress }),
    }),
};
