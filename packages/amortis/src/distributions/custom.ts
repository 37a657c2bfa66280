import { UnsupportedError, type Tensor } from "@amortis/graph";
import type { Stream } from "../random/index.js";
import { isWithin, requireLength, requireSetting, type Distribution } from "./distribution.js";
import { intervalBijection } from "./interval-bijection.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import { kindOfSupport } from "./scalar.js";

/** A distribution of your own. */
export interface CustomSpec<S extends readonly number[]> {
  readonly name?: string;
  /** [] for a number (the default), [d] for a vector. */
  readonly shape?: S;
  /** Bounds of each coordinate; one number holds for all. Infinite by default. */
  readonly support?: {
    readonly lower?: number | readonly number[];
    readonly upper?: number | readonly number[];
  };
  /** One draw, within the support. */
  sample(random: Stream): number | ArrayLike<number>;
  /** Log-density within the support, up to a constant if no method needs more. */
  logDensity(value: ArrayLike<number>): number;
  /** The same in a graph: [..., size] to [...]. Only methods that differentiate the prior ask for it. */
  readonly graphLogDensity?: (value: Tensor) => Tensor;
}

const KNOWN: KnownOptions<CustomSpec<readonly number[]>> = {
  name: true,
  shape: true,
  support: true,
  sample: true,
  logDensity: true,
  graphLogDensity: true,
};

/**
 * A distribution of your own: how to draw, its log-density, and its bounds.
 *
 * It is code, so files cannot hold it: `toJSON` gives its name, and `distributionFromJSON` refuses it.
 *
 * @throws InvalidArgumentError where the bounds do not fit the shape; and when drawing, where a draw does not fit them.
 * @example
 * custom({
 *   sample: (random) => random.exponential() ** 2,
 *   logDensity: (value) => -Math.sqrt(value[0] ?? 0) - 0.5 * Math.log(value[0] ?? 0) - Math.LN2,
 *   support: { lower: 0 },
 * });
 */
export function custom<const S extends readonly number[] = readonly []>(
  spec: CustomSpec<S>,
): Distribution<S> {
  const { name = "custom", support = {}, graphLogDensity } = spec;
  const what = `custom distribution "${name}"`;
  requireKnown(what, spec, KNOWN);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without a shape S is its default, []
  const shape = spec.shape ?? ([] as unknown as S);
  requireSetting(
    shape.length <= 1 && shape.every((dim) => Number.isInteger(dim) && dim > 0),
    what,
    "needs a shape [] or [d]",
    shape,
  );
  const size = shape[0] ?? 1;
  const bounds = (given: number | readonly number[] = []): readonly number[] =>
    typeof given === "number" ? Array.from({ length: size }, () => given) : [...given];
  const lower = bounds(support.lower ?? -Infinity);
  const upper = bounds(support.upper ?? Infinity);
  requireSetting(
    lower.length === size &&
      upper.length === size &&
      lower.every((lo, i) => lo < (upper[i] ?? lo) && lo < Infinity),
    what,
    `needs ${size} lower and upper bounds with lower < upper`,
    [lower, upper],
  );
  const contains = (value: ArrayLike<number>): boolean =>
    value.length === size &&
    Array.from(value).every((x, i) => isWithin(x, lower[i] ?? -Infinity, upper[i] ?? Infinity));
  return {
    name,
    shape,
    size,
    support: { kind: kindOfSupport(lower, upper), lower, upper },
    bijection: intervalBijection(lower, upper),
    sample: (random) => {
      const value = spec.sample(random);
      const draw = typeof value === "number" ? Float64Array.of(value) : Float64Array.from(value);
      requireSetting(draw.length === size, what, `needs draws of ${size} numbers`, draw.length);
      requireSetting(contains(draw), what, "needs draws within its support", [...draw]);
      return draw;
    },
    contains,
    logDensity: (value) => {
      requireLength(what, value, size);
      return contains(value) ? spec.logDensity(value) : -Infinity;
    },
    graph: {
      logDensity: (value) => {
        if (graphLogDensity !== undefined) return graphLogDensity(value);
        throw new UnsupportedError(
          `the distribution "${name}" has no graphLogDensity, which this method needs to differentiate the prior; pass one to custom({ ... })`,
        );
      },
    },
    toJSON: () => ({ name: "custom", label: name }),
  };
}
