/**
 * Smoothing beside particle Markov chains on the same series: scores of both over fresh series, and how far means and standard deviations are apart.
 */
import {
  particleMetropolis,
  stream,
  type AnyModel,
  type HiddenProcess,
  type ParticleChain,
  type StatesEstimator,
} from "amortis/extend";
import { convergence } from "amortis/diagnostics";
import { average, columnOf, Scores } from "./scores.js";

/** What is compared. */
export interface Compared {
  readonly model: AnyModel;
  readonly estimator: StatesEstimator;
  /** The hidden process, and which of its numbers is the state. */
  readonly process: (
    y: ArrayLike<number>,
    theta: Readonly<Record<string, number>>,
  ) => HiddenProcess;
  /** Name of the state, the first number of the process. */
  readonly state: string;
  readonly times: number;
  readonly sets: number;
  readonly particles: number;
  readonly iterations: number;
}

const DRAWS = 1000;
const THIN = 10;

const sdOf = (values: Float64Array): number => {
  const mean = average(values);
  return Math.sqrt(average(values.map((value) => (value - mean) ** 2)));
};

/** One series, with what made it. */
export interface Series {
  readonly theta: Readonly<Record<string, number>>;
  readonly state: Float64Array;
  readonly y: Float64Array;
}

/** A series of so many times from the model. */
export async function drawSeries(
  { model, state, times }: Pick<Compared, "model" | "state" | "times">,
  seed: number,
): Promise<Series> {
  const random = stream(seed).split("series");
  const values = model.unpack(model.samplePrior(random));
  const [size = "times"] = Object.keys(model.sizes);
  const output = await model.simulate(values, random, { [size]: times });
  const packed = model.packData(output);
  const theta = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Number(value)]),
  );
  const own = (name: string): Float64Array => Float64Array.from(packed[name] ?? []).slice(0, times);
  return { theta, state: own(state), y: own("y") };
}

/** Draws of the exact posterior by particles. */
export function exactChain(of: Compared, { theta, y }: Series, seed: number): ParticleChain {
  const { model, process, particles, iterations } = of;
  const names = Object.keys(model.parameters);
  return particleMetropolis({
    prior: model.prior,
    process: (flat) =>
      process(y, Object.fromEntries(names.map((name, j) => [name, flat[j] ?? NaN]))),
    start: names.map((name) => theta[name] ?? NaN),
    particles,
    iterations,
    thin: THIN,
    random: stream(seed).split("chain"),
  });
}

/** A column of a chain: of a parameter by its number, or of the state at a time. */
export function chainColumn(
  chain: ParticleChain,
  which: { parameter: number } | { time: number; width: number },
): Float64Array {
  const { size, parameters, states } = chain;
  if ("parameter" in which) {
    const p = parameters.length / size;
    return Float64Array.from(
      { length: size },
      (_, i) => parameters[i * p + which.parameter] ?? NaN,
    );
  }
  const span = states.length / size;
  return Float64Array.from(
    { length: size },
    (_, i) => states[i * span + which.time * which.width] ?? NaN,
  );
}

/** Compares on fresh series, and prints tables. */
export async function compareWithParticles(of: Compared): Promise<void> {
  const { model, estimator, state, times, sets } = of;
  const names = Object.keys(model.parameters);
  const all = [...names, state];
  const scores = new Map(all.map((name) => [name, new Scores()]));
  const apart = new Map(
    all.map((name): [string, { mean: number[]; sd: number[] }] => [name, { mean: [], sd: [] }]),
  );
  const [effective, answering, walking]: [number[], number[], number[]] = [[], [], []];
  for (let set = 0; set < sets; set++) {
    const one = await drawSeries(of, 1000 + set);
    const before = process.cpuUsage();
    const { all: own } = await estimator.given({ y: one.y }, { samples: DRAWS, seed: set });
    const between = process.cpuUsage(before);
    const start = process.cpuUsage();
    const chain = exactChain(of, one, 2000 + set);
    const { user } = process.cpuUsage(start);
    answering.push(between.user / 1e6);
    walking.push(user / 1e6);
    const note = (name: string, ours: Float64Array, exact: Float64Array, truth: number): void => {
      scores.get(name)?.add(ours, exact, truth);
      apart.get(name)?.mean.push(Math.abs(average(ours) - average(exact)) / sdOf(exact));
      apart.get(name)?.sd.push(Math.log(sdOf(ours) / sdOf(exact)));
    };
    for (const [j, name] of names.entries()) {
      const exact = chainColumn(chain, { parameter: j });
      effective.push(convergence([exact]).bulkEss);
      note(name, columnOf(own, name), exact, one.theta[name] ?? NaN);
    }
    const width = of.process(one.y, one.theta).size;
    for (let time = 0; time < times; time += 5) {
      note(
        state,
        columnOf(own, `${state}[${time}]`),
        chainColumn(chain, { time, width }),
        one.state[time] ?? NaN,
      );
    }
    console.error(
      `series ${set}: acceptance ${chain.acceptance.toFixed(2)}, worst parameter worth ${Math.min(...effective.slice(-names.length)).toFixed(0)} draws of ${chain.size}`,
    );
  }
  console.log(
    "| of | CRPS ratio | 90 % (particles) | distance of means in sds | ratio of sds |\n|---|---|---|---|---|",
  );
  for (const name of all) {
    const { mean = [], sd = [] } = apart.get(name) ?? {};
    const label = name === state ? `${name}, every fifth time` : name;
    console.log(
      `| ${label} | ${scores.get(name)?.ratio()} | ${scores.get(name)?.coverage()} | ${average(mean).toFixed(2)} | ${Math.exp(average(sd)).toFixed(2)} |`,
    );
  }
  console.log(
    `an answer ${average(answering).toFixed(2)} s of processor time, a chain ${average(walking).toFixed(1)} s; its parameters are worth ${average(effective).toFixed(0)} independent draws on average, ${Math.min(...effective).toFixed(0)} at worst`,
  );
}
