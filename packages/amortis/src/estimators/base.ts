/**
 * What all trained estimators share: their programs, their data, their file.
 */
import { hostTensor, InvalidArgumentError, type HostTensor } from "@amortis/graph";
import type { Distribution, JointPrior } from "../distributions/index.js";
import type { AnyModel } from "../model/index.js";
import { isFree, shapesOf, specsOf, type ArraySpecs } from "../data/array-spec.js";
import { resized, sizesOf } from "../data/elements.js";
import type { DataSets } from "../data/data-sets.js";
import { requireTransformable } from "../data/column-transform.js";
import { matchData, type DataInput } from "../data/match-data.js";
import { withoutOffsets, type Standardization } from "../data/standardization.js";
import { describeUnlike, findUnlike } from "../data/unlike.js";
import { heldOutCount, judge, type Judgement } from "../data/typicality.js";
import { describeUntypical } from "../data/untypical.js";
import { findUnlikeSummaries } from "../data/unlike-summary.js";
import { flatNames, parameterSlots, type Floats, type ParameterSlot } from "../data/layout.js";
import type { Contents } from "./contents.js";
import type { Answering } from "../corrections/answer-by.js";
import type { AnswerBy } from "../corrections/answers.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import type { Groups, Replicates } from "../posterior/replicates.js";
import type { ValueAndGradient } from "../samplers/target.js";
import { blocks } from "./calls.js";
import { OpenedPrograms, type ProgramOptions } from "./opened-programs.js";
import { contextOf, floatsOf, resultsOf, rows } from "./results.js";
import type { TrainedRegion } from "./trained-region.js";

/** How an estimator is opened. */
export interface OpenOptions extends ProgramOptions {
  /** The model it was trained for: has what no file holds, priors that are code. */
  readonly model?: AnyModel;
  /** Hears of data unlike anything that was simulated; by default a warning is printed. */
  readonly onWarning?: (message: string) => void;
}

/** What all trained estimators have. */
export abstract class EstimatorBase {
  readonly contents: Contents;
  readonly slots: readonly ParameterSlot[];
  readonly parameterNames: readonly string[];
  protected readonly programs: OpenedPrograms;
  /** The program that gives what the networks make of data, alone or beside answers. */
  protected readonly contextProgram: string = "context";
  protected readonly model: AnyModel | undefined;
  readonly #onWarning: (message: string) => void;
  /** Data sets that users were warned of. */
  readonly #unlike = new WeakMap<DataSets, ReadonlySet<number>>();
  /** How typical data are, by what networks make of them. */
  readonly #judgements = new WeakMap<HostTensor, Judgement>();
  #prior: JointPrior | undefined;
  #region: TrainedRegion | undefined;

  constructor(contents: Contents, options: OpenOptions) {
    this.contents = contents;
    this.slots = parameterSlots(contents.details.model.parameters);
    this.parameterNames = flatNames(this.slots);
    this.programs = new OpenedPrograms(contents, options);
    this.model = options.model;
    this.#onWarning = options.onWarning ?? console.warn;
  }

  /** What each data array is that it takes. */
  get dataSpecs(): ArraySpecs {
    return specsOf(this.contents.details.model.data);
  }

  /** Name and shape of each data array it takes. */
  get dataShapes(): Readonly<Record<string, readonly number[]>> {
    return shapesOf(this.dataSpecs);
  }

  /** The joint prior it was trained with; one that is code is only known by its bounds, unless the model was given. */
  async prior(): Promise<JointPrior> {
    // Draws and their summaries need none, and what only answers is to start soon.
    const { priorOf } = await import("./trained-prior.js");
    this.#prior ??= priorOf(this.details, this.model);
    return this.#prior;
  }

  /** Where parameters lie in the flat vector, with what only the prior knows of them, where there is any such thing. */
  protected async describedSlots(): Promise<readonly ParameterSlot[]> {
    const { parameters } = this.details.model;
    return parameters.some(mayBeDescribed) ? (await this.prior()).slots : this.slots;
  }

