/**
 * The space in which a joint distribution of parameters and data is learned, and the numbers that people have.
 *
 *     u = (v, y),      θ = g(mean + sd v),      y_i = (x_i - mean_i) / sd_i, or what columns over decades are mapped to,
 *
 * in double precision on the host. A number is NaN where it is not given; the variables that stand for it are NaN then. log |∂(numbers)/∂u| is that of the numbers asked alone.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { ArraySpecs } from "../data/array-spec.js";
import { sizeOf } from "../data/shape.js";
import { spread, type Standardization } from "../data/standardization.js";
import {
  flattened,
  intervalBijection,
  type Bijection,
  type Distribution,
  type JointPrior,
} from "../distributions/index.js";

/** Parameters that are known together or not at all: mostly one. */
interface Unit {
  /** Places [start, end) among the numbers, and [from, to) among the variables. */
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
  readonly bijection: Bijection;
}

/** The map of one number of the data. */
interface Scale {
  readonly forward: (x: number) => number;
  readonly inverse: (y: number) => number;
  /** log dx/dy at x. */
  readonly logSlope: (x: number) => number;
}

/** An array of the data, and where its numbers are among all. */
export interface DataSlot {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
}

/** Numbers of parameters and data, in their own units, and the variables of a network. */
export class JointSpace {
  /** Parameters, and numbers of the data. */
  readonly p: number;
  readonly n: number;
  /** Variables that are parameters. */
  readonly k: number;
  /** Arrays of the data in alphabetical order, whose numbers follow the parameters'. */
  readonly arrays: readonly DataSlot[];
  readonly #units: readonly Unit[];
  readonly #moments: { readonly mean: readonly number[]; readonly sd: readonly number[] };
  readonly #scales: readonly Scale[];
  readonly #names: readonly string[];

  /** @param prior the joint prior, as it is with its offset. */
  constructor(prior: JointPrior, specs: ArraySpecs, standardization: Standardization) {
    const { offset, flatNames } = prior;
    this.#names = flatNames;
    this.p = prior.size;
    this.#units = unitsOf(prior.centred, offset);
    this.k = this.#units.at(-1)?.to ?? 0;
    this.#moments = standardization.unconstrained ?? { mean: [0], sd: [1] };
    const names = Object.keys(specs).toSorted();
    let at = this.p;
    this.arrays = names.map((name) => {
      const { shape = [] } = specs[name] ?? {};
      const slot = { name, shape, offset: at, size: sizeOf(shape) };
      at += slot.size;
      return slot;
    });
    this.n = at - this.p;
    this.#scales = this.arrays.flatMap(({ name, shape }) => scalesOf(name, shape, standardization));
  }

  /** Numbers of one row, parameters and data. */
  get numbers(): number {
    return this.p + this.n;
  }

  /** Variables of one row. */
  get variables(): number {
    return this.k + this.n;
  }

