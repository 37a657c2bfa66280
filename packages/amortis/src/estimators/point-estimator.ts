/**
 * Trained estimators of points and quantiles.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { object, optional } from "../schema/objects.js";
import type { ValueOf } from "../schema/schema.js";
import { flag, list, number, oneOf, text } from "../schema/values.js";
import type { DataInput } from "../data/match-data.js";
import type { ParameterSpec, ValuesOf } from "../model/index.js";
import { batched, unflatten, type Floats } from "../data/layout.js";
import type { BatchResult, IntervalResult } from "../posterior/posterior.js";
import { contextOf, floatsOf, joined, resultsOf } from "./results.js";
import { EstimatorBase, type OpenOptions } from "./base.js";
import type { Contents } from "./contents.js";
import { namer, type AnswerSheet } from "./documents.js";
import { shifted } from "../posterior/offset-source.js";
import { singleIsEnough } from "../data/precision.js";
import type { EstimatorType, KindOfAnswer } from "./kind-of-answer.js";
import { answerProgram } from "./programs.js";
import { toValues } from "./to-values.js";

/** Probabilities of the values of each discrete parameter, by its flat name and by value or label. */
export type ProbabilitiesByValue = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A trained estimator of points and quantiles. */
export class PointEstimator<P = ParameterSpec> extends EstimatorBase {
  readonly kind = "point";
  protected override readonly contextProgram = "estimate";

  /** Of each flat parameter the values that it has probabilities of, increasing; undefined where it was trained by another loss. */
  get values(): readonly (readonly number[])[] | undefined {
    const { answers } = this.details;
    return answers.kind === "point" ? answers.values : undefined;
  }

  /** Levels of the quantiles it estimates, increasing. */
  get levels(): readonly number[] {
    const { answers } = this.details;
    return answers.kind === "point" ? answers.quantiles : [];
  }

  /**
   * Probabilities of the values of each discrete parameter given one data set, by its flat name and by value or label.
   *
   * @throws InvalidArgumentError where the estimator was not trained by a loss of probabilities, as `brierLoss`.
   * @example (await estimator.probabilities({ y })).state?.["ill"]
   */
  async probabilities(data: DataInput): Promise<ProbabilitiesByValue> {
    const { probabilities, size } = await this.#run(data);
    this.requireOne(size, "probabilitiesBatch");
    return (await this.#byValue(probabilities))[0] ?? {};
  }

  /** The same of each of many data sets. */
  async probabilitiesBatch(data: DataInput): Promise<readonly ProbabilitiesByValue[]> {
    return this.#byValue((await this.#run(data)).probabilities);
  }

  /** The point estimate of one data set. */
  async estimate(data: DataInput): Promise<ValuesOf<P>> {
    const { points, size } = await this.#run(data);
    this.requireOne(size, "estimateBatch");
    return this.#values(points);
  }

  /** Point estimates of many data sets: an array a parameter. */
  async estimateBatch(data: DataInput): Promise<BatchResult<P>> {
    const { points } = await this.#run(data);
    return this.#batch(points);
  }

  /**
   * Estimated quantiles of one data set, in the order of `levels`. Those of a discrete parameter are values of it, the nearest.
   *
   * @throws InvalidArgumentError where the estimator was trained without quantiles.
   */
  async quantiles(data: DataInput): Promise<readonly ValuesOf<P>[]> {
    const { quantiles, size } = await this.#run(data);
    this.requireOne(size, "quantilesBatch");
    const p = this.parameterNames.length;
    return this.#requireLevels().map((_, i) =>
      this.#values(quantiles.subarray(i * p, (i + 1) * p)),
    );
  }

  /** Estimated quantiles of many data sets, in the order of `levels`. */
  async quantilesBatch(data: DataInput): Promise<readonly BatchResult<P>[]> {
    const { quantiles, size } = await this.#run(data);
    const p = this.parameterNames.length;
    const levels = this.#requireLevels();
    return levels.map((_, level) => {
      const flat = Float64Array.from({ length: size * p }, (_unused, at) => {
        const index = (Math.floor(at / p) * levels.length + level) * p + (at % p);
        return quantiles[index] ?? Number.NaN;
      });
      return this.#batch(flat);
    });
  }