  /**
   * The joint prior with others in the place of some.
   *
   * @throws InvalidArgumentError where there is no such parameter, another shape is given, or a prior that is code is in neither file nor model.
   */
  protected async priorWith(
    others: Readonly<Record<string, Distribution>> = {},
  ): Promise<JointPrior> {
    const prior = await this.prior();
    const { priorWith } = await import("./trained-prior.js");
    return priorWith(others, { prior, details: this.details, model: this.model });
  }

  /** What was taken off the parameters in training, [p]: its programs know what is left. */
  protected get offset(): readonly number[] | undefined {
    return this.details.standardization.parameters.offset;
  }

  /** Units of the data that it takes. */
  protected get dataStandardization(): Standardization {
    return this.details.standardization;
  }

  /** Warns users, as they asked to be. */
  protected warn(message: string): void {
    this.#onWarning(message);
  }

  /** How it was made and trained. */
  get details(): Contents["details"] {
    return this.contents.details;
  }

  /** Loss after each epoch. */
  get history(): Contents["details"]["training"]["history"] {
    return this.contents.details.training.history;
  }

  /**
   * Saves to one file, whole or not at all.
   *
   * @throws UnsavedError where it cannot be written there: the message says why, and where it is kept.
   */
  async save(path: string): Promise<void> {
    const bytes = await this.toBytes();
    const { writeOrKeep } = await import("../files/keep.js");
    await writeOrKeep(path, bytes);
  }

  /** The bytes of its file. */
  async toBytes(): Promise<Uint8Array> {
    const { encodeContents } = await import("./encode-contents.js");
    return encodeContents(this.contents);
  }

  /** Frees the memory of the runtime. */
  async release(): Promise<void> {
    await this.programs.release();
  }

  /**
   * Data as its programs take them. Warns of those that are unlike anything that was simulated.
   *
   * @param specs of those of its arrays that are to be there; by default all of them, as they are.
   * @throws InvalidArgumentError, DataError where they do not fit the model or are not finite.
   */
  protected match(data: DataInput, specs: ArraySpecs = this.dataSpecs): DataSets {
    const standardization = this.dataStandardization;
    const sets = this.#withinSizes(matchData(specs, data).data);
    requireTransformable(sets, standardization.columns ?? {});
    const unlike = findUnlike(sets, standardization);
    const warning = describeUnlike(unlike, sets.size);
    if (warning !== undefined) this.#onWarning(warning);
    const matched = withoutOffsets(sets, standardization);
    this.#unlike.set(matched, new Set(unlike.map(({ dataSet }) => dataSet)));
    return matched;
  }

