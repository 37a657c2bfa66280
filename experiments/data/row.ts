/**
 * A row: a trained answer beside the exact posterior's, on the same data sets.
 */
import { readFile, writeFile } from "node:fs/promises";
import {
  modelPosterior,
  train,
  type AnyModel,
  type DataInput,
  type Method,
  type TrainOptions,
} from "amortis/extend";
import { crps } from "amortis/diagnostics";
import { stream, type Stream } from "amortis/extend";

/** What is measured of one kind of data sets. */
export interface Score {
  readonly what: string;
  readonly sets: number;
  /** Mean CRPS over that of the exact posterior, and its standard error; of estimates, of their root mean squared errors. */
  readonly ratio: number;
  readonly error: number;
  /** Share of the central 90 % intervals that hold the truth; of estimates there is none. */
  readonly coverage?: number;
  readonly exactCoverage?: number;
  /** Root mean square of the distance between the two means, or estimates, in standard deviations of the exact posterior. */
  readonly distance: number;
  /** Standard deviation over the exact one, geometric mean. */
  readonly spread?: number;
  /** Milliseconds of processor time an answer. */
  readonly milliseconds: number;
}

/** Budget of a row. */
export interface Budget {
  readonly simulations: number;
  readonly sets: number;
  readonly seed: number;
  /** Passes over the simulations; by default those of the row, or of the method. */
  readonly epochs?: number;
  /** Where to keep what takes long, such as trained estimators, so that a stopped run goes on: the beginning of paths. */
  readonly keep: string;
}

/** What a file has, as JSON, or else is made and kept there. */
export async function kept<T>(path: string, make: () => Promise<T>): Promise<T> {
  const known = await readFile(path, "utf8").catch(() => undefined);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a file of our own
  if (known !== undefined) return JSON.parse(known) as T;
  const made = await make();
  await writeFile(path, JSON.stringify(made));
  return made;
}

/** Options of a training within a budget, in this thread alone. */
export function trainingOf({ simulations, seed, epochs }: Budget): TrainOptions {
  return { simulations, seed, workers: 0, threads: 1, ...(epochs !== undefined && { epochs }) };
}

/** A row by name: what it is, and how it is measured. */
export interface Row {
  readonly name: string;
  readonly about: string;
  readonly measure: (budget: Budget) => Promise<readonly Score[]>;
}

/** One data set with its truth. */
export interface Truth {
  readonly theta: number;
  readonly data: DataInput;
}

/** Data sets of a model of one parameter, with sizes that are given or drawn. */
export function truths(
  model: AnyModel,
  sets: number,
  random: Stream,
  sizes?: Readonly<Record<string, number>>,
): readonly Truth[] {
  return Array.from({ length: sets }, (_, i) => {
    const own = random.split(i);
    const flat = model.samplePrior(own);
    const values = model.unpack(flat);
    const data = model.simulate(values, own, sizes);
    // Simulators of experiments are no asynchronous functions.
    return { theta: flat[0] ?? Number.NaN, data: data as DataInput };
  });
}

/** Draws of an answer for each data set: [data set][draw]. */
export type Answering = (data: readonly DataInput[]) => Promise<readonly ArrayLike<number>[]>;

const DRAWS = 1000;
const LEVEL = 0.9;

/** The exact posterior of a model of one parameter that has a likelihood, on a grid of so many points. */
export function exactly(model: AnyModel, options: { readonly points?: number } = {}): Answering {
  return async (data) => {
    const draws: Float64Array[] = [];
    for (const [seed, one] of data.entries()) {
      const asked = { method: "grid", samples: DRAWS, seed, ...options } as const;
      const posterior = await modelPosterior(model, one, asked);
      draws.push(column(posterior.draws, model.parameterSize, 0));
    }
    return draws;
  };
}

/** Numbers of one parameter in draws [n, p]. */
export function column(draws: ArrayLike<number>, p: number, at: number): Float64Array {
  return Float64Array.from({ length: draws.length / p }, (_, i) => draws[i * p + at] ?? 0);
}