  /**
   * The estimated central interval of one data set.
   *
   * @param level 0.9 for the quantiles at 0.05 and 0.95, which the estimator must have been trained with.
   * @throws InvalidArgumentError where it was not.
   * @example (await estimator.interval(0.9, { z })).range; // [lower, upper]
   */
  async interval(level: number, data: DataInput): Promise<IntervalResult<P>> {
    const [lower, upper] = this.#tails(level);
    const quantiles = await this.quantiles(data);
    const [from, to] = [quantiles[lower], quantiles[upper]];
    const entries = this.slots.map(({ name }) => {
      const [a, b] = [valueOf(from, name), valueOf(to, name)];
      const pairs = Array.from(a, (value, i) => [value, b[i] ?? Number.NaN] as const);
      return [name, typeof (from as Record<string, unknown>)[name] === "number" ? pairs[0] : pairs];
    });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the slots are those of the model's parameters, which is what P names
    return Object.fromEntries(entries) as IntervalResult<P>;
  }

  /** The estimated central intervals of many data sets: their lower and their upper ends. */
  async intervalBatch(
    level: number,
    data: DataInput,
  ): Promise<{ readonly lower: BatchResult<P>; readonly upper: BatchResult<P> }> {
    const [from, to] = this.#tails(level);
    const quantiles = await this.quantilesBatch(data);
    const [lower, upper] = [quantiles[from], quantiles[to]];
    if (lower === undefined || upper === undefined) throw new TypeError("its levels are known");
    return { lower, upper };
  }

  /** Places of the two levels of a central interval. */
  #tails(level: number): readonly [number, number] {
    const place = (tail: number): number =>
      this.#requireLevels().findIndex((known) => Math.abs(known - tail) < 1e-9);
    const places = [place((1 - level) / 2), place((1 + level) / 2)] as const;
    if (level > 0 && level < 1 && places.every((at) => at >= 0)) return places;
    throw new InvalidArgumentError(
      `this estimator has quantiles at ${this.levels.join(", ")}, which are not the ends of a central interval of level ${level}: train it with { interval: ${level} }`,
    );
  }

  #requireLevels(): readonly number[] {
    if (this.levels.length === 0) {
      throw new InvalidArgumentError(
        "this estimator was trained without quantiles; train it with `quantiles` or `interval`",
      );
    }
    return this.levels;
  }

  /** Rows of probabilities [n, values of all parameters] by name and value. */
  async #byValue(flat: Floats): Promise<readonly ProbabilitiesByValue[]> {
    const keys = await this.valueNames();
    const width = keys.reduce((total, own) => total + own.length, 0);
    return Array.from({ length: flat.length / width }, (_, row) => {
      let at = row * width;
      const entries = keys.map((own, k) => {
        const shares = own.map((value) => [value, flat[at++] ?? Number.NaN] as const);
        return [this.parameterNames[k] ?? "", Object.fromEntries(shares)] as const;
      });
      return Object.fromEntries(entries);
    });
  }

  /** Of each flat parameter its values in words: labels, or numbers. @throws InvalidArgumentError where it has no probabilities. */
  async valueNames(): Promise<readonly (readonly string[])[]> {
    const { values } = this;
    if (values === undefined) {
      throw new InvalidArgumentError(
        "this estimator was trained without probabilities: train it with nbe(model, { loss: brierLoss() })",
      );
    }
    const labels = (await this.describedSlots()).flatMap(({ size, labels: own }) =>
      Array.from({ length: size }, () => own),
    );
    return values.map((own, k) => own.map((value) => labels[k]?.[value] ?? String(value)));
  }

  async #run(data: DataInput): Promise<{
    points: Floats;
    quantiles: Floats;
    probabilities: Floats;
    size: number;
  }> {
    const matched = this.match(data);
    const { size } = matched;
    const results = await resultsOf(matched, (feeds) => this.programs.run("estimate", feeds));
    const { answers } = this.details;
    if (answers.kind === "point" && answers.givesContext === true) {
      this.warnOfSummaries(contextOf(results), matched);
    }
    const floats = (name: string): Float32Array =>
      floatsOf({ [name]: joined(results, name, "an estimate") }, name);
    const points = floats("point");
    const none = new Float32Array();
    const quantiles = this.levels.length > 0 ? floats("quantiles") : none;
    // Which values there are, only the prior knows.
    const { values } = this.levels.length > 0 ? (await this.prior()).support : {};
    const whole = (left: Floats): Floats =>
      this.offset === undefined ? left : shifted(left, this.offset, 1);
    const all = whole(quantiles);
    return {
      points: whole(points),
      quantiles: values === undefined ? all : toValues(all, this.levels, values),
      probabilities: this.values === undefined ? none : floats("probabilities"),
      size,
    };
  }

  #values(flat: Floats): ValuesOf<P> {
    // The slots are those of the model's parameters, which is what P names.
    return unflatten(this.slots, flat) as ValuesOf<P>;
  }

  #batch(flat: Floats): BatchResult<P> {
    // The slots are those of the model's parameters, which is what P names.
    return batched(this.slots, flat) as BatchResult<P>;
  }
}