  /** Data sets as programs have room for them. Warns of those that have more elements than any that was simulated. */
  #withinSizes(sets: DataSets): DataSets {
    const most = sizesOf(this.dataSpecs);
    const padded = Object.values(sets.specs).filter((spec) => !isFree(spec));
    const known = sizesOf(Object.fromEntries(padded.map((spec, i) => [String(i), spec])));
    const beyond = Object.entries(sizesOf(sets.specs)).find(
      ([size, count]) => !Object.hasOwn(known, size) && count > (most[size] ?? count),
    );
    if (beyond !== undefined) {
      const [size, count] = beyond;
      this.#onWarning(
        `data sets have up to ${count} elements of the size "${size}", but the simulations had ${most[size]} at most, so the answer is a guess`,
      );
    }
    const fixed = Object.keys(known).map((size) => [size, most[size] ?? 1] as const);
    return fixed.length === 0 ? sets : resized(sets, Object.fromEntries(fixed));
  }

  /** Which data sets are replicates, if any. Warns where more are added than was learned well enough for. */
  protected async groupsIn(
    { size }: DataSets,
    replicates?: Replicates,
  ): Promise<Groups | undefined> {
    if (replicates === undefined) return undefined;
    const { describeAdded, groupsOf } = await import("../posterior/replicates.js");
    const groups = groupsOf(replicates, size);
    const warning = describeAdded(groups, this.details.training.simulations);
    if (warning !== undefined) this.#onWarning(warning);
    return groups;
  }

  /** What the networks make of all data sets, [size, k]. Warns of those whose summary is unlike that of anything that was simulated. */
  protected async contexts(data: DataSets, groups?: Groups): Promise<HostTensor> {
    const run = this.programs.run.bind(this.programs, this.contextProgram);
    const all = contextOf(await resultsOf(data, run));
    this.warnOfSummaries(all, data, groups);
    return all;
  }

  /** Warns of data sets whose summary [size, k] is unlike that of anything that was simulated. */
  protected warnOfSummaries(all: HostTensor, data: DataSets, groups?: Groups): void {
    const { summary } = this.details.standardization;
    const values = floatsOf({ all }, "all");
    const known = new Set(this.#unlike.get(data));
    if (summary !== undefined && summary.lower.length === all.shape[1]) {
      const { sets, warning } = findUnlikeSummaries(values, summary, known);
      if (warning !== undefined) this.#onWarning(warning);
      for (const set of sets) known.add(set);
    }
    const judgement = this.#judge(all, data);
    if (judgement === undefined) return;
    this.#judgements.set(all, judgement);
    const warning = describeUntypical(judgement, known, groups !== undefined);
    if (warning !== undefined) this.#onWarning(warning);
  }

  /** How typical data sets are; undefined where the file has nothing to hold them against. */
  #judge(context: HostTensor, sets: DataSets): Judgement | undefined {
    const { typicality } = this.details.standardization;
    const d = typicality?.mean.length;
    if (typicality === undefined || (d !== 0 && d !== context.shape[1])) return undefined;
    const summaries = d === 0 ? new Float32Array() : floatsOf({ context }, "context");
    return judge({ sets, summaries }, typicality);
  }

  /** The p-value of each data set whose summaries `contexts` gave; undefined where nothing is known. */
  protected typicalities(context: HostTensor): Float64Array | undefined {
    return this.#judgements.get(context)?.pValues;
  }

  /**
   * Whether data are like those of the model: a p-value for each data set, by the distance of its learned summary from those of simulations that were held out of training, and by its
   * patterns, such as how much its numbers vary and how rough they are: too little is as unusual as too much.
   *
   * Of data of the model, one in a hundred has a p-value below 0.01. Small ones say that the model does not describe the data, or that the networks are asked about something they
   * have not met; large ones do not say that the model is right.
   *
   * @returns [data sets]; undefined of files from before there was such a check, of joint distributions, and where fewer than 19 simulations were held out.
   * @throws InvalidArgumentError, DataError where the data do not fit the model or are not finite.
   * @example (await estimator.typicality({ z }))?.[0]   // 0.004: look again
   */
  async typicality(data: DataInput): Promise<Float64Array | undefined> {
    if (this.details.standardization.typicality === undefined) return undefined;
    return this.typicalities(await this.contexts(this.match(data)));
  }

  /**
   * A program of `context` and `theta` at parameters less their offset, [end - start, m, p], for the data sets [start, end): [end - start, m]; -Infinity
   * outside the prior's support.
   *
   * @param name of the program and of its output: a density of θ, or a term that goes with the prior's.
   */
  protected async evaluate(
    name: "logDensity" | "logRatio" | "logLikelihood" | `conditional${number}`,
    context: HostTensor,
    parameters: Floats,
    start: number,
    end: number,
  ): Promise<Float64Array> {
    const result = new Float64Array(parameters.length / this.parameterNames.length);
    const asked = this.#asked(name, context, parameters, start, end);
    for await (const { results, at, inside, shift } of asked) {
      for (const [i, value] of floatsOf(results, name).entries()) {
        const all = name === "logDensity" ? value + (shift[i] ?? 0) : value;
        result[at + i] = inside[i] === 1 ? all : -Infinity;
      }
    }
    return result;
  }

  /**
   * What answers by another way than the networks alone, where that is asked for.
   *
   * @param source what the networks say, of parameters less their offset.
   * @param asked `prior` is by default that of training.
   * @throws UnsupportedError where it needs a likelihood, and there is none.
   */
  protected async answering(
    source: PosteriorSource,
    by: AnswerBy = "amortized",
    {
      data,
      prior,
      ...others
    }: Pick<Answering, "groups" | "refining"> &
      Partial<Pick<Answering, "prior">> & { readonly data: DataInput },
  ): Promise<PosteriorSource> {
    if (by === "amortized") return source;
    // Few ask for it, and what only answers is to start soon.
    const { answerBy } = await import("../corrections/answer-by.js");
    const { typicality } = this.details.standardization;
    return answerBy(by, {
      amortized: source,
      model: this.model,
      data: matchData(this.model?.dataSpecs ?? this.dataSpecs, data).data,
      prior: prior ?? (await this.prior()).centred,
      ...others,
      offset: this.offset,
      unconstrained: () => this.details.standardization.unconstrained,
      heldOut: typicality === undefined ? 0 : heldOutCount(typicality),
    });
  }

  /**
   * The program `slope`: a term with its gradient, which is zero outside the prior's support.
   *
   * @param name of the term.
   */
  protected async evaluateSlope(
    name: "logRatio" | "logLikelihood",
    context: HostTensor,
    parameters: Floats,
    start: number,
    end: number,
  ): Promise<ValueAndGradient> {
    const p = this.parameterNames.length;
    const value = new Float64Array(parameters.length / p);
    const gradient = new Float64Array(parameters.length);
    const asked = this.#asked("slope", context, parameters, start, end);
    for await (const { results, at, inside } of asked) {
      const slopes = floatsOf(results, "gradient");
      for (const [i, term] of floatsOf(results, name).entries()) {
        value[at + i] = inside[i] === 1 ? term : -Infinity;
        if (inside[i] !== 1) continue;
        gradient.set(slopes.subarray(i * p, (i + 1) * p), (at + i) * p);
      }
    }
    return { value, gradient };
  }

  /** Where training can have shown it anything. */
  async #trained(): Promise<TrainedRegion> {
    const { centred } = await this.prior();
    const { trainedRegion } = await import("./trained-region.js");
    const { training, answers } = this.details;
    this.#region ??= trainedRegion(centred, training.simulations, answers.kind === "likelihood");
    return this.#region;
  }

  /** Runs a program of `context` and `theta` a piece at a time, where training can have shown it anything; the first of each lies at a place of all. */
  async *#asked(
    program: string,
    context: HostTensor,
    parameters: Floats,
    start: number,
    end: number,
  ) {
    const p = this.parameterNames.length;
    const each = parameters.length / ((end - start) * p);
    const region = await this.#trained();
    for (const { from, to, first, last } of blocks(start, end, each)) {
      const at = (from - start) * each + first;
      const part = parameters.slice(at * p, (at + (to - from) * (last - first)) * p);
      const { theta: asked, inside, shift } = region.ask(part);
      const theta = hostTensor(asked, [to - from, last - first, p]);
      const feeds = { context: rows(context, from, to), theta };
      yield { results: await this.programs.run(program, feeds), at, inside, shift };
    }
  }

  protected requireOne(size: number, instead: string): void {
    if (size !== 1) {
      throw new InvalidArgumentError(
        `one data set is expected, but ${size} were given; use ${instead} for a batch`,
      );
    }
  }
}

/** Whether a parameter may have labels, or numbers that add up to one. */
function mayBeDescribed({
  prior,
  support,
}: Contents["details"]["model"]["parameters"][number]): boolean {
  const unit = support.lower.filter((bound, i) => bound === 0 && support.upper[i] === 1);
  const hasLabels = typeof prior === "object" && prior !== null && "labels" in prior;
  return hasLabels || unit.length > 1;
}
