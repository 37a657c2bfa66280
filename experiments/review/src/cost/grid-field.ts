/**
 * The Gaussian field on a grid of any even side.
 *
 * Reflections of the grid leave the exponential covariance as it is, so in a basis of functions that are even or odd along each axis it falls into
 * four blocks of a quarter of the points, two of which are one another's transposes: 21 times less arithmetic than a dense factor.
 */
import { defineModel, uniform, type Model } from "amortis";
import {
  choleskyInPlace,
  logDeterminant,
  MAX_RANGE,
  multiplyLower,
  squaredNormOfSolution,
} from "@amortis/gaussian-field";

/** Signs along the two axes, and whether the block of the swapped axes is the one that is factored. */
const PARITIES = [
  { rows: 1, columns: 1, block: 0, swapped: false },
  { rows: -1, columns: -1, block: 1, swapped: false },
  { rows: 1, columns: -1, block: 2, swapped: false },
  { rows: -1, columns: 1, block: 2, swapped: true },
] as const;

/** The model on a grid of `side` × `side` points of [0,1]², with its likelihood. */
export type GridField = Model<
  { readonly range: ReturnType<typeof uniform> },
  { readonly z: readonly [number, number] }
>;

/** Draws and likelihoods on one grid; holds memory that calls use again. */
class FieldMachine {
  readonly side: number;
  readonly #half: number;
  readonly #quarter: number;
  readonly #blocks: readonly Float64Array[];
  readonly #table: Float64Array;
  readonly #scratch: Float64Array;

  constructor(side: number) {
    this.side = side;
    this.#half = side / 2;
    this.#quarter = this.#half ** 2;
    this.#blocks = [0, 1, 2].map(() => new Float64Array(this.#quarter ** 2));
    this.#table = new Float64Array(side * side);
    this.#scratch = new Float64Array(this.#quarter);
  }

  /** Factors the three blocks. */
  #factor(range: number): void {
    const [s, h, n, table] = [this.side, this.#half, this.#quarter, this.#table];
    for (let x = 0; x < s; x++) {
      for (let y = 0; y < s; y++) {
        table[x * s + y] = Math.exp(-Math.hypot(x, y) / ((s - 1) * range));
      }
    }
    for (const { rows, columns, block, swapped } of PARITIES) {
      const matrix = this.#blocks[block];
      if (swapped || matrix === undefined) continue;
      for (let a = 0; a < n; a++) {
        const [i, j] = [Math.floor(a / h), a % h];
        for (let b = 0; b <= a; b++) {
          const [k, l] = [Math.floor(b / h), b % h];
          const near = Math.abs(i - k) * s;
          const far = (s - 1 - i - k) * s;
          const [left, right] = [Math.abs(j - l), s - 1 - j - l];
          matrix[a * n + b] =
            (table[near + left] ?? 0) +
            rows * (table[far + left] ?? 0) +
            columns * (table[near + right] ?? 0) +
            rows * columns * (table[far + right] ?? 0);
        }
      }
      choleskyInPlace(matrix, n);
    }
  }

  /** A draw, [side, side] row-major. */
  simulate(range: number, random: { fillNormal(values: Float64Array): unknown }): Float64Array {
    this.#factor(range);
    const [s, h, n] = [this.side, this.#half, this.#quarter];
    const noise = new Float64Array(4 * n);
    random.fillNormal(noise);
    const coefficients = new Float64Array(4 * n);
    const z = new Float64Array(s * s);
    for (const [p, { rows, columns, block, swapped }] of PARITIES.entries()) {
      multiplyLower(this.#blocks[block] ?? noise, n, noise, coefficients, p * n);
      for (let a = 0; a < n; a++) {
        const [i, j] = swapped ? [a % h, Math.floor(a / h)] : [Math.floor(a / h), a % h];
        const value = (coefficients[p * n + a] ?? 0) / 2;
        z[i * s + j] = (z[i * s + j] ?? 0) + value;
        z[(s - 1 - i) * s + j] = (z[(s - 1 - i) * s + j] ?? 0) + rows * value;
        z[i * s + s - 1 - j] = (z[i * s + s - 1 - j] ?? 0) + columns * value;
        z[(s - 1 - i) * s + s - 1 - j] =
          (z[(s - 1 - i) * s + s - 1 - j] ?? 0) + rows * columns * value;
      }
    }
    return z;
  }

  /** log N(z; 0, Σ(θ)). */
  logLikelihood(range: number, z: ArrayLike<number>): number {
    this.#factor(range);
    const [s, h, n] = [this.side, this.#half, this.#quarter];
    const coefficients = new Float64Array(n);
    const value = (row: number, column: number): number => z[row * s + column] ?? 0;
    let total = -0.5 * s * s * Math.log(2 * Math.PI);
    for (const { rows, columns, block, swapped } of PARITIES) {
      const factor = this.#blocks[block] ?? coefficients;
      for (let a = 0; a < n; a++) {
        const [i, j] = swapped ? [a % h, Math.floor(a / h)] : [Math.floor(a / h), a % h];
        coefficients[a] =
          (value(i, j) +
            rows * value(s - 1 - i, j) +
            columns * value(i, s - 1 - j) +
            rows * columns * value(s - 1 - i, s - 1 - j)) /
          2;
      }
      total -=
        0.5 * squaredNormOfSolution(factor, n, coefficients, 0, this.#scratch) +
        logDeterminant(factor, n);
    }
    return total;
  }
}

/**
 * The model on a grid.
 *
 * @param side a multiple of 4.
 */
export function gridField(side: number): GridField {
  const machine = new FieldMachine(side);
  return defineModel({
    name: `gaussian-field-${side}`,
    parameters: { range: uniform(0, MAX_RANGE) },
    data: { z: [side, side] as const },
    simulate: ({ range }, random) => ({ z: machine.simulate(range, random) }),
    logLikelihood: ({ range }, { z }) => machine.logLikelihood(range, z),
  });
}
