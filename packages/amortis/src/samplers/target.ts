/**
 * Targets of samplers: unnormalised log densities of many data sets, perhaps with gradients, as chains see them in unconstrained space.
 *
 * Chains walk in u with θ = g(u), whose density has the Jacobian: log p(θ | Z) + log |dθ/du|.
 */
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import type { Bijection } from "../distributions/index.js";
import { rowMaps, type RowMaps } from "./row-maps.js";
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
  readonly #maps: RowMaps;

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
    this.#maps = rowMaps(bijection);
  }

  /** Parameters [n, p] in unconstrained space, [n, k]. */
  toPosition(parameters: Float64Array): Float64Array {
    const { k, p } = this;
    const position = new Float64Array((parameters.length / p) * k);
    for (let i = 0; i * p < parameters.length; i++) {
      position.set(this.#bijection.inverse(parameters.subarray(i * p, (i + 1) * p)), i * k);
    }
    return position;
  }

  /**
   * What the target says at positions [n, k]; at once, where the target does.
   *
   * @param chains whose they are, ascending; by default all of them, in their order.
   */
  at(position: Float64Array, chains?: Uint32Array): Points | Promise<Points> {
    const parameters = this.#maps.toParameters(position);
    const found = this.#densities(parameters, chains);
    const points = (logDensity: Float64Array): Points => {
      this.#maps.addJacobian(position, logDensity);
      return { position, parameters, logDensity };
    };
    return found instanceof Promise ? found.then(points) : points(found);
  }

  /**
   * The same with gradients, taken back through the bijection.
   *
   * @throws UnsupportedError where the target has none.
   */
  slopeAt(position: Float64Array, chains?: Uint32Array): SlopedPoints | Promise<SlopedPoints> {
    const parameters = this.#maps.toParameters(position);
    const found = this.#slopes(parameters, chains);
    const points = ({ value, gradient }: ValueAndGradient): SlopedPoints => {
      this.#maps.addJacobian(position, value);
      const pulled = this.#maps.pullBack(position, gradient);
      return { position, parameters, logDensity: value, gradient: pulled };
    };
    return found instanceof Promise ? found.then(points) : points(found);
  }

  /** Log densities of parameters [n, p]. */
  #densities(parameters: Float64Array, chains: Uint32Array | undefined) {
    return chains === undefined || this.#isOneCall(chains)
      ? this.#target.logDensity(parameters, 0, this.size)
      : this.#someDensities(parameters, chains);
  }

  async #someDensities(parameters: Float64Array, chains: Uint32Array) {
    const logDensity = new Float64Array(chains.length);
    for (const { start, end, theta, rows, places } of targetCalls(parameters, chains, this)) {
      const found = await this.#target.logDensity(theta, start, end);
      for (const [i, row] of rows.entries()) logDensity[row] = found[places[i] ?? 0] ?? NaN;
    }
    return logDensity;
  }

  /** Values and gradients in the parameters, [n] and [n, p]. */
  #slopes(parameters: Float64Array, chains: Uint32Array | undefined) {
    const target = this.#target;
    if (target.valueAndGradient === undefined) {
      throw new UnsupportedError(
        "this sampler needs a target with gradients: give it valueAndGradient, or take a sampler that needs none, randomWalk() or sliceSampler()",
      );
    }
    return chains === undefined || this.#isOneCall(chains)
      ? target.valueAndGradient(parameters, 0, this.size)
      : this.#someSlopes(parameters, chains);
  }

  async #someSlopes(parameters: Float64Array, chains: Uint32Array): Promise<ValueAndGradient> {
    const { p } = this;
    const all = {
      value: new Float64Array(chains.length),
      gradient: new Float64Array(chains.length * p),
    };
    for (const { start, end, theta, rows, places } of targetCalls(parameters, chains, this)) {
      const found = await this.#target.valueAndGradient?.(theta, start, end);
      for (const [i, row] of rows.entries()) {
        const place = places[i] ?? 0;
        all.value[row] = found?.value[place] ?? NaN;
        all.gradient.set(found?.gradient.subarray(place * p, (place + 1) * p) ?? [], row * p);
      }
    }
    return all;
  }

  /** Whether the rows of these chains, one each, are those of one call of the target. */
  #isOneCall(chains: Uint32Array): boolean {
    return chains.length === this.count || this.size === 1;
  }

  /** log |dθ/du| at u, [k]. */
  logJacobian(u: Float64Array): number {
    return this.#bijection.logJacobian(u);
  }
}
