/**
 * Smooth trends of numbers in parameters, of each number that has one: a simulator's mean is often a smooth function of its parameters, which a Gaussian process learns from a
 * thousand simulations as no network does; a density learns what is left.
 *
 * What is left of a simulation that the trend was learned from is its distance from what the others predict: else a density would learn that the trend is better than it is.
 */
import { gaussianProcess, type GaussianProcess, type Points } from "../math/index.js";
import { nextTurn } from "../turn.js";

/** Simulations that it is learned from: the time goes with the third power. */
const EXAMPLES = 1_000;

/** Parameters up to which there is one: of more, a thousand simulations show no more than a linear trend. */
const PARAMETERS = 12;

/** Simulations from which there is one. */
const LEAST = 50;

/** A number, its scale, and its function of the parameters. */
interface Column {
  readonly mean: number;
  readonly sd: number;
  readonly process: GaussianProcess;
}

/** The trends of several numbers; undefined for those that have none. */
export class SmoothTrend {
  readonly #columns: readonly (Column | undefined)[];
  readonly #size: number;

  private constructor(columns: readonly (Column | undefined)[], size: number) {
    this.#columns = columns;
    this.#size = size;
  }

  /**
   * Learned from simulations.
   *
   * @param parameters [n, p], of about unit scale.
   * @param numbers [n, count]
   * @returns undefined where no number has one.
   */
  static async learn(
    parameters: ArrayLike<number>,
    numbers: Float64Array,
    count: number,
  ): Promise<SmoothTrend | undefined> {
    const rows = numbers.length / count;
    const size = parameters.length / rows;
    if (size > PARAMETERS || rows < LEAST) return undefined;
    const n = Math.min(rows, EXAMPLES);
    const points = pointsOf(parameters, size, n);
    const columns: (Column | undefined)[] = [];
    for (let column = 0; column < count; column++) {
      // A column takes a second: interruptions come in between.
      await nextTurn();
      columns.push(columnOf(points, n, (row) => numbers[row * count + column] ?? 0));
    }
    return columns.every((column) => column === undefined)
      ? undefined
      : new SmoothTrend(columns, size);
  }

  /** What is left of the numbers [n, count] of the simulations that it was learned from, those first. */
  async leftOfKnown(parameters: ArrayLike<number>, numbers: Float64Array): Promise<Float64Array> {
    const left = await this.leftOf(parameters, numbers);
    const count = this.#columns.length;
    for (const [k, column] of this.#columns.entries()) {
      for (const [row, value] of column?.process.leftOut.entries() ?? [])
        left[row * count + k] = value * (column?.sd ?? 1);
    }
    return left;
  }

  /** What is left of numbers [n, count] of other simulations. */
  async leftOf(parameters: ArrayLike<number>, numbers: Float64Array): Promise<Float64Array> {
    const trend = await this.at(parameters);
    return numbers.map((value, i) => value - (trend[i] ?? 0));
  }

  /** The trends at parameters [n, p], [n, count]; zero of those that have none. */
  async at(parameters: ArrayLike<number>): Promise<Float64Array> {
    const count = this.#columns.length;
    const points = pointsOf(parameters, this.#size, parameters.length / this.#size);
    const all = new Float64Array((parameters.length / this.#size) * count);
    for (const [k, column] of this.#columns.entries()) {
      if (column === undefined) continue;
      await nextTurn();
      const { mean, sd, process } = column;
      for (const [row, value] of process.mean(points).entries())
        all[row * count + k] = mean + sd * value;
    }
    return all;
  }
}

function pointsOf(parameters: ArrayLike<number>, size: number, n: number): Points {
  return { values: Float64Array.from({ length: n * size }, (_, i) => parameters[i] ?? 0), size };
}

function columnOf(points: Points, n: number, value: (row: number) => number): Column | undefined {
  const y = Float64Array.from({ length: n }, (_, row) => value(row));
  const mean = y.reduce((a, b) => a + b, 0) / n;
  const sd = Math.sqrt(y.reduce((total, v) => total + (v - mean) ** 2, 0) / n);
  if (!(sd > 0 && Number.isFinite(sd))) return undefined;
  const process = gaussianProcess(
    points,
    y.map((v) => (v - mean) / sd),
  );
  return process && { mean, sd, process };
}
