import { UnsupportedError, type Tensor } from "@amortis/graph";
import type { Stream } from "../random/index.js";
import { intervalBijection, productBijection } from "./bijection.js";
import { requireSetting, type Distribution } from "./distribution.js";

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
  sample(random: Stream): number | ArrayLike<number>;
  /** Log-density within the support, up to a constant if no method needs more. */
  logDensity(value: ArrayLike<number>): number;
  /** The same in a graph: [..., size] to [...]. Only methods that differentiate the prior ask for it. */
  readonly graphLogDensity?: (value: Tensor) => Tensor;
}

/**
 * A distribution of your own: how to draw, its log-density, and its bounds.
 *
 * @throws InvalidArgumentError where the bounds do not fit the shape.
 * @example custom({ sample: (random) => random.exponential() ** 2, logDensity: ([x]) => ..., support: { lower: 0 } })
 */
export function custom<const S extends readonly number[] = readonly []>(
  spec: CustomSpec<S>,
): Distribution<S> {
  const { name = "custom", support = {}, graphLogDensity } = spec;
  // Without a shape S is its default, [].
  const shape = spec.shape ?? ([] as unknown as S);
  const size = shape.reduce((a, b) => a * b, 1);
  const bounds = (
    given: number | readonly number[] | undefined,
    otherwise: number,
  ): readonly number[] =>
    typeof given === "object" ? given : Array.from({ length: size }, () => given ?? otherwise);
  const lower = bounds(support.lower, -Infinity);
  const upper = bounds(support.upper, Infinity);
  const fits =
    lower.length === size && upper.length === size && lower.every((lo, i) => lo < (upper[i] ?? lo));
  requireSetting(
    fits,
    `custom distribution "${name}"`,
    `needs ${size} bounds with lower < upper`,
    `[${lower.join(", ")}], [${upper.join(", ")}]`,
  );
  const real = [...lower, ...upper].every((bound) => !Number.isFinite(bound));
  return {
    name,
    shape,
    size,
    support: { kind: real ? "real" : size === 1 ? "interval" : "product", lower, upper },
    bijection: productBijection(lower.map((lo, i) => intervalBijection(lo, upper[i] ?? Infinity))),
    sample: (random) => {
      const value = spec.sample(random);
      const draw = typeof value === "number" ? Float64Array.of(value) : Float64Array.from(value);
      requireSetting(
        draw.length === size,
        `custom distribution "${name}"`,
        `needs draws of ${size} numbers`,
        draw.length,
      );
      return draw;
    },
    logDensity: (value) => {
      const inside = Array.from(value).every(
        (x, i) => x >= (lower[i] ?? -Infinity) && x <= (upper[i] ?? Infinity),
      );
      return inside ? spec.logDensity(value) : -Infinity;
    },
    graph: {
      logDensity: (value) => {
        if (graphLogDensity !== undefined) return graphLogDensity(value);
        throw new UnsupportedError(
          `the distribution "${name}" has no graphLogDensity, which this method needs to differentiate the prior; pass one to custom({ ... })`,
        );
      },
    },
    toJSON: () => ({ name }),
  };
}
