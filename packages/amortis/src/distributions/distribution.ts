/**
 * What a distribution is: a prior that can be drawn from, evaluated in numbers and in graphs, and left for unconstrained space.
 */
import { InvalidArgumentError, squeeze, type Tensor } from "@amortis/graph";
import type { Stream } from "../random/index.js";
import type { Bijection } from "./bijection.js";

/** Where a distribution has mass: bounds of each coordinate, which belong to it where they are finite. */
export interface Support {
  readonly kind:
    | "real"
    | "positive"
    | "interval"
    | "simplex"
    | "discrete"
    | "product"
    /** Part of a box that bounds do not describe: increasing vectors, covariances, correlations. */
    | "region"
    | "dependent";
  /** -Infinity where there is no bound. */
  readonly lower: readonly number[];
  /** Infinity where there is no bound. */
  readonly upper: readonly number[];
  /** Where a coordinate is discrete: the values it can take, increasing. Absent where none is. */
  readonly values?: readonly (readonly number[] | undefined)[];
}

/** Settings of a distribution as plain data, ready for JSON: infinite numbers are the texts "Infinity" and "-Infinity". */
export type DistributionJson = {
  readonly name: string;
  readonly [key: string]:
    | string
    | number
    | readonly number[]
    | readonly string[]
    | readonly DistributionJson[];
};

/**
 * A distribution of a scalar (shape []) or a vector (shape [d]).
 *
 * Values are flat arrays of `size` numbers everywhere; a scalar is an array of one.
 */
export interface Distribution<S extends readonly number[] = readonly number[]> {
  readonly name: string;
  readonly shape: S;
  readonly size: number;
  readonly support: Support;
  /** Of a product: what it is made of, in their order. */
  readonly parts?: readonly Distribution[];
  /** Of a categorical one: what the numbers 0, 1, ... mean. */
  readonly labels?: readonly string[];
  /** Of one that may be exactly zero: the distribution where it is not. */
  readonly slab?: ScalarDistribution;
  /** The map from unconstrained space onto the support. @throws UnsupportedError where there is none. */
  readonly bijection: Bijection;
  /** One draw; of continuous coordinates strictly within their bounds. */
  sample(random: Stream): Float64Array;
  /**
   * Whether a value lies in the support, bounds included; also by what the bounds are in single precision, in which draws are kept.
   *
   * @param value [size]; one of another length does not.
   */
  contains(value: ArrayLike<number>): boolean;
  /**
   * Log-density, or log-probability of a discrete value; at a bound its limit from inside, and -Infinity outside the support.
   *
   * @throws InvalidArgumentError where the value has another length than `size`.
   */
  logDensity(value: ArrayLike<number>): number;
  /** The same in a graph, for values within the support. */
  readonly graph: {
    /** @param value [..., size] @returns [...] */
    logDensity(value: Tensor): Tensor;
  };
  toJSON(): DistributionJson;
}

/** A distribution of one number. */
export interface ScalarDistribution extends Distribution<readonly []> {
  /** Infinite where the tails are too heavy for it to be finite, NaN where they are too heavy on both sides. */
  readonly mean: number;
  /** Likewise; NaN where there is no finite mean. */
  readonly variance: number;
  /** P(X ≤ x). */
  cdf(x: number): number;
  /**
   * The least x with P(X ≤ x) ≥ p.
   *
   * @throws InvalidArgumentError unless p is within [0, 1].
   */
  quantile(p: number): number;
}

/** Whether a distribution is of one number, with quantiles. */
export function isScalar(distribution: Distribution): distribution is ScalarDistribution {
  return "cdf" in distribution && "quantile" in distribution;
}

/** A distribution of a vector. */
export type VectorDistribution = Distribution<readonly [number]>;

/** [..., 1] as [...]. */
export function dropLast(value: Tensor): Tensor {
  return squeeze(value, [-1]);
}

/** What an error message shows: text as it is, numbers, or arrays of them. */
type Shown = string | number | readonly Shown[];

function show(given: Shown): string {
  return typeof given === "object" ? `[${given.map(show).join(", ")}]` : String(given);
}

/** @throws InvalidArgumentError where a setting does not hold. */
export function requireSetting(
  holds: boolean,
  distribution: string,
  expected: string,
  given: Shown,
): void {
  if (!holds) {
    const shown = show(given);
    const short = shown.length > 200 ? `${shown.slice(0, 200)} ...` : shown;
    throw new InvalidArgumentError(`${distribution}: ${expected}, but was given ${short}`);
  }
}

/** @throws InvalidArgumentError where a value has not as many numbers as the distribution. */
export function requireLength(distribution: string, value: ArrayLike<number>, size: number): void {
  requireSetting(
    value.length === size,
    `${distribution}: logDensity(value)`,
    `needs ${size === 1 ? "an array of one number" : `${size} numbers`}`,
    value.length,
  );
}

/** @throws InvalidArgumentError unless p is a probability. */
export function requireLevel(distribution: string, p: number): void {
  requireSetting(
    p >= 0 && p <= 1,
    `${distribution}: quantile(p)`,
    "needs a probability within [0, 1]",
    p,
  );
}

/** Whether a number lies within bounds, themselves and what they are in single precision included. */
export function isWithin(x: number, lower: number, upper: number): boolean {
  return (
    x >= Math.min(lower, Math.fround(lower)) &&
    x <= Math.max(upper, Math.fround(upper)) &&
    Number.isFinite(x)
  );
}

/** Whether a setting such as a scale or a shape is positive and finite. */
export function isPositive(x: number): boolean {
  return x > 0 && x < Infinity;
}

/** Whether a number can be a shape of a gamma or beta distribution: logarithms of draws of smaller ones overflow, and of larger ones nothing can be told from a single value. */
export function isShape(x: number): boolean {
  return x >= 1e-300 && x <= 1e100;
}

/** A number for JSON, which has no infinite ones. */
export function jsonNumber(x: number): number | string {
  return Number.isFinite(x) ? x : String(x);
}
