/**
 * sir: an epidemic, of which a thousand people are tested on ten days.
 *
 *   β ~ LogNormal(log 0.4, 0.5),   γ ~ LogNormal(log 0.125, 0.2)
 *   S' = -βSI/N,   I' = βSI/N - γI,   N = 1,000,000,   I(0) = 1,   S(0) = N - 1
 *   x_i | β, γ ~ Binomial(1000, I(t_i)/N),   t = 0, 17, ..., 153 days
 *
 * Those who have recovered, R = N - S - I, need no equation. Reference: Lueckmann et al. (2021), arXiv 2101.04653, T.9.
 */
import { defineModel, logNormal } from "amortis";
import { binomialLogMass, solveOde } from "amortis/extend";

const PEOPLE = 1_000_000;
const TESTED = 1_000;
const TIMES = Float64Array.from({ length: 10 }, (_, i) => 17 * i);

/**
 * I, the number of people infected on each of the ten days.
 *
 * @throws OdeError where the epidemic runs away, far outside the prior.
 */
export function infected(beta: number, gamma: number): Float64Array {
  const both = solveOde(
    (_t, y, out) => {
      const [s = 0, i = 0] = y;
      const caught = (beta * s * i) / PEOPLE;
      out[0] = -caught;
      out[1] = caught - gamma * i;
    },
    [PEOPLE - 1, 1],
    TIMES,
  );
  return TIMES.map((_, k) => both[2 * k + 1] ?? Number.NaN);
}

const probability = (infected: number): number => Math.min(1, Math.max(0, infected / PEOPLE));

/** Parameters `beta`, `gamma`; data `x` [10], counts of 1000. */
export const sir = defineModel({
  name: "sir",
  parameters: { beta: logNormal(Math.log(0.4), 0.5), gamma: logNormal(Math.log(0.125), 0.2) },
  data: { x: [TIMES.length] },
  simulate: ({ beta, gamma }, random) => ({
    x: infected(beta, gamma).map((count) => random.binomial(TESTED, probability(count))),
  }),
  logLikelihood: ({ beta, gamma }, { x }) =>
    infected(beta, gamma).reduce(
      (sum, count, k) => sum + binomialLogMass(x[k] ?? Number.NaN, TESTED, probability(count)),
      0,
    ),
  module: import.meta.url,
});