/** Scores of an answer beside the exact one. */
export async function compare(
  what: string,
  cases: readonly Truth[],
  answer: Answering,
  exact: Answering,
): Promise<Score> {
  const data = cases.map((one) => one.data);
  const reference = await exact(data);
  const { value: draws, milliseconds } = await timed(() => answer(data));
  const truth = cases.map(({ theta }) => theta);
  return compareDraws(what, truth, draws, reference, milliseconds / cases.length);
}

/** Scores of draws of a parameter for each data set, beside exact ones. */
export function compareDraws(
  what: string,
  truth: readonly number[],
  draws: readonly ArrayLike<number>[],
  exact: readonly ArrayLike<number>[],
  milliseconds: number,
): Score {
  const each = truth.map((theta, i) => ({ theta, own: draws[i] ?? [], best: exact[i] ?? [] }));
  const apart = each.map(({ own, best }) => {
    const [a, b] = [momentsOf(own), momentsOf(best)];
    return { distance: (a.mean - b.mean) / b.sd, spread: Math.log(a.sd / b.sd) };
  });
  return {
    what,
    sets: truth.length,
    ...ratioOf(
      each.map(({ theta, own }) => crps(own, theta)),
      each.map(({ theta, best }) => crps(best, theta)),
    ),
    coverage: mean(each.map(({ theta, own }) => (covers(own, theta) ? 1 : 0))),
    exactCoverage: mean(each.map(({ theta, best }) => (covers(best, theta) ? 1 : 0))),
    distance: Math.sqrt(mean(apart.map(({ distance }) => distance ** 2))),
    spread: Math.exp(mean(apart.map(({ spread }) => spread))),
    milliseconds,
  };
}

/** What a promise gives, and the processor time until then: on a machine with others at work the clock says less. */
export async function timed<T>(
  run: () => Promise<T>,
): Promise<{ readonly value: T; readonly milliseconds: number }> {
  const started = process.cpuUsage();
  const value = await run();
  const { user, system } = process.cpuUsage(started);
  return { value, milliseconds: (user + system) / 1000 };
}

/** A ratio of means of pairs, with its standard error by the delta method. */
export function ratioOf(
  own: readonly number[],
  best: readonly number[],
): { readonly ratio: number; readonly error: number } {
  const ratio = mean(own) / mean(best);
  const spread = own.map((a, i) => (a - ratio * (best[i] ?? 0)) / mean(best));
  return { ratio, error: Math.sqrt(mean(spread.map((d) => d ** 2)) / own.length) };
}

function momentsOf(draws: ArrayLike<number>): { readonly mean: number; readonly sd: number } {
  const all = Array.from(draws);
  const center = mean(all);
  return { mean: center, sd: Math.sqrt(mean(all.map((x) => (x - center) ** 2))) };
}

function covers(draws: ArrayLike<number>, theta: number): boolean {
  const below = Array.from(draws).filter((x) => x < theta).length / draws.length;
  return below > (1 - LEVEL) / 2 && below < (1 + LEVEL) / 2;
}

export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** Draws of the first parameter of a trained posterior, one data set at a time, as users ask. */
export async function learned<M extends AnyModel>(
  method: Method<M, "posterior">,
  budget: Budget,
  options: Partial<TrainOptions> = {},
): Promise<Answering> {
  const estimator = await train(method, { ...options, ...trainingOf(budget) });
  const p = method.model.parameterSize;
  return async (data) => {
    const draws: Float64Array[] = [];
    for (const [i, one] of data.entries()) {
      const posterior = await estimator.given(one, { samples: DRAWS, seed: i });
      draws.push(column(posterior.draws, p, 0));
    }
    return draws;
  };
}

/** A stream of test data sets. */
export function testStream(seed: number, name: string): Stream {
  return stream(seed).split("experiment").split(name);
}

/** Numbers of an array that a simulator of experiments gave, which are plain lists. */
export function numbersOf(data: DataInput, name: string): readonly number[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- simulators of experiments return lists of numbers
  return (data as Readonly<Record<string, readonly number[]>>)[name] ?? [];
}