  /** 1 for each variable that stands for a number of which `picked` is 1, [k + n] from [p + n]. */
  spreadOver(picked: ArrayLike<number>): Uint8Array {
    const all = new Uint8Array(this.variables);
    for (const { start, from, to } of this.#units) all.fill(picked[start] ?? 0, from, to);
    for (let i = 0; i < this.n; i++) all[this.k + i] = picked[this.p + i] ?? 0;
    return all;
  }

  /**
   * Sees to it that numbers that are one variable's are given together.
   *
   * @param numbers [p + n], NaN where not given.
   * @throws InvalidArgumentError where some of them are and others are not.
   */
  requireWhole(numbers: Float64Array): void {
    for (const { start, end } of this.#units) {
      const missing = numbers
        .subarray(start, end)
        .reduce((sum, x) => sum + Number(Number.isNaN(x)), 0);
      if (missing === 0 || missing === end - start) continue;
      throw new InvalidArgumentError(
        `the parameters ${this.#names.slice(start, end).join(", ")} depend on each other in their prior, and are known together or not at all, but ${end - start - missing} of ${end - start} were given`,
      );
    }
  }

  /** Variables [rows, k + n] of numbers [rows, p + n]; NaN where these are, or are parameters outside their support. */
  toVariables(numbers: Float64Array): Float64Array {
    const rows = numbers.length / this.numbers;
    const u = new Float64Array(rows * this.variables);
    const { mean, sd } = this.#moments;
    for (let row = 0; row < rows; row++) {
      const [of, to] = [row * this.numbers, row * this.variables];
      for (const unit of this.#units) {
        const free = unit.bijection.inverse(numbers.subarray(of + unit.start, of + unit.end));
        for (const [i, value] of free.entries()) {
          const j = unit.from + i;
          u[to + j] = (value - (mean[j] ?? 0)) / (sd[j] ?? 1);
        }
      }
      for (const [i, scale] of this.#scales.entries()) {
        u[to + this.k + i] = scale.forward(numbers[of + this.p + i] ?? Number.NaN);
      }
    }
    return u;
  }

  /** Numbers of variables: the inverse. */
  toNumbers(u: ArrayLike<number>): Float64Array {
    const rows = u.length / this.variables;
    const numbers = new Float64Array(rows * this.numbers);
    for (let row = 0; row < rows; row++) {
      const [of, to] = [row * this.variables, row * this.numbers];
      for (const unit of this.#units) {
        numbers.set(unit.bijection.forward(this.#free(u, of, unit)), to + unit.start);
      }
      for (const [i, scale] of this.#scales.entries()) {
        numbers[to + this.p + i] = scale.inverse(u[of + this.k + i] ?? Number.NaN);
      }
    }
    return numbers;
  }

  /**
   * log |∂(numbers)/∂u| of the numbers that are asked, at one row.
   *
   * @param numbers [p + n]
   * @param u their variables [k + n]
   * @param asked 1 for each of the variables that is, [k + n].
   */
  logSlope(numbers: Float64Array, u: Float64Array, asked: Uint8Array): number {
    let total = 0;
    for (const unit of this.#units) {
      if (asked[unit.from] !== 1) continue;
      total += unit.bijection.logJacobian(this.#free(u, 0, unit));
      for (let j = unit.from; j < unit.to; j++) total += Math.log(this.#moments.sd[j] ?? 1);
    }
    for (const [i, scale] of this.#scales.entries()) {
      if (asked[this.k + i] === 1) total += scale.logSlope(numbers[this.p + i] ?? Number.NaN);
    }
    return total;
  }

  /** A unit's parameters in unconstrained space, of a row of variables that begins at `of`. */
  #free(u: ArrayLike<number>, of: number, { from, to }: Unit): Float64Array {
    const { mean, sd } = this.#moments;
    return Float64Array.from(
      { length: to - from },
      (_, i) => (mean[from + i] ?? 0) + (sd[from + i] ?? 1) * (u[of + from + i] ?? Number.NaN),
    );
  }
}

/** Parameters by themselves wherever their prior's map is one of each by itself. */
function unitsOf(prior: Distribution, offset: readonly number[] | undefined): readonly Unit[] {
  const parts = prior.parts === undefined ? [prior] : flattened(prior.parts);
  const maps = parts.flatMap(({ bijection }) => {
    const { bounds } = bijection;
    if (bounds === undefined) return [bijection];
    return bounds.lower.map((lower, i) =>
      intervalBijection([lower], [bounds.upper[i] ?? Infinity]),
    );
  });
  let [start, from] = [0, 0];
  return maps.map((bijection) => {
    const [end, to] = [start + bijection.size, from + bijection.unconstrainedSize];
    const unit = { start, end, from, to, bijection: moved(bijection, offset?.slice(start, end)) };
    [start, from] = [end, to];
    return unit;
  });
}

/** The map of parameters on an offset. */
function moved(bijection: Bijection, offset: readonly number[] | undefined): Bijection {
  if (offset === undefined || offset.every((value) => value === 0)) return bijection;
  const shift = (values: ArrayLike<number>, sign: 1 | -1): Float64Array =>
    Float64Array.from(values, (value, i) => value + sign * (offset[i] ?? 0));
  return {
    ...bijection,
    forward: (u) => shift(bijection.forward(u), 1),
    inverse: (theta) => bijection.inverse(shift(theta, -1)),
  };
}

/** The maps of an array's numbers: those by which networks see them. */
function scalesOf(
  name: string,
  shape: readonly number[],
  { data }: Standardization,
): readonly Scale[] {
  const moments = data[name] ?? { mean: [0], sd: [1] };
  const all = (values: readonly number[] | undefined): Float64Array =>
    spread(values ?? [0], shape, moments.shape);
  const [offset, mean, sd] = [all(moments.offset), all(moments.mean), all(moments.sd)];
  const { tails } = moments;
  const [center, width] = [all(tails?.center), all(tails?.width)];
  const [middle, scale] = [all(tails?.mean), all(tails?.sd)];
  return Array.from({ length: sizeOf(shape) }, (_, i): Scale => {
    const off = offset[i] ?? 0;
    const w = width[i] ?? 0;
    if (!(w > 0)) return linear(off + (mean[i] ?? 0), sd[i] ?? 1);
    return mapped(off + (center[i] ?? 0), w, middle[i] ?? 0, scale[i] ?? 1);
  });
}

function linear(mean: number, sd: number): Scale {
  return {
    forward: (x) => (x - mean) / sd,
    inverse: (y) => mean + sd * y,
    logSlope: () => Math.log(sd),
  };
}

/** y = (asinh((x - center) / width) - mean) / sd. */
function mapped(center: number, width: number, mean: number, sd: number): Scale {
  return {
    forward: (x) => (Math.asinh((x - center) / width) - mean) / sd,
    inverse: (y) => center + width * Math.sinh(mean + sd * y),
    logSlope: (x) => Math.log(sd) + Math.log(Math.hypot(x - center, width)),
  };
}