/** A parameter's value or values, as a list. */
function valueOf(values: object | undefined, name: string): ArrayLike<number> {
  const value: unknown = (values as Record<string, unknown> | undefined)?.[name];
  return typeof value === "number" ? [value] : (value as ArrayLike<number>);
}

const schema = object({
  kind: oneOf("point"),
  /** What is estimated: "mean", "median", "estimate". */
  estimate: text(),
  /** Levels of quantiles in increasing order. */
  quantiles: list(number({ above: 0, below: 1 })),
  /** Whether the program gives beside what its networks make of the data. */
  givesContext: optional(flag),
  /** Of each flat parameter the values that it gives probabilities of, where its loss is of those. */
  values: optional(list(list(number()))),
});

/** The estimator of each type of parameters. */
export interface Points extends EstimatorType {
  readonly estimator: PointEstimator<this["parameters"]>;
}

/** Point estimates and quantiles. */
export const pointKind: KindOfAnswer<ValueOf<typeof schema>, Points, "points"> = {
  schema,
  gives: "points",
  advice: "load it with loadPoint, which gives estimates and quantiles",
  options: [],
  programs: ({ quantiles, givesContext, values }) => ({
    estimate: answerProgram(
      {
        point: ["batch", "parameters"],
        ...(quantiles.length > 0 && { quantiles: ["batch", quantiles.length, "parameters"] }),
        ...(values !== undefined && { probabilities: ["batch", values.flat().length] }),
      },
      givesContext,
    ),
  }),
  open: <P>(contents: Contents, options: OpenOptions) => new PointEstimator<P>(contents, options),
  inWords: ({ estimate, quantiles, values }) =>
    `the posterior ${estimate}${values === undefined ? "" : " and the probabilities of all values"}${quantiles.length === 0 ? "" : ` and the quantiles ${quantiles.join(", ")}`}`,
  document: pointSheet,
};

/** Point estimates [data sets, parameters], and quantiles where there are any. */
async function pointSheet(fitted: PointEstimator, data: DataInput): Promise<AnswerSheet> {
  const { slots, parameterNames: names, levels, details } = fitted;
  const named = namer(slots, names);
  const estimates = await fitted.estimateBatch(data);
  const quantiles = levels.length === 0 ? [] : await fitted.quantilesBatch(data);
  const size = (Object.values(estimates)[0]?.length ?? 0) / (slots[0]?.size ?? 1);
  const probabilities = fitted.values === undefined ? [] : await fitted.probabilitiesBatch(data);
  const datasets = Array.from({ length: size }, (_, i) => ({
    estimate: named(estimates, i),
    ...(probabilities[i] && { probabilities: probabilities[i] }),
    ...(quantiles.length > 0 && {
      quantiles: Object.fromEntries(
        quantiles.map((values, level) => [String(levels[level]), named(values, i)]),
      ),
    }),
  }));
  const { answers } = details;
  const array = Float64Array.from(
    datasets.flatMap(({ estimate }) => names.map((name) => estimate[name] ?? Number.NaN)),
  );
  return {
    document: {
      parameters: names,
      ...(answers.kind === "point" && { estimate: answers.estimate }),
      datasets,
    },
    shape: [size, names.length],
    array: singleIsEnough(array, names.length) ? Float32Array.from(array) : array,
  };
}
