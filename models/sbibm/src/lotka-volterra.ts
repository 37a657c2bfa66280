/**
 * lotka_volterra: predators and their prey, counted ten times with noise.
 *
 *   α, γ ~ LogNormal(-0.125, 0.5),   β, δ ~ LogNormal(-3, 0.5)
 *   prey' = α prey - β prey pred,   pred' = -γ pred + δ prey pred,   prey(0) = 30,   pred(0) = 1
 *   x_i | θ ~ LogNormal(log u_i, 0.1),   u = prey, then predators, at t = 0, 2.1, ..., 18.9
 *
 * Populations range over twelve orders of magnitude, so the equations are solved for their logarithms, whose accuracy is what the noise is
 * measured against. Reference: Lueckmann et al. (2021), arXiv 2101.04653, T.10.
 */
import { defineModel, logNormal } from "amortis";
import { solveOde } from "amortis/extend";

const SD = 0.1;
const LOG_SD_SQRT_2PI = Math.log(SD) + 0.5 * Math.log(2 * Math.PI);
const TIMES = Float64Array.from({ length: 10 }, (_, i) => 2.1 * i);
const START = [Math.log(30), 0] as const;
/** Populations are held to [1e-10, 10,000]. */
const [LEAST, MOST] = [Math.log(1e-10), Math.log(10_000)];

/**
 * Logarithms of ten counts of prey, then of predators, [20].
 *
 * @throws OdeError where populations run away, far outside the prior.
 */
export function logPopulations(
  alpha: number,
  beta: number,
  gamma: number,
  delta: number,
): Float64Array {
  const both = solveOde(
    (_t, y, out) => {
      out[0] = alpha - beta * Math.exp(y[1] ?? 0);
      out[1] = delta * Math.exp(y[0] ?? 0) - gamma;
    },
    START,
    TIMES,
  );
  return Float64Array.from(both, (_, at) => {
    const value = both[2 * (at % TIMES.length) + Math.floor(at / TIMES.length)] ?? Number.NaN;
    return Math.min(MOST, Math.max(LEAST, value));
  });
}

/** Parameters `alpha`, `beta`, `gamma`, `delta`; data `x` [20]. */
export const lotkaVolterra = defineModel({
  name: "lotka_volterra",
  parameters: {
    alpha: logNormal(-0.125, 0.5),
    beta: logNormal(-3, 0.5),
    gamma: logNormal(-0.125, 0.5),
    delta: logNormal(-3, 0.5),
  },
  data: { x: [2 * TIMES.length] },
  simulate: ({ alpha, beta, gamma, delta }, random) => ({
    x: logPopulations(alpha, beta, gamma, delta).map((u) => Math.exp(u + SD * random.normal())),
  }),
  logLikelihood: ({ alpha, beta, gamma, delta }, { x }) =>
    logPopulations(alpha, beta, gamma, delta).reduce((sum, u, k) => {
      const logX = Math.log(x[k] ?? Number.NaN);
      return sum - 0.5 * ((logX - u) / SD) ** 2 - LOG_SD_SQRT_2PI - logX;
    }, 0),
  module: import.meta.url,
});
