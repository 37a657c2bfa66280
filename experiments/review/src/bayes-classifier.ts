/**
 * The Bayes classifier of the third experiment: Z | θ ~ N(θ, θ²), θ ~ U(0, 1).
 *
 * Between draws of the joint and of the product of the marginals, half each, the probability of the joint is
 *
 *     c*(Z, θ) = p(Z | θ) / (p(Z | θ) + p(Z)),    p(Z) = ∫₀¹ N(Z; θ, θ²) dθ.
 *
 * With θ = exp(-t) the integral is ∫₀^∞ φ(Z exp(t) - 1) dt: it falls faster than any exponential once exp(-t) is far below |Z|, and grows without
 * bound as Z → 0.
 */
import { defineModel, InvalidArgumentError, uniform } from "amortis";

/** The model of the third experiment. */
export const scaledNormal = defineModel({
  name: "scaled-normal",
  parameters: { theta: uniform(0, 1) },
  data: { z: [1] },
  simulate: ({ theta }, random) => ({ z: [theta * (1 + random.normal())] }),
});

/** log p(Z | θ). */
export function logLikelihood(z: number, theta: number): number {
  return -0.5 * ((z - theta) / theta) ** 2 - Math.log(theta) - 0.5 * Math.log(2 * Math.PI);
}

/** Intervals of Simpson's rule. */
const INTERVALS = 2_000;
/** |Z| / θ from which on the integrand is below 1e-26. */
const FAR = 12;

/**
 * log p(Z), by Simpson's rule.
 *
 * @param z not zero, where p(Z) is infinite.
 */
export function logEvidence(z: number): number {
  if (z === 0) throw new InvalidArgumentError("p(Z) is infinite at Z = 0");
  // From t = 0 until Z exp(t) is far out; where it is from the start, over a stretch in which the integrand falls away.
  const end = Math.max(Math.log(FAR / Math.abs(z)), 1 / Math.abs(z));
  const step = end / INTERVALS;
  const exponent = (t: number): number => -0.5 * (z * Math.exp(t) - 1) ** 2;
  const terms = Float64Array.from({ length: INTERVALS + 1 }, (_, i) => exponent(i * step));
  const largest = terms.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (const [i, term] of terms.entries()) {
    const weight = i === 0 || i === INTERVALS ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(term - largest);
  }
  return largest + Math.log((sum * step) / 3) - 0.5 * Math.log(2 * Math.PI);
}

/** log p(Z | θ) / p(Z): the logit of the Bayes classifier. */
export function logRatioExact(z: number, theta: number): number {
  return logLikelihood(z, theta) - logEvidence(z);
}

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
