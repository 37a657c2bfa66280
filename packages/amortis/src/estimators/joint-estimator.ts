/**
 * Trained joint distributions of parameters and data: posteriors, likelihoods, predictive draws, conditionals of anything given anything, and missing data.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { object } from "../schema/objects.js";
import type { ValueOf } from "../schema/schema.js";
import { oneOf } from "../schema/values.js";
import { shapesOf, type ArraySpecs } from "../data/array-spec.js";
import type { DataSets } from "../data/data-sets.js";
import type { DataInput } from "../data/match-data.js";
import { joinColumns } from "../data/named-columns.js";
import { restoreOffsets } from "../data/standardization.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { ParameterSpec } from "../model/index.js";
import { requireDraws } from "../posterior/held-draws.js";
import { PosteriorBatch, type Posterior, type PosteriorSource } from "../posterior/posterior.js";
import { EstimatorBase, type OpenOptions } from "./base.js";
import { count, type Contents } from "./contents.js";
import { posteriorSheet } from "./documents.js";
import { JointAnswers } from "./joint-answers.js";
import { JointFlow } from "./joint-flow.js";
import { isNamed, knownArrays, knownRows, type Known } from "./joint-known.js";
import { answerPlaces, asking, rowsOfData, type Questions } from "./joint-questions.js";
import { JointSpace } from "./joint-space.js";
import type { EstimatorType, KindOfAnswer } from "./kind-of-answer.js";
import type { GivenOptions } from "./posterior-estimator.js";

/** How an answer is given. */
export interface ConditionalOptions extends Omit<GivenOptions, "replicates" | "answer"> {
  /** Steps from noise to draws, and back for densities; by default 12 and 16. */
  readonly steps?: number;
}

/** Log-likelihoods, [n, m], and how far each may be off for steps and random directions. */
export interface LogLikelihoods {
  readonly value: Float64Array;
  readonly error: Float64Array;
}

const KNOWN: KnownOptions<ConditionalOptions> = {
  samples: true,
  seed: true,
  onProgress: true,
  steps: true,
};

/** Draws and densities by so many steps are within a few hundredths of what twice as many give. */
const [DRAW_STEPS, DENSITY_STEPS] = [12, 16];

/** A trained joint distribution. */
export class JointEstimator<P = ParameterSpec> extends EstimatorBase {
  readonly kind = "joint";
  #space: JointSpace | undefined;

  /**
   * The posterior of the parameters given one data set. NaN in the data, and arrays that are left out, are missing: what is there is conditioned on.
   *
   * @throws InvalidArgumentError, DataError where the data do not fit the model, or nothing of them is there.
   * @example (await joint.given({ y: [1.2, NaN, 0.4] })).mean().slope
   */
  async given(data: DataInput, options: ConditionalOptions = {}): Promise<Posterior<P>> {
    const questions = await this.#given(data);
    this.requireOne(questions.size, "givenBatch");
    return (await this.#answer<P>(questions, options)).at(0);
  }

  /** The posteriors given many data sets, along the leading axis of each array; what is missing may be another in each. */
  async givenBatch(data: DataInput, options: ConditionalOptions = {}): Promise<PosteriorBatch<P>> {
    return this.#answer<P>(await this.#given(data), options);
  }

  /**
   * The conditional distribution of all parameters and data that are not known, given those that are: p(θ_A, Z_B | θ_rest, Z_rest). Draws are of whole parameters
   * and arrays; what is known of an array is in them as it was given.
   *
   * @param known by name: a parameter's value, an array of the data. NaN, or nothing, where not known.
   * @throws InvalidArgumentError, DataError where a name is unknown, a value does not fit, or all is known.
   * @example
   * await joint.conditional({ y, noise: 0.3 });           // the other parameters
   * await joint.conditional({ slope: 1, noise: 0.3 });    // predictive draws of y
   * await joint.conditional({ y: [1.2, NaN, 0.4] });      // parameters, and the y that is missing
   * await joint.conditional({});                          // the joint distribution
   */
  async conditional(known: Known, options: ConditionalOptions = {}): Promise<Posterior> {
    const questions = await this.#known(known);
    this.requireOne(questions.size, "conditionalBatch");
    return (await this.#answer(questions, options)).at(0);
  }

  /** The same of many rows: values along the leading axis of each array; a parameter's one value is that of all rows. */
  async conditionalBatch(known: Known, options: ConditionalOptions = {}): Promise<PosteriorBatch> {
    return this.#answer(await this.#known(known), options);
  }

  /**
   * log p(Z | θ) of what is there of the data, in their own units.
   *
   * @param data one data set or n of them; NaN where a value is missing.
   * @param theta flat parameters [n, m, p] in the order of `parameterNames`; m values for each data set.
   * @returns [n, m]; NaN outside the prior's support, where nothing was learned.
   */
  async logLikelihood(
    data: DataInput,
    theta: ArrayLike<number>,
    { steps = DENSITY_STEPS }: Pick<ConditionalOptions, "steps"> = {},
  ): Promise<LogLikelihoods> {
    const sets = this.#data(data);
    const space = await this.#variables();
    const { p, numbers } = space;
    if (theta.length === 0 || theta.length % (sets.size * p) !== 0) {
      throw new InvalidArgumentError(
        `parameters must be [${sets.size}, m, ${p}] for ${sets.size} data set(s), a multiple of ${sets.size * p} numbers, but ${theta.length} were given`,
      );
    }
    const each = theta.length / (sets.size * p);
    const rows = rowsOfData(space, sets, sets.size);
    const known = new Float64Array(sets.size * each * numbers).fill(Number.NaN);
    const full = new Float64Array(known.length);
    for (let row = 0; row < sets.size * each; row++) {
      const own = rows.subarray(
        Math.floor(row / each) * numbers,
        (Math.floor(row / each) + 1) * numbers,
      );
      full.set(own, row * numbers);
      for (let i = 0; i < p; i++) {
        known[row * numbers + i] = theta[row * p + i] ?? Number.NaN;
        full[row * numbers + i] = theta[row * p + i] ?? Number.NaN;
      }
    }
    const asked = Uint8Array.from(full, (value, i) =>
      i % numbers >= p && !Number.isNaN(value) ? 1 : 0,
    );
    const size = sets.size * each;
    const found = await (
      await this.#answers()
    ).densities({ known, asked, size }, 0, full, 1, steps);
    const { value, error } = found;
    return { value: value.map((one) => (one === -Infinity ? Number.NaN : one)), error };
  }

  /** What is asked where data are given: the parameters. What is missing is left out. */
  async #given(data: DataInput): Promise<Questions> {
    const sets = this.#data(data);
    const space = await this.#variables();
    const known = rowsOfData(space, sets, sets.size);
    return asking(space, known, (place) => place < space.p);
  }

  /** What is asked where some of all is known: the rest. */
  async #known(known: Known): Promise<Questions> {
    const space = await this.#variables();
    const { slots } = await this.prior();
    const arrays = knownArrays(space, slots, known);
    const sets = Object.keys(arrays).length === 0 ? undefined : this.#data(arrays);
    return asking(space, knownRows(space, slots, known, sets));
  }

