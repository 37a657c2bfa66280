/**
 * First passages of a Wiener process between two boundaries: times and choices of diffusion models of decisions.
 *
 * A process of drift v and unit variance a second begins at w a, 0 < w < 1, and ends at 0 or at a. With u = t / a² the density of ending at 0 at time t is
 *
 *     f(t) = exp(-v a w - v² t / 2) f₁(u) / a²,
 *
 *     f₁(u) = (2π u³)^(-1/2) Σ_k (w + 2k) exp(-(w + 2k)² / (2u)) = π Σ_{k ≥ 1} k exp(-k² π² u / 2) sin(kπw),
 *
 * and that of ending at a follows by v → -v, w → 1 - w. The first sum needs few terms where u is small, the second where it is large: the one with fewer is taken, up to terms below 1e-16 of the largest, so that the
 * logarithm is right to double precision also where the density underflows.
 *
 * References: Feller 1968, chapter XIV; Navarro & Fuss 2009, "Fast and accurate calculations for first-passage times in Wiener diffusion models", for the choice.
 */
import { InvalidArgumentError } from "@amortis/graph";

/** A diffusion between two boundaries, of unit variance a second. */
export interface Diffusion {
  /** v, towards the upper boundary. */
  readonly drift: number;
  /** a > 0, from the lower boundary to the upper. */
  readonly separation: number;
  /** w, where it begins, as a share of the separation from the lower boundary; within (0, 1). */
  readonly start: number;
}

/** Twice the logarithm of what a term may be left out below, 1e-16. */
const SMALL = 74;

/**
 * log-density of ending at one of the boundaries at a time; its integral over both and all times is one.
 *
 * @param time seconds since the process began; -Infinity where it is not positive.
 * @throws InvalidArgumentError where the separation is not positive, or the start not within (0, 1).
 * @example wienerLogDensity(0.6, "upper", { drift: 1, separation: 2, start: 0.5 })
 */
export function wienerLogDensity(
  time: number,
  boundary: "lower" | "upper",
  { drift, separation, start }: Diffusion,
): number {
  if (!(separation > 0 && start > 0 && start < 1 && Number.isFinite(drift))) {
    throw new InvalidArgumentError(
      `wienerLogDensity needs a separation above 0 and a start within (0, 1), but was given ${separation} and ${start}, with drift ${drift}`,
    );
  }
  if (!(time > 0)) return Number.isNaN(time) ? Number.NaN : -Infinity;
  const [v, w] = boundary === "lower" ? [drift, start] : [-drift, 1 - start];
  const u = time / separation ** 2;
  const front = -v * separation * w - 0.5 * v * v * time - 2 * Math.log(separation);
  const few = Math.ceil(0.5 * (w + Math.sqrt(w * w + SMALL * u)));
  const many = Math.ceil(Math.sqrt(1 + SMALL / (Math.PI ** 2 * u)));
  return front + (2 * few + 1 <= many ? smallTime(u, w, few) : largeTime(u, w, many));
}

/** log f₁ by images, less the exponent of the nearest. */
function smallTime(u: number, w: number, terms: number): number {
  let sum = w;
  for (let k = 1; k <= terms; k++) {
    // (w ± 2k)² - w² = 4k (k ± w).
    sum +=
      (w + 2 * k) * Math.exp((-2 * k * (k + w)) / u) +
      (w - 2 * k) * Math.exp((-2 * k * (k - w)) / u);
  }
  return Math.log(sum) - (w * w) / (2 * u) - 0.5 * Math.log(2 * Math.PI * u ** 3);
}

/** log f₁ by sines, less the exponent of the first. */
function largeTime(u: number, w: number, terms: number): number {
  let sum = 0;
  for (let k = terms; k >= 1; k--) {
    sum += k * Math.exp(-0.5 * (k * k - 1) * Math.PI ** 2 * u) * Math.sin(k * Math.PI * w);
  }
  return Math.log(Math.PI * sum) - 0.5 * Math.PI ** 2 * u;
}
