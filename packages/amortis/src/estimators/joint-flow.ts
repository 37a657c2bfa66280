/**
 * Draws and densities of whatever is asked of a joint distribution, along the path from noise: dx/dφ = F(x, φ) for the variables that are asked, while those that are known stay.
 *
 *     log q(u_A | u_M) = log N(x_A(π/2); 0, I) + ∫₀^{π/2} Σ_{j in A} ∂F_j/∂x_j (x(φ), φ) dφ,      x(0) = u
 *
 * (Chen et al. 2018, arXiv 1806.07366; Song et al. 2021, arXiv 2011.13456), by Heun's method. The trace is exact, a direction for each variable asked, where they are few; else it is estimated by
 * random signs (Hutchinson 1990, doi 10.1080/03610919008812866).
 */
import { hostTensor, type HostTensor } from "@amortis/graph";
import { levelGrid } from "../densities/probability-flow.js";
import { logNormalDensity } from "../math/normal.js";
import { stream } from "../random/index.js";
import { finiteOf } from "./results.js";

/** Rows of variables, and which of them are known, and there: [rows, m] each. */
export interface JointRows {
  readonly values: Float32Array;
  /** 1 where it is known. */
  readonly known: Float32Array;
  /** 1 where it is known or asked. */
  readonly here: Float32Array;
}

/** How finely the path is followed. */
export interface FlowOptions {
  /** Steps of Heun's method, two looks at the network each. */
  readonly steps: number;
}

/** Log-densities and how far they may be off, [rows] each. */
export interface DensityOfRows {
  readonly value: Float64Array;
  /** The standard error of random directions, and what half as many steps change, together. */
  readonly error: Float64Array;
}

/** Variables asked up to which the trace has a direction for each of them. */
const EXACT = 16;

/** Random directions, where they are more. */
const DIRECTIONS = 16;

type Run = (
  name: "field" | "trace",
  feeds: Readonly<Record<string, HostTensor>>,
) => Promise<Readonly<Record<string, HostTensor>>>;

/** The path of a joint distribution of m variables, by its programs. */
export class JointFlow {
  readonly #m: number;
  readonly #run: Run;

  constructor(m: number, run: Run) {
    this.#m = m;
    this.#run = run;
  }

  /**
   * Draws of what is asked; what is known stays as it is.
   *
   * @param noise standard normal, [rows, m].
   * @returns [rows, m]
   */
  async draw(
    rows: JointRows,
    noise: ArrayLike<number>,
    { steps }: FlowOptions,
  ): Promise<Float64Array> {
    const x = Float64Array.from(rows.values, (value, i) =>
      isAsked(rows, i) ? (noise[i] ?? 0) : value,
    );
    const grid = levelGrid(steps).toReversed();
    for (const [i, end] of grid.slice(1).entries()) {
      const start = grid[i] ?? end;
      const step = end - start;
      const first = await this.#field(rows, x, start);
      const second = await this.#field(rows, moved(x, first, step), end);
      for (let j = 0; j < x.length; j++) {
        x[j] = (x[j] ?? 0) + (step / 2) * ((first[j] ?? 0) + (second[j] ?? 0));
      }
    }
    return x;
  }

  /** Log-densities of what is asked, at its values, given what is known: in the space of the variables. */
  async logDensity(rows: JointRows, { steps }: FlowOptions): Promise<DensityOfRows> {
    const half = Math.max(1, Math.ceil(steps / 2));
    const [fine, coarse] = [await this.#follow(rows, steps), await this.#follow(rows, half)];
    const error = fine.value.map((value, i) => {
      // Of a method of second order, twice as many steps leave a third of what they changed.
      const change = (value - (coarse.value[i] ?? 0)) / 3;
      return Math.hypot(change, fine.error[i] ?? 0);
    });
    return { value: fine.value, error };
  }

  async #follow(rows: JointRows, steps: number): Promise<DensityOfRows> {
    const m = this.#m;
    const directions = directionsOf(rows, m);
    const x = Float64Array.from(rows.values);
    const spread = new Float64Array(directions.owner.length);
    const grid = levelGrid(steps);
    for (const [i, end] of grid.slice(1).entries()) {
      const start = grid[i] ?? end;
      const step = end - start;
      const first = await this.#trace(rows, x, start, directions);
      const second = await this.#trace(rows, moved(x, first.field, step), end, directions);
      for (let j = 0; j < x.length; j++) {
        x[j] = (x[j] ?? 0) + (step / 2) * ((first.field[j] ?? 0) + (second.field[j] ?? 0));
      }
      for (let j = 0; j < spread.length; j++) {
        spread[j] =
          (spread[j] ?? 0) + (step / 2) * ((first.trace[j] ?? 0) + (second.trace[j] ?? 0));
      }
    }
    const traces = tracesOf(directions, spread, rows.values.length / m);
    return {
      error: traces.error,
      value: traces.value.map((trace, row) => {
        let total = trace;
        for (let j = row * m; j < (row + 1) * m; j++) {
          if (isAsked(rows, j)) total += logNormalDensity(x[j] ?? 0);
        }
        return total;
      }),
    };
  }

