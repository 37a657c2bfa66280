/**
 * Targets of samplers: unnormalised log densities of many data sets, perhaps with gradients, as chains see them in unconstrained space.
 *
 * Chains walk in u with θ = g(u), whose density has the Jacobian: log p(θ | Z) + log |dθ/du|.
 */
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import type { Bijection } from "../distributions/index.js";
import { pullBackOf, type PullBack } from "./pull-back.js";
import { targetCalls } from "./target-calls.js";

/** Unnormalised log posterior densities of many data sets. */
export interface LogTarget {
  /** Number of data sets. */
  readonly size: number;
  /** Number of flat parameters p. */
  readonly dimension: number;
  /** theta [end - start, each, p] in the parameters' own units to [end - start, each]; -Infinity outside the support. */
  logDensity(theta: Float64Array, start: number, end: number): Promise<Float64Array> | Float64Array;
  /** The same with gradients in the parameters, where there are any: what Hamiltonian samplers need. */
  valueAndGradient?(
    theta: Float64Array,
    start: number,
    end: number,
  ): Promise<ValueAndGradient> | ValueAndGradient;
}

/** Log densities and their gradients. */
export interface ValueAndGradient {
  /** [end - start, each]. */
  readonly value: Float64Array;
  /** [end - start, each, p]. */
  readonly gradient: Float64Array;
}

/** Where chains are, and what the target says there. */
export interface Points {
  /** u, [chains, k]. */
  readonly position: Float64Array;
  /** θ, [chains, p]. */
  readonly parameters: Float64Array;
  /** log p(θ | Z) + log |dθ/du| + constant, [chains]. */
  readonly logDensity: Float64Array;
}

/** Points with the gradient of the log density in u. */
export interface SlopedPoints extends Points {
  /** [chains, k]. */
  readonly gradient: Float64Array;
}

/** The unconstrained space of a target, with so many chains for each data set. */
export class ChainSpace {
  /** Data sets, chains for each, and of all of them. */
  readonly size: number;
  readonly chains: number;
  readonly count: number;
  /** Axes of unconstrained space, and parameters. */
  readonly k: number;
  readonly p: number;
  readonly #target: LogTarget;
  readonly #bijection: Bijection;
  #pullBack: PullBack | undefined;

  /** @throws InvalidArgumentError where the bijection gives another number of parameters than the target takes. */
  constructor(target: LogTarget, bijection: Bijection, chains: number) {
    if (bijection.size !== target.dimension) {
      throw new InvalidArgumentError(
        `the target has ${target.dimension} parameters, but the bijection was given for ${bijection.size}`,
      );
    }
    this.size = target.size;
    this.chains = chains;
    this.count = target.size * chains;
    this.k = bijection.unconstrainedSize;
    this.p = target.dimension;
    this.#target = target;
    this.#bijection = bijection;
  }

  /** Parameters [n, p] in unconstrained space, [n, k]. */
  toPosition(parameters: Float64Array): Float64Array {
    return eachRow(parameters, this.p, this.k, (theta) => this.#bijection.inverse(theta));
  }

  /**
   * What the target says at positions [n, k].
   *
   * @param chains whose they are, ascending; by default all of them, in their order.
   */
  async at(position: Float64Array, chains?: Uint32Array): Promise<Points> {
    const parameters = this.#toParameters(position);
    if (chains === undefined || chains.length === this.count) {
      const logDensity = await this.#target.logDensity(parameters, 0, this.size);
      return this.#withJacobian({ position, parameters, logDensity });
    }
    const logDensity = new Float64Array(chains.length);
    for (const { start, end, theta, rows, places } of targetCalls(parameters, chains, this)) {
      const found = await this.#target.logDensity(theta, start, end);
      for (const [i, row] of rows.entries()) logDensity[row] = found[places[i] ?? 0] ?? NaN;
    }
    return this.#withJacobian({ position, parameters, logDensity });
  }

  /**
   * The same with gradients, taken back through the bijection.
   *
   * @throws UnsupportedError where the target has none.
   */
  async slopeAt(position: Float64Array, chains?: Uint32Array): Promise<SlopedPoints> {
    const parameters = this.#toParameters(position);
    const { value, gradient } = await this.#slopes(parameters, chains);
    const { k, p } = this;
    this.#pullBack ??= pullBackOf(this.#bijection);
    const pulled = new Float64Array(position.length);
    for (let i = 0; i < value.length; i++) {
      this.#pullBack(
        position.subarray(i * k, (i + 1) * k),
        gradient.subarray(i * p, (i + 1) * p),
        pulled.subarray(i * k, (i + 1) * k),
      );
    }
    const points = this.#withJacobian({ position, parameters, logDensity: value });
    return { ...points, gradient: pulled };
  }

  /** Values and gradients in the parameters, [n] and [n, p]. */
  async #slopes(parameters: Float64Array, chains: Uint32Array | undefined) {
    const target = this.#target;
    if (target.valueAndGradient === undefined) {
      throw new UnsupportedError(
        "this sampler needs a target with gradients: give it valueAndGradient, or take a sampler that needs none, randomWalk() or sliceSampler()",
      );
    }
    if (chains === undefined || chains.length === this.count) {
      return target.valueAndGradient(parameters, 0, this.size);
    }
    const { p } = this;
    const all = {
      value: new Float64Array(chains.length),
      gradient: new Float64Array(chains.length * p),
    };
    for (const { start, end, theta, rows, places } of targetCalls(parameters, chains, this)) {
      const { value, gradient } = await target.valueAndGradient(theta, start, end);
      for (const [i, row] of rows.entries()) {
        const place = places[i] ?? 0;
        all.value[row] = value[place] ?? NaN;
        all.gradient.set(gradient.subarray(place * p, (place + 1) * p), row * p);
      }
    }
    return all;
  }

  /** log |dθ/du| at u, [k]. */
  logJacobian(u: Float64Array): number {
    return this.#bijection.logJacobian(u);
  }

  #toParameters(position: Float64Array): Float64Array {
    return eachRow(position, this.k, this.p, (u) => this.#bijection.forward(u));
  }

  /** Adds log |dθ/du| to the log density, in place. */
  #withJacobian(points: Points): Points {
    const { position, logDensity } = points;
    for (const [i, value] of logDensity.entries()) {
      const u = position.subarray(i * this.k, (i + 1) * this.k);
      logDensity[i] = value + this.#bijection.logJacobian(u);
    }
    return points;
  }
}

function eachRow(
  values: Float64Array,
  from: number,
  to: number,
  map: (row: Float64Array) => Float64Array,
): Float64Array {
  const count = values.length / from;
  const result = new Float64Array(count * to);
  for (let i = 0; i < count; i++) {
    result.set(map(values.subarray(i * from, (i + 1) * from)), i * to);
  }
  return result;
}
