/**
 * Targets of samplers: unnormalised log densities of many data sets, perhaps with gradients, as chains see them in unconstrained space.
 *
 * Chains walk in u with θ = g(u), whose density has the Jacobian: log p(θ | Z) + log |dθ/du|.
 */
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import type { Bijection } from "../distributions/index.js";

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

/** Step of central differences, of a coordinate in unconstrained space, whose scale is one. */
const STEP = 1e-5;

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

  /** Parameters [chains, p] in unconstrained space, [chains, k]. */
  toPosition(parameters: Float64Array): Float64Array {
    return this.#eachRow(parameters, this.p, this.k, (theta) => this.#bijection.inverse(theta));
  }

  /** What the target says at positions [chains, k]. */
  async at(position: Float64Array): Promise<Points> {
    const parameters = this.#toParameters(position);
    const logDensity = await this.#target.logDensity(parameters, 0, this.size);
    this.#addJacobian(logDensity, position);
    return { position, parameters, logDensity };
  }

  /**
   * The same with gradients: those of the target are taken back through the bijection, whose derivatives are central differences on the host. What they err
   * by, some 1e-9, costs a Hamiltonian sampler nothing but acceptance.
   *
   * @throws UnsupportedError where the target has none.
   */
  async slopeAt(position: Float64Array): Promise<SlopedPoints> {
    if (this.#target.valueAndGradient === undefined) {
      throw new UnsupportedError(
        "this sampler needs a target with gradients: give it valueAndGradient, or use metropolis",
      );
    }
    const parameters = this.#toParameters(position);
    const { value, gradient } = await this.#target.valueAndGradient(parameters, 0, this.size);
    this.#addJacobian(value, position);
    const pulled = new Float64Array(position.length);
    for (let i = 0; i < this.count; i++) {
      const slope = gradient.subarray(i * this.p, (i + 1) * this.p);
      pulled.set(this.#pullBack(position.slice(i * this.k, (i + 1) * this.k), slope), i * this.k);
    }
    return { position, parameters, logDensity: value, gradient: pulled };
  }

  #toParameters(position: Float64Array): Float64Array {
    return this.#eachRow(position, this.k, this.p, (u) => this.#bijection.forward(u));
  }

  #addJacobian(logDensity: Float64Array, position: Float64Array): void {
    for (let i = 0; i < this.count; i++) {
      const u = position.subarray(i * this.k, (i + 1) * this.k);
      logDensity[i] = (logDensity[i] ?? Number.NaN) + this.#bijection.logJacobian(u);
    }
  }

  /** d/du of what has the gradient `slope` in θ, and of log |dθ/du|. */
  #pullBack(u: Float64Array, slope: Float64Array): Float64Array {
    return u.map((value, j) => {
      const at = (sign: number): Float64Array => u.with(j, value + sign * STEP);
      const [above, below] = [at(1), at(-1)];
      const [up, down] = [this.#bijection.forward(above), this.#bijection.forward(below)];
      const alongTheta = slope.reduce(
        (sum, s, i) => (up[i] === down[i] ? sum : sum + s * ((up[i] ?? 0) - (down[i] ?? 0))),
        0,
      );
      const jacobian = this.#bijection.logJacobian(above) - this.#bijection.logJacobian(below);
      return (alongTheta + jacobian) / (2 * STEP);
    });
  }

  #eachRow(
    values: Float64Array,
    from: number,
    to: number,
    map: (row: Float64Array) => Float64Array,
  ): Float64Array {
    const result = new Float64Array(this.count * to);
    for (let i = 0; i < this.count; i++) {
      result.set(map(values.subarray(i * from, (i + 1) * from)), i * to);
    }
    return result;
  }
}