  async #field(rows: JointRows, x: Float64Array, angle: number): Promise<Float32Array> {
    const shape = [x.length / this.#m, this.#m];
    const results = await this.#run("field", {
      values: hostTensor(Float32Array.from(x), shape),
      known: hostTensor(rows.known, shape),
      here: hostTensor(rows.here, shape),
      angle: hostTensor(Float32Array.of(angle), [1]),
    });
    return finiteOf(results, "field", { what: "a step to a draw" });
  }

  /** The field of each row, and its products along each direction. */
  async #trace(
    rows: JointRows,
    x: Float64Array,
    angle: number,
    { owner, vectors }: Directions,
  ): Promise<{ readonly field: Float32Array; readonly trace: Float32Array }> {
    const m = this.#m;
    const shape = [owner.length, m];
    const repeated = (of: ArrayLike<number>): HostTensor => {
      const all = new Float32Array(owner.length * m);
      for (const [i, row] of owner.entries()) {
        for (let j = 0; j < m; j++) all[i * m + j] = of[row * m + j] ?? 0;
      }
      return hostTensor(all, shape);
    };
    const results = await this.#run("trace", {
      values: repeated(x),
      known: repeated(rows.known),
      here: repeated(rows.here),
      directions: hostTensor(vectors, shape),
      angle: hostTensor(Float32Array.of(angle), [1]),
    });
    const asked = { what: "a step to a density" };
    const all = finiteOf(results, "field", asked);
    const field = new Float32Array(x.length);
    for (const [i, row] of owner.entries()) {
      field.set(all.subarray(i * m, (i + 1) * m), row * m);
    }
    return { field, trace: finiteOf(results, "trace", asked) };
  }
}

/** Directions of all rows: whose each is, and what, [directions, m]. */
interface Directions {
  readonly owner: readonly number[];
  readonly vectors: Float32Array;
  /** Whether the products of a row add to its trace, or their mean estimates it. */
  readonly exact: readonly boolean[];
}

function directionsOf(rows: JointRows, m: number): Directions {
  const count = rows.values.length / m;
  const random = stream("directions of traces");
  const owner: number[] = [];
  const vectors: Float32Array[] = [];
  const exact = Array.from({ length: count }, (_, row) => {
    const places = Array.from({ length: m }, (__, j) => j).filter((j) =>
      isAsked(rows, row * m + j),
    );
    const isExact = places.length <= EXACT;
    const number = isExact ? Math.max(1, places.length) : DIRECTIONS;
    for (let i = 0; i < number; i++) {
      const vector = new Float32Array(m);
      if (!isExact) for (const j of places) vector[j] = random.uniform() < 0.5 ? -1 : 1;
      else if (places[i] !== undefined) vector[places[i] ?? 0] = 1;
      owner.push(row);
      vectors.push(vector);
    }
    return isExact;
  });
  const all = new Float32Array(owner.length * m);
  for (const [i, vector] of vectors.entries()) all.set(vector, i * m);
  return { owner, vectors: all, exact };
}

/** The trace of each row by its products along the path, with the standard error where directions are random. */
function tracesOf(
  { owner, exact }: Directions,
  products: Float64Array,
  rows: number,
): DensityOfRows {
  const [count, sum, square] = [0, 1, 2].map(() => new Float64Array(rows));
  const add = (to: Float64Array | undefined, row: number, value: number): void => {
    if (to !== undefined) to[row] = (to[row] ?? 0) + value;
  };
  for (const [i, row] of owner.entries()) {
    add(count, row, 1);
    add(sum, row, products[i] ?? 0);
    add(square, row, (products[i] ?? 0) ** 2);
  }
  const value = Float64Array.from({ length: rows }, (_, row) =>
    exact[row] === true ? (sum?.[row] ?? 0) : (sum?.[row] ?? 0) / (count?.[row] ?? 1),
  );
  const error = value.map((mean, row) => {
    if (exact[row] === true) return 0;
    const n = count?.[row] ?? 1;
    return Math.sqrt(Math.max(0, (square?.[row] ?? 0) / n - mean ** 2) / Math.max(1, n - 1));
  });
  return { value, error };
}

function isAsked({ known, here }: JointRows, i: number): boolean {
  return here[i] === 1 && known[i] !== 1;
}

function moved(x: Float64Array, slope: Float32Array, step: number): Float64Array {
  return x.map((value, i) => value + step * (slope[i] ?? 0));
}
