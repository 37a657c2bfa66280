/**
 * Poisson and binomial draws: by inversion where the mean is small, by transformed rejection (Hörmann 1993) where it is large.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { binomialLogMass, poissonLogMass } from "../math/saddle-point.js";
import type { Source } from "./gamma.js";

const SMALL_MEAN = 10;

/** A Poisson draw. */
export function poisson(random: Source, mean: number): number {
  if (!(mean >= 0 && Number.isFinite(mean))) {
    throw new InvalidArgumentError(
      `the mean of a Poisson distribution must be at least 0 and finite, but ${mean} was given`,
    );
  }
  return mean < SMALL_MEAN ? poissonByInversion(random, mean) : poissonByRejection(random, mean);
}

function poissonByInversion(random: Source, mean: number): number {
  const limit = Math.exp(-mean);
  let product = random.uniform();
  let k = 0;
  while (product > limit) {
    product *= random.uniform();
    k++;
  }
  return k;
}

/** PTRS (Hörmann 1993, "The transformed rejection method for generating Poisson random variables"). */
function poissonByRejection(random: Source, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const vr = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random.uniform() - 0.5;
    const v = random.positive();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const accept = Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (us * us) + b);
    if (accept <= poissonLogMass(k, mean)) return k;
  }
}

/** A binomial draw. */
export function binomial(random: Source, n: number, p: number): number {
  if (!Number.isInteger(n) || n < 0) {
    throw new InvalidArgumentError(
      `the number of binomial trials must be whole and at least 0, but ${n} was given`,
    );
  }
  if (!(p >= 0 && p <= 1)) {
    throw new InvalidArgumentError(`a probability must lie within [0, 1], but ${p} was given`);
  }
  if (p > 0.5) return n - binomial(random, n, 1 - p);
  if (n === 0 || p === 0) return 0;
  return n * p < SMALL_MEAN ? binomialByInversion(random, n, p) : binomialByRejection(random, n, p);
}

/** Waiting times between successes are geometric (Devroye 1986, chapter X.4.3). */
function binomialByInversion(random: Source, n: number, p: number): number {
  const logFailure = Math.log1p(-p);
  let trials = 0;
  let successes = -1;
  while (trials <= n) {
    trials += Math.floor(Math.log(random.positive()) / logFailure) + 1;
    successes++;
  }
  return successes;
}

/** BTRS (Hörmann 1993, "The generation of binomial random variates"). */
function binomialByRejection(random: Source, n: number, p: number): number {
  const sd = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * sd;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const centre = n * p + 0.5;
  const vr = 0.92 - 4.2 / b;
  const alpha = (2.83 + 5.1 / b) * sd;
  const highest = binomialLogMass(Math.floor((n + 1) * p), n, p);
  for (;;) {
    const u = random.uniform() - 0.5;
    const v = random.positive();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + centre);
    if (k < 0 || k > n) continue;
    if (us >= 0.07 && v <= vr) return k;
    const accept = Math.log((v * alpha) / (a / (us * us) + b));
    if (accept <= binomialLogMass(k, n, p) - highest) return k;
  }
}
