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
 * log-density of ending at one of the boundaries at a time; its integral over both and all times is one. It is what `logLikelihood` of a model of decisions needs, and what a
 * likelihood learned from its simulations is held against.
 *
 * @param time seconds since the process began, without the time that perceiving and responding take; the answer is -Infinity where it is not positive, or infinite.
 * @returns in nats per second, right to some units of the last place of the largest of its terms (v a w, v² t / 2, 2 log a, log f₁).
 * @throws InvalidArgumentError where the separation is not positive or the drift no number, the start not within (0, 1), or the boundary is neither of the two.
 * @example wienerLogDensity(0.6, "upper", { drift: 1, separation: 2, start: 0.5 })
 */
export function wienerLogDensity(
  time: number,
  boundary: "lower" | "upper",
  { drift, separation, start }: Diffusion,
): number {
  const lower = boundary === "lower";
  if (!lower && boundary !== "upper") {
    throw new InvalidArgumentError(
      `wienerLogDensity: a process ends at "lower" or "upper", and not at ${JSON.stringify(boundary)}`,
    );
  }
  if (!(Number.isFinite(separation * drift) && separation > 0 && start > 0 && start < 1)) {
    throw new InvalidArgumentError(
      `wienerLogDensity needs a finite separation above 0 and a start within (0, 1), but was given ${separation} and ${start}, with drift ${drift}`,
    );
  }
  if (!(time > 0 && time < Infinity)) return Number.isNaN(time) ? Number.NaN : -Infinity;
  // Shares of the separation that lie before and behind: neither is worked out of the other where it is the small one.
  const [v, w, rest] = lower ? [drift, start, 1 - start] : [-drift, 1 - start, start];
  const u = time / separation ** 2;
  const front = -v * separation * w - 0.5 * v * v * time - 2 * Math.log(separation);
  const few = Math.ceil(0.5 * (w + Math.sqrt(w * w + SMALL * u)));
  const many = Math.ceil(Math.sqrt(1 + SMALL / (Math.PI ** 2 * u)));
  const images = 2 * few + 1 <= many;
  return front + (images ? smallTime(u, w, rest, few) : largeTime(u, w, rest, many));
}

/**
 * log f₁ by images, less the exponent of the nearest. Images at c - r and -(c + r), with c = 2k + 1 and r = 1 - w, all but cancel where r is small, and are taken together:
 *
 *     (c - r) - (c + r) e⁻ˣ = -(c - r) (e⁻ˣ - 1) - 2r e⁻ˣ,     x = 2cr / u,
 *
 * whose second part is the smaller by a factor of u. c - r is 2k + w, where w may be small.
 */
function smallTime(u: number, w: number, rest: number, terms: number): number {
  let sum = 0;
  for (let k = terms; k >= 0; k--) {
    const lost = Math.expm1((-2 * (2 * k + 1) * rest) / u);
    sum -= ((2 * k + w) * lost + 2 * rest * (1 + lost)) * Math.exp((-2 * k * (k + w)) / u);
  }
  return Math.log(sum) - (w * w) / (2 * u) - 0.5 * Math.log(2 * Math.PI * u ** 3);
}

/** log f₁ by sines, less the exponent of the first. */
function largeTime(u: number, w: number, rest: number, terms: number): number {
  let sum = 0;
  for (let k = terms; k >= 1; k--) {
    // sin(kπ - x) = ± sin x, of the smaller of the two.
    const sine = w < rest ? Math.sin(k * Math.PI * w) : Math.sin(k * Math.PI * rest);
    const sign = w < rest || k % 2 === 1 ? 1 : -1;
    sum += sign * k * Math.exp(-0.5 * (k * k - 1) * Math.PI ** 2 * u) * sine;
  }
  return Math.log(Math.PI * sum) - 0.5 * Math.PI ** 2 * u;
}
