import { log, minimum, mul, sub, type Tensor } from "@amortis/graph";
import { requireSetting, type ScalarDistribution } from "./distribution.js";
import type { LinkOptions } from "./link.js";
import { scalarDistribution } from "./scalar.js";
import { link, linkOf, real, writtenAs } from "./written.js";

/**
 * Triangular: from zero at the bounds up to a mode, for experts who say the least, the likeliest and the most.
 *
 *     p(x) = 2 / (upper - lower) · min((x - lower) / (mode - lower), (upper - x) / (upper - mode))
 *
 * @param mode within the bounds, one of which it may be.
 * @throws InvalidArgumentError unless lower ≤ mode ≤ upper and lower < upper, all finite.
 * @example triangular(0, 2, 10)   // mean 4
 */
export function triangular(
  lower: number,
  mode: number,
  upper: number,
  options: LinkOptions<"logit"> = {},
): ScalarDistribution {
  const width = upper - lower;
  requireSetting(
    lower < upper && lower <= mode && mode <= upper && Number.isFinite(width),
    "triangular(lower, mode, upper)",
    "needs finite bounds with lower < upper, and the mode within",
    `${lower}, ${mode}, ${upper}`,
  );
  const [rise, fall] = [mode - lower, upper - mode];
  /** Distances from both bounds at p = 1 - q, neither as a difference. */
  const distances = (p: number, q: number): readonly [number, number] => {
    if (p * width < rise) {
      const below = Math.sqrt(p * width) * Math.sqrt(rise);
      return [below, width * ((fall + q * rise) / (width + below))];
    }
    const above = Math.sqrt(q * width) * Math.sqrt(fall);
    return [width * ((rise + p * fall) / (width + above)), above];
  };
  /** The slopes of both sides, the higher of which is not the density; one without breadth has none. */
  const slopes = [
    rise > 0 ? 2 / width / rise : Infinity,
    fall > 0 ? 2 / width / fall : Infinity,
  ] as const;
  const side = (distance: Tensor, slope: number): readonly Tensor[] =>
    slope < Infinity ? [mul(distance, slope)] : [];
  return scalarDistribution({
    name: "triangular",
    lower,
    upper,
    settings: { lower, mode, upper },
    options,
    scores: {
      kind: "curve",
      at: (p, q) => {
        const [below, above] = distances(p, q);
        return Math.log(below) - Math.log(above);
      },
      corner: {
        p: rise / width,
        slope: (p, q) => {
          const [below, above] = distances(p, q);
          return p * width < rise ? (1 + below / above) / (2 * p) : (1 + above / below) / (2 * q);
        },
      },
    },
    moments: () => [lower + (rise + width) / 3, (rise ** 2 + width ** 2 - rise * width) / 18],
    sample: (random) => {
      const p = random.positive();
      return lower + distances(p, 1 - p)[0];
    },
    logDensity: (x) =>
      x < mode || fall === 0
        ? Math.log((2 * ((x - lower) / rise)) / width)
        : Math.log((2 * ((upper - x) / fall)) / width),
    cdf: (x) =>
      x < mode
        ? ((x - lower) / width) * ((x - lower) / rise)
        : 1 - ((upper - x) / width) * ((upper - x) / fall),
    quantile: (p) => {
      const [below, above] = distances(p, 1 - p);
      return below < above ? lower + below : upper - above;
    },
    graphLogDensity: (x) =>
      log([...side(sub(x, lower), slopes[0]), ...side(sub(upper, x), slopes[1])].reduce(minimum)),
  });
}

triangular.written = writtenAs({ lower: real, mode: real, upper: real, link }, (data) =>
  triangular(data.lower, data.mode, data.upper, linkOf(data, "logit")),
);
