/**
 * Hares and lynxes in Canada, 1900 to 1920: prey and predators.
 *
 *     du/dt = (α - β v) u,      dv/dt = (δ u - γ) v,      log y_t ~ N(log(u, v)(t), σ²),
 *
 * with α, γ ~ N(1, 0.5), β, δ ~ N(0.05, 0.05), all positive, u₀, v₀ ~ lognormal(log 10, 1), and σ of each kind lognormal(-1, 1), as in Carpenter 2018, "Predator-prey
 * population dynamics: the Lotka-Volterra model in Stan". Numbers are of pelts, in thousands.
 *
 * Counts: the Hudson's Bay Company's, as tabulated by Howard 2009, "Modeling basics"; facts, free of copyright.
 */
import { defineModel, logNormal, truncatedNormal } from "amortis";
import { solveOde } from "amortis/extend";

/** Thousands of pelts of hares, 1900 to 1920. */
export const hares = [
  30, 47.2, 70.2, 77.4, 36.3, 20.6, 18.1, 21.4, 22, 25.4, 27.1, 40.3, 57, 76.6, 52.3, 19.5, 11.2,
  7.6, 14.6, 16.2, 24.7,
] as const;

/** Thousands of pelts of lynxes, 1900 to 1920. */
export const lynxes = [
  4, 6.1, 9.8, 35.2, 59.4, 41.7, 19, 13, 8.3, 9.1, 7.4, 8, 12.3, 19.5, 45.7, 51.1, 29.7, 15.8, 9.7,
  10.1, 8.6,
] as const;

const YEARS = hares.map((_, t) => t);

/** Rates and what there was at first. */
export interface Populations {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  readonly delta: number;
  readonly hare0: number;
  readonly lynx0: number;
}

/** Logarithms of both populations each year, [years, 2]: solved as logarithms, so that neither dies out of rounding. */
export function logPopulations(values: Populations): Float64Array {
  const { alpha, beta, gamma, delta, hare0, lynx0 } = values;
  return solveOde(
    (_, [u = 0, v = 0], out) => {
      out[0] = alpha - beta * Math.exp(v);
      out[1] = delta * Math.exp(u) - gamma;
    },
    [Math.log(hare0), Math.log(lynx0)],
    YEARS,
  );
}

/** The model: four rates, two beginnings, two errors, and 21 years of each kind. */
export const hareLynx = defineModel({
  name: "hare-lynx",
  parameters: {
    alpha: truncatedNormal(1, 0.5, 0, Infinity),
    beta: truncatedNormal(0.05, 0.05, 0, Infinity),
    gamma: truncatedNormal(1, 0.5, 0, Infinity),
    delta: truncatedNormal(0.05, 0.05, 0, Infinity),
    hare0: logNormal(Math.log(10), 1),
    lynx0: logNormal(Math.log(10), 1),
    hareError: logNormal(-1, 1),
    lynxError: logNormal(-1, 1),
  },
  data: { hare: [hares.length], lynx: [lynxes.length] },
  simulate: (values, random) => {
    const path = logPopulations(values);
    const seen = (kind: number, error: number): number[] =>
      YEARS.map((t) => Math.exp((path[2 * t + kind] ?? 0) + error * random.normal()));
    return { hare: seen(0, values.hareError), lynx: seen(1, values.lynxError) };
  },
  logLikelihood: (values, { hare, lynx }) => {
    const path = logPopulations(values);
    const of = (seen: ArrayLike<number>, kind: number, error: number): number =>
      YEARS.reduce((total, t) => {
        const left = (Math.log(seen[t] ?? 1) - (path[2 * t + kind] ?? 0)) / error;
        return total - 0.5 * left ** 2 - Math.log(error) - Math.log(seen[t] ?? 1);
      }, 0);
    return of(hare, 0, values.hareError) + of(lynx, 1, values.lynxError);
  },
  module: import.meta.url,
});
