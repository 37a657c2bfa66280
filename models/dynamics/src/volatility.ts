/**
 * Stochastic volatility: returns whose log variance is an autoregression that nobody sees.
 *
 *     h_1 ~ N(μ, σ² / (1 - φ²)),   h_t = μ + φ (h_{t-1} - μ) + σ ε_t,   y_t = exp(h_t / 2) η_t
 *
 * Taylor 1982; Kim, Shephard & Chib 1998, "Stochastic volatility: likelihood inference and comparison with ARCH models". Returns are in percent; φ ~ beta(20, 1.5), as theirs of (φ + 1) / 2 nearly, and
 * σ lognormal about 0.2.
 */
import { beta, defineModel, discreteUniform, logNormal, normal, type HiddenProcess } from "amortis";

/** Parameters that stay. */
export interface Volatility {
  /** Mean of the log variance. */
  readonly mu: number;
  /** How much of it stays from one time to the next. */
  readonly phi: number;
  /** Standard deviation of what is new in it. */
  readonly sigma: number;
}

/** Times of a series: from few to many. */
const [FEWEST, MOST] = [20, 100] as const;

/** The model: three parameters, the log variance, and returns. */
export const volatility = defineModel({
  name: "volatility",
  parameters: { mu: normal(0, 1), phi: beta(20, 1.5), sigma: logNormal(Math.log(0.2), 0.5) },
  sizes: { times: discreteUniform(FEWEST, MOST) },
  states: { h: ["times"] },
  data: { y: ["times"] },
  descriptions: {
    mu: "mean of the log variance",
    phi: "persistence of the log variance",
    sigma: "standard deviation of its innovations",
    h: "log variance",
    y: "returns in percent",
  },
  simulate: ({ mu, phi, sigma }, random, { times }) => {
    const h = [mu + (sigma / Math.sqrt(1 - phi ** 2)) * random.normal()];
    while (h.length < times) h.push(mu + phi * ((h.at(-1) ?? mu) - mu) + sigma * random.normal());
    return { h, y: h.map((value) => Math.exp(value / 2) * random.normal()) };
  },
  module: import.meta.url,
});

/** The log variance behind returns, for particles. */
export function volatilityProcess(
  y: ArrayLike<number>,
  { mu, phi, sigma }: Volatility,
): HiddenProcess {
  const sd = sigma / Math.sqrt(1 - phi ** 2);
  return {
    size: 1,
    times: y.length,
    start: (states, random) => {
      for (let i = 0; i < states.length; i++) states[i] = mu + sd * random.normal();
    },
    move: (states, _, random) => {
      for (let i = 0; i < states.length; i++) {
        states[i] = mu + phi * ((states[i] ?? mu) - mu) + sigma * random.normal();
      }
    },
    logDensity: (states, time) => {
      const square = (y[time] ?? 0) ** 2;
      return states.map((h) => -0.5 * (Math.log(2 * Math.PI) + h + square * Math.exp(-h)));
    },
  };
}
