/**
 * Continuous distributions of one number, from their formulae.
 */
import type { Tensor } from "@amortis/graph";
import type { Stream } from "../random/index.js";
import {
  dropLast,
  isWithin,
  jsonNumber,
  requireLength,
  requireLevel,
  type ScalarDistribution,
  type Support,
} from "./distribution.js";
import type { Bijection } from "./bijection.js";
import { chooseLink, supportLink, type LinkOptions } from "./link.js";
import type { Scores } from "./normal-scores.js";
import { innerBounds } from "./rounding.js";

/** What a scalar distribution is made from. */
export interface ScalarSpec {
  readonly name: string;
  readonly lower: number;
  readonly upper: number;
  readonly settings: Readonly<Record<string, number | string>>;
  /** How it comes from a normal score. */
  readonly scores: Scores;
  readonly options: LinkOptions<string>;
  /** Links that it has beside those of all. */
  readonly otherLinks?: Readonly<Record<string, () => Bijection>>;
  /** Mean and variance; Infinity where they are not finite, NaN where there are none. */
  moments(): readonly [number, number];
  sample(random: Stream): number;
  /** Within the support only, bounds included. */
  logDensity(x: number): number;
  /** Strictly within the support only. */
  cdf(x: number): number;
  /** For 0 < p < 1 only. */
  quantile(p: number): number;
  graphLogDensity(x: Tensor): Tensor;
}

/** The kind of a support with these bounds, all of whose coordinates are continuous. */
export function kindOfSupport(lower: readonly number[], upper: readonly number[]): Support["kind"] {
  const bounds = [...lower, ...upper];
  if (bounds.every((bound) => !Number.isFinite(bound))) return "real";
  if (lower.every((lo) => lo === 0) && upper.every((hi) => hi === Infinity)) return "positive";
  return lower.length === 1 ? "interval" : "product";
}

/** A continuous distribution of one number, on an interval that may be unbounded. */
export function scalarDistribution(spec: ScalarSpec): ScalarDistribution {
  const { name, lower, upper } = spec;
  const link = chooseLink(name, spec.options, spec, spec.otherLinks);
  const settings =
    link.name === supportLink(lower, upper) ? spec.settings : { ...spec.settings, link: link.name };
  let bijection: Bijection | undefined;
  let moments: readonly [number, number] | undefined;
  const [least, greatest] = innerBounds(lower, upper, "float64");
  const contains = (value: ArrayLike<number>): boolean =>
    value.length === 1 && isWithin(value[0] ?? Number.NaN, lower, upper);
  return {
    name,
    shape: [],
    size: 1,
    support: { kind: kindOfSupport([lower], [upper]), lower: [lower], upper: [upper] },
    // Made when it is asked for: a curve takes some milliseconds.
    get bijection() {
      bijection ??= link.bijection();
      return bijection;
    },
    get mean() {
      moments ??= spec.moments();
      return moments[0];
    },
    get variance() {
      moments ??= spec.moments();
      return moments[1];
    },
    sample: (random) => Float64Array.of(Math.min(greatest, Math.max(least, spec.sample(random)))),
    contains,
    logDensity: (value) => {
      requireLength(name, value, 1);
      if (!contains(value)) return -Infinity;
      return spec.logDensity(Math.min(upper, Math.max(lower, value[0] ?? Number.NaN)));
    },
    // Rounding may say a little more than one.
    cdf: (x) => (x <= lower ? 0 : x >= upper ? 1 : Math.min(1, spec.cdf(x))),
    quantile: (p) => {
      requireLevel(name, p);
      if (p === 0) return lower;
      return p === 1 ? upper : Math.min(upper, Math.max(lower, spec.quantile(p)));
    },
    graph: { logDensity: (value) => spec.graphLogDensity(dropLast(value)) },
    toJSON: () => ({
      name,
      ...Object.fromEntries(
        Object.entries(settings).map(([key, x]) => [
          key,
          typeof x === "string" ? x : jsonNumber(x),
        ]),
      ),
    }),
  };
}
