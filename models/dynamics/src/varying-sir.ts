/**
 * An epidemic whose transmission rate varies: susceptible, infected, recovered, and a rate that walks from one day to the next.
 *
 *     log β_1 ~ N(log 0.5, 0.3²),   log β_{t+1} = log β_t + σ ε_t,      S, I, R by dS/dt = -β S I / N, dI/dt = β S I / N - γ I in four steps of each day,
 *     y_t ~ negative binomial of a mean that is a share of the day's new infections, and of size φ
 *
 * as in Dureau, Kalogeropoulos & Baguelin 2013, "Capturing the time-varying drivers of an epidemic using stochastic dynamical systems", arXiv 1203.5950. The state is log β alone: given it, those infected
 * are known from the first day on. What is seen depends on all rates before, not on the last alone, so that smoothing takes `markov: false`.
 */
import {
  defineModel,
  discreteUniform,
  gamma,
  logNormal,
  uniform,
  type HiddenProcess,
} from "amortis";
import { logGamma } from "amortis/extend";

/** People. */
export const POPULATION = 100_000;

/** Parameters that stay. */
export interface VaryingSir {
  /** Standard deviation of the daily steps of the logarithm of the rate of transmission. */
  readonly walk: number;
  /** Rate at which infected recover. */
  readonly gamma: number;
  /** Infected on the first day. */
  readonly infected: number;
  /** Size of the negative binomial: small where counts scatter much. */
  readonly size: number;
}

/** Logarithm of the rate on the first day. */
const FIRST = { mean: Math.log(0.5), sd: 0.3 } as const;

/** Share of infections that are counted. */
const COUNTED = 0.5;

/** Days of a series: from few to many. */
const [FEWEST, MOST] = [15, 50] as const;

/** Steps of a day. */
const STEPS = 4;

/** Compartments after a day at a rate, written over those before; returns the day's new infections. */
function day(at: Float64Array, first: number, beta: number, gammaRate: number): number {
  let [s, i, infections] = [at[first] ?? 0, at[first + 1] ?? 0, 0];
  for (let step = 0; step < STEPS; step++) {
    const fresh = s * -Math.expm1((-beta * i) / POPULATION / STEPS);
    const recovered = i * -Math.expm1(-gammaRate / STEPS);
    s -= fresh;
    i += fresh - recovered;
    infections += fresh;
  }
  at[first] = s;
  at[first + 1] = i;
  return infections;
}

/** Counts of at least so few are expected, so that none is impossible. */
const LEAST = 1e-3;

/** The model: five parameters, the logarithm of a rate, and daily counts. */
export const varyingSir = defineModel({
  name: "varying-sir",
  parameters: {
    walk: uniform(0.02, 0.25),
    gamma: logNormal(Math.log(0.2), 0.15),
    infected: logNormal(Math.log(100), 0.5),
    size: gamma(4, 0.25),
  },
  sizes: { days: discreteUniform(FEWEST, MOST) },
  states: { logBeta: ["days"] },
  data: { y: ["days"] },
  descriptions: {
    walk: "standard deviation of the daily steps of the logarithm of the rate of transmission",
    gamma: "rate of recovery",
    infected: "infected before the first day",
    size: "size of the negative binomial",
    logBeta: "logarithm of the rate of transmission",
    y: "new cases each day",
  },
  simulate: ({ walk, gamma: rate, infected, size }, random, { days }) => {
    const at = Float64Array.of(POPULATION - infected, infected);
    const logBeta = [FIRST.mean + FIRST.sd * random.normal()];
    while (logBeta.length < days) logBeta.push((logBeta.at(-1) ?? 0) + walk * random.normal());
    const y = logBeta.map((log) => {
      const mean = Math.max(LEAST, COUNTED * day(at, 0, Math.exp(log), rate));
      return random.poisson((mean * random.gamma(size)) / size);
    });
    return { logBeta, y };
  },
  module: import.meta.url,
});

/** The rate and the compartments behind counts, for particles: log β, S, I, and the day's new infections. */
export function varyingSirProcess(
  y: ArrayLike<number>,
  { walk, gamma: rate, infected, size }: VaryingSir,
): HiddenProcess {
  const width = 4;
  const live = (states: Float64Array): void => {
    for (let first = 0; first < states.length; first += width) {
      states[first + 3] = day(states, first + 1, Math.exp(states[first] ?? 0), rate);
    }
  };
  return {
    size: width,
    times: y.length,
    start: (states, random) => {
      for (let first = 0; first < states.length; first += width) {
        states[first] = FIRST.mean + FIRST.sd * random.normal();
        states[first + 1] = POPULATION - infected;
        states[first + 2] = infected;
      }
      live(states);
    },
    move: (states, _, random) => {
      for (let first = 0; first < states.length; first += width) {
        states[first] = (states[first] ?? 0) + walk * random.normal();
      }
      live(states);
    },
    logDensity: (states, time) => {
      const count = y[time] ?? 0;
      const ways = logGamma(count + size) - logGamma(size) - logGamma(count + 1);
      return Float64Array.from({ length: states.length / width }, (_, i) => {
        const mean = Math.max(LEAST, COUNTED * (states[i * width + 3] ?? 0));
        const share = size / (mean + size);
        return ways + size * Math.log(share) + count * Math.log(mean / (mean + size));
      });
    },
  };
}
