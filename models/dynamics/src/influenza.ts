/**
 * An epidemic of influenza in a boarding school of 763 boys, 1978: susceptible, infected, recovered.
 *
 *     dS/dt = -β S I / N,      dI/dt = β S I / N - γ I,      y_t ~ negative binomial of mean I(t) and variance I(t) + I(t)² / φ,
 *
 * from one infected boy on the day before the first count. β ~ N(2, 1), γ ~ N(0.4, 0.5), both positive, and 1/φ ~ exponential(5), as in Grinsztajn et al. 2021,
 * "Bayesian workflow for disease transmission modeling in Stan", arXiv 2006.02985, section 2. R₀ = β / γ, and boys recover after 1 / γ days.
 *
 * Counts: British Medical Journal, 4 March 1978, p. 587, boys confined to bed each day from 22 January on; facts, free of copyright.
 */
import { defineModel, exponential, truncatedNormal } from "amortis";
import { logGamma, solveOde } from "amortis/extend";

/** Boys in the school. */
export const BOYS = 763;

/** Boys in bed, 22 January to 4 February 1978. */
export const inBed = [3, 8, 26, 76, 225, 298, 258, 233, 189, 128, 68, 29, 14, 4] as const;

/** Days of the counts, from the one of the first infection. */
const TIMES = Array.from({ length: inBed.length + 1 }, (_, t) => t);

/** Infected boys on each day of the counts. */
export function infected(beta: number, gamma: number): readonly number[] {
  const path = solveOde(
    (_, [s = 0, i = 0], out) => {
      const infections = (beta * s * i) / BOYS;
      out[0] = -infections;
      out[1] = infections - gamma * i;
    },
    [BOYS - 1, 1],
    TIMES,
  );
  return inBed.map((_, t) => Math.max(path[2 * (t + 1) + 1] ?? 0, 1e-6));
}

/** log P(y) of a negative binomial of a mean and a size φ. */
function logMass(y: number, mean: number, phi: number): number {
  const share = phi / (mean + phi);
  return (
    logGamma(y + phi) -
    logGamma(phi) -
    logGamma(y + 1) +
    phi * Math.log(share) +
    y * Math.log1p(-share)
  );
}

/** The model: two rates, 1/φ, and counts of fourteen days. */
export const influenza = defineModel({
  name: "influenza",
  parameters: {
    beta: truncatedNormal(2, 1, 0, Infinity),
    gamma: truncatedNormal(0.4, 0.5, 0, Infinity),
    dispersion: exponential(5),
  },
  data: { y: [inBed.length] },
  simulate: ({ beta, gamma, dispersion }, random) => {
    const phi = 1 / Math.max(dispersion, 1e-6);
    const y = infected(beta, gamma).map((mean) => random.poisson((mean * random.gamma(phi)) / phi));
    return { y };
  },
  logLikelihood: ({ beta, gamma, dispersion }, { y }) => {
    const phi = 1 / Math.max(dispersion, 1e-6);
    const means = infected(beta, gamma);
    return means.reduce((total, mean, t) => total + logMass(y[t] ?? 0, mean, phi), 0);
  },
  module: import.meta.url,
});
