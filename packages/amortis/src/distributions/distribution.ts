/**
 * What a distribution is: a prior that can be drawn from, evaluated in numbers and in graphs, and left for unconstrained space.
 */
import { InvalidArgumentError, reshape, type Tensor } from "@amortis/graph";
import type { Stream } from "../random/index.js";
import { intervalBijection, type Bijection } from "./bijection.js";

/** Where a distribution has mass: bounds of each coordinate, infinite where there is none. */
export interface Support {
  readonly kind: "real" | "positive" | "interval" | "simplex" | "discrete" | "product";
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/** Settings of a distribution as plain data. */
export type DistributionJson = {
  readonly name: string;
  readonly [key: string]: string | number | readonly number[] | readonly DistributionJson[];
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
  /** The map from unconstrained space onto the support. @throws UnsupportedError where there is none. */
  readonly bijection: Bijection;
  /** One draw. */
  sample(random: Stream): Float64Array;
  /** Log-density, or log-probability of a discrete value; -Infinity outside the support. */
  logDensity(value: ArrayLike<number>): number;
  /** The same in a graph, for values within the support. */
  readonly graph: {
    /** @param value [..., size] @returns [...] */
    logDensity(value: Tensor): Tensor;
  };
  toJSON(): DistributionJson;
}

/** A distribution of one number. */
export type ScalarDistribution = Distribution<readonly []>;
/** A distribution of a vector. */
export type VectorDistribution = Distribution<readonly [number]>;

/** What a scalar distribution is made from. */
export interface ScalarSpec {
  readonly name: string;
  readonly lower: number;
  readonly upper: number;
  readonly settings: Readonly<Record<string, number>>;
  sample(random: Stream): number;
  /** Within the support only. */
  logDensity(x: number): number;
  graphLogDensity(x: Tensor): Tensor;
}

/** A continuous distribution of one number, on an interval that may be unbounded. */
export function scalarDistribution(spec: ScalarSpec): ScalarDistribution {
  const { name, lower, upper, settings } = spec;
  const bounded = Number.isFinite(lower) && Number.isFinite(upper);
  const kind = bounded
    ? "interval"
    : Number.isFinite(lower) || Number.isFinite(upper)
      ? "positive"
      : "real";
  return {
    name,
    shape: [],
    size: 1,
    support: { kind, lower: [lower], upper: [upper] },
    bijection: intervalBijection(lower, upper),
    sample: (random) => Float64Array.of(spec.sample(random)),
    logDensity: (value) => {
      const x = value[0] ?? Number.NaN;
      return x >= lower && x <= upper ? spec.logDensity(x) : -Infinity;
    },
    graph: { logDensity: (value) => spec.graphLogDensity(dropLast(value)) },
    toJSON: () => ({ name, ...settings }),
  };
}

/** [..., 1] as [...]. */
export function dropLast(value: Tensor): Tensor {
  return reshape(value, value.shape.slice(0, -1));
}

/** @throws InvalidArgumentError where a setting does not hold. */
export function requireSetting(
  holds: boolean,
  distribution: string,
  expected: string,
  given: unknown,
): void {
  if (!holds) {
    throw new InvalidArgumentError(`${distribution}: ${expected}, but was given ${String(given)}`);
  }
}