  async #answer<Q>(questions: Questions, options: ConditionalOptions): Promise<PosteriorBatch<Q>> {
    requireKnown("given", options, KNOWN);
    const { samples = 1000, seed = 0, steps = DRAW_STEPS } = options;
    const space = await this.#variables();
    const answer = answerPlaces(space, (await this.prior()).slots, questions);
    requireDraws(samples, questions.size, answer.places.length);
    const answers = await this.#answers();
    const source: PosteriorSource = {
      slots: answer.slots,
      flatNames: answer.flatNames,
      size: questions.size,
      draw: async (draws, seed, start, end) => ({
        draws: await answers.draw(questions, answer, { draws, seed, steps }, start, end),
        answers: Array.from({ length: end - start }, () => ({ status: "amortized" }) as const),
      }),
      logDensity: async (parameters, start, end) => {
        const each = parameters.length / ((end - start) * answer.places.length);
        const full = answers.full(questions, answer, parameters, start, each);
        const finer = options.steps ?? DENSITY_STEPS;
        return (await answers.densities(questions, start, full, each, finer)).value;
      },
    };
    return PosteriorBatch.of<Q>(source, samples, seed, options.onProgress);
  }

  async #variables(): Promise<JointSpace> {
    const prior = await this.prior();
    this.#space ??= new JointSpace(prior, this.dataSpecs, this.details.standardization);
    return this.#space;
  }

  async #answers(): Promise<JointAnswers> {
    const space = await this.#variables();
    const { parameters, data } = this.details.standardization;
    // Single precision would lose digits of what sits on an offset.
    const exact = [parameters, ...Object.values(data)].some(({ offset }) => offset !== undefined);
    const flow = new JointFlow(space.variables, (name, feeds) => this.programs.run(name, feeds));
    return new JointAnswers(space, flow, exact);
  }

  /** Data in their own units, NaN where a value is missing; arrays that are left out are no columns. */
  #data(data: DataInput): DataSets {
    const lacking = Object.fromEntries(
      Object.entries(this.dataSpecs).map(([name, spec]) => [name, { ...spec, missing: true }]),
    );
    const given = isNamed(data) ? this.#named(lacking, data) : lacking;
    const sets = restoreOffsets(this.match(data, given), this.details.standardization);
    const some = Object.values(sets.columns).some((column) => column.some((x) => !Number.isNaN(x)));
    if (some) return sets;
    throw new InvalidArgumentError("all of the data are missing: give one number at least");
  }

  /** The specifications of the arrays that are given. */
  #named(specs: ArraySpecs, data: Known): ArraySpecs {
    const joined = joinColumns(shapesOf(specs), data);
    const found = Object.entries(specs).filter(([name]) => Object.hasOwn(joined, name));
    return found.length === 0 ? specs : Object.fromEntries(found);
  }
}

const schema = object({ kind: oneOf("joint"), variables: count(1) });

/** The estimator of each type of parameters. */
export interface Joints extends EstimatorType {
  readonly estimator: JointEstimator<this["parameters"]>;
}

/** Joint distributions of parameters and data. */
export const jointKind: KindOfAnswer<ValueOf<typeof schema>, Joints, "posteriors"> = {
  schema,
  gives: "posteriors",
  advice: "load it with loadPosterior, whose posteriors have means and quantiles",
  options: ["samples", "seed", "derived"],
  programs: ({ variables }) => {
    const row = ["batch", variables] as const;
    const inputs = { values: row, known: row, here: row, angle: [1] };
    return {
      field: { inputs, outputs: { field: row } },
      trace: { inputs: { ...inputs, directions: row }, outputs: { field: row, trace: ["batch"] } },
    };
  },
  open: <P>(contents: Contents, options: OpenOptions) => new JointEstimator<P>(contents, options),
  inWords: () => "posteriors, and any conditional of parameters and data",
  document: (fitted, data, { samples, seed, derived, onProgress }) =>
    posteriorSheet(fitted, data, {
      ...(samples !== undefined && { samples }),
      ...(seed !== undefined && { seed }),
      ...(derived && { derived }),
      ...(onProgress && { onProgress }),
    }),
};
