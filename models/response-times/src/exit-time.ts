/**
 * Exact draws of the time at which a Wiener process leaves a symmetric interval in whose middle it begins.
 *
 * With a drift z and a variance of one a second it leaves (-1, 1) at a time x of density
 *
 *     f(x) = cosh(z) exp(-z² x / 2) Σ_{n ≥ 0} (-1)ⁿ a_n(x),
 *
 *     a_n(x) = √(2/π) (2n + 1) x^(-3/2) exp(-(2n + 1)² / (2x)) = (π/2) (2n + 1) exp(-(2n + 1)² π² x / 8),
 *
 * by either end independently of x, upwards with probability 1 / (1 + exp(-2z)). Up to x = 0.64 terms of the first kind fall from n = 0 on, from there those of the second: partial sums bound the series from above and below
 * in turn, so that what is drawn of the first term, an inverse Gaussian before and an exponential after, is accepted or rejected after a finite number of them, without any error of truncation.
 *
 * References: Devroye 2009, "On exact simulation algorithms for some distributions related to Jacobi theta functions", Statistics & Probability Letters 79; with a drift Polson, Scott & Windle 2013,
 * arXiv 1205.0310, whose J*(1, z) this time is.
 */
import type { Stream } from "amortis";
import { logNormalTail, normalCdf } from "amortis/extend";

/** Where the first terms of both kinds are about equal. */
const SWITCH = 0.64;

/** A time of leaving (-1, 1), from 0, with a drift. */
export function exitTime(drift: number, random: Stream): number {
  const z = Math.abs(drift);
  const rate = Math.PI ** 2 / 8 + (z * z) / 2;
  // Masses of the first term before and after, both times exp(z).
  const before = 2 * inverseGaussianCdf(SWITCH, z);
  const after = (Math.PI / (2 * rate)) * Math.exp(z - rate * SWITCH);
  for (;;) {
    const isEarly = random.uniform() * (before + after) < before;
    const x = isEarly ? earlyTime(z, random) : SWITCH + random.exponential() / rate;
    if (isAccepted(x, random)) return x;
  }
}

/** Whether a draw of the first term is one of the series. */
function isAccepted(x: number, random: Stream): boolean {
  const scale = x < SWITCH ? 1 / (2 * x) : (Math.PI ** 2 * x) / 8;
  const level = random.uniform();
  let sum = 1;
  for (let n = 1; ; n++) {
    const odd = 2 * n + 1;
    const term = odd * Math.exp(-(odd * odd - 1) * scale);
    sum += n % 2 === 1 ? -term : term;
    if (n % 2 === 1 && level <= sum) return true;
    if (n % 2 === 0 && level > sum) return false;
  }
}

/** Distribution function of the inverse Gaussian of mean 1/z and shape one: of the first passage of 1 with a drift z, where that is 0 as well. */
function inverseGaussianCdf(x: number, z: number): number {
  const root = Math.sqrt(x);
  return normalCdf((x * z - 1) / root) + Math.exp(2 * z + logNormalTail((x * z + 1) / root));
}

/** A draw of that below SWITCH. */
function earlyTime(z: number, random: Stream): number {
  for (;;) {
    const x = z * SWITCH < 1 ? tiltedTime(z, random) : inverseGaussian(1 / z, random);
    if (x < SWITCH) return x;
  }
}

/** Without a drift it is 1 / χ², whose part below SWITCH has a sampler of its own; exp(-z² x / 2) is a rejection from there. */
function tiltedTime(z: number, random: Stream): number {
  for (;;) {
    const [e, f] = [random.exponential(), random.exponential()];
    if (e * e > (2 * f) / SWITCH) continue;
    const x = SWITCH / (1 + SWITCH * e) ** 2;
    if (random.uniform() <= Math.exp((-z * z * x) / 2)) return x;
  }
}

/** An inverse Gaussian of shape one (Michael, Schucany & Haas 1976). */
function inverseGaussian(mean: number, random: Stream): number {
  const y = mean * random.normal() ** 2;
  const x = mean * (1 + y / 2 - Math.sqrt(y + (y * y) / 4));
  return random.uniform() * (mean + x) <= mean ? x : (mean * mean) / x;
}
