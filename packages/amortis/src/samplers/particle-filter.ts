/**
 * Particle filters: hidden states by what is seen of them, one time after another.
 *
 *     x_1 ~ p(x_1),   x_t ~ p(x_t | x_{t-1}),   y_t ~ p(y_t | x_t)
 *
 * Particles move by the process itself and are weighted by how well they explain what is seen; where the weights are worth less than half of the particles, these are resampled by them. The mean
 * weight of each time is a factor of the evidence p(y_1 ... y_T), whose product has no bias (Gordon, Salmond & Smith 1993, the bootstrap filter; Del Moral 2004).
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { Stream } from "../random/index.js";
import { requireWhole } from "./requirements.js";
import { resample } from "./resample.js";

/** A process that is seen in part. States of many particles are rows of one array, [particles, size]; times count from 0. */
export interface HiddenProcess {
  /** Numbers of a state. */
  readonly size: number;
  /** Times at which something is seen. */
  readonly times: number;
  /** Writes draws of the first state. */
  start(states: Float64Array, random: Stream): void;
  /** Moves states of the time before to draws of the states at a time, in place. */
  move(states: Float64Array, time: number, random: Stream): void;
  /** log p(y_t | x_t) of what is seen at a time, for each particle, [particles]. */
  logDensity(states: Float64Array, time: number): Float64Array;
}

/** Particles at one time. */
export interface Cloud {
  readonly time: number;
  /** [particles, size] */
  readonly states: Float64Array;
  /** Their weights, which add to one, [particles]. */
  readonly weights: Float64Array;
  /** log p(y_1 ... y_t), estimated. */
  readonly logEvidence: number;
}

/** What a step did. */
export interface CloudInfo {
  /** The particle of the time before that each came from, [particles]. */
  readonly parents: Uint32Array;
  /** Of how many particles the weights are worth. */
  readonly effective: number;
}

/** A step's result. */
export interface CloudStep {
  readonly state: Cloud;
  readonly info: CloudInfo;
}

/** What the weights must be worth, as a share of the particles, for these to go on as they are. */
const WORTH = 0.5;

/** Particles at the first time. */
export function initCloud(process: HiddenProcess, particles: number, random: Stream): CloudStep {
  const states = new Float64Array(particles * process.size);
  process.start(states, random);
  const before = new Float64Array(particles).fill(1 / particles);
  const parents = Uint32Array.from(before, (_, i) => i);
  return weighed(process, { time: 0, states, before, logEvidence: 0 }, parents);
}

/** Particles one time on. */
export function stepCloud(process: HiddenProcess, cloud: Cloud, random: Stream): CloudStep {
  const { size } = process;
  const particles = cloud.weights.length;
  const even = worthOf(cloud.weights) >= WORTH * particles;
  const parents = even
    ? Uint32Array.from(cloud.weights, (_, i) => i)
    : resample(cloud.weights, particles, random);
  const states = new Float64Array(particles * size);
  for (let i = 0; i < particles; i++) {
    const from = (parents[i] ?? 0) * size;
    for (let j = 0; j < size; j++) states[i * size + j] = cloud.states[from + j] ?? Number.NaN;
  }
  const time = cloud.time + 1;
  process.move(states, time, random);
  const before = even ? cloud.weights : new Float64Array(particles).fill(1 / particles);
  return weighed(process, { time, states, before, logEvidence: cloud.logEvidence }, parents);
}

/** Particles weighted by what is seen. */
function weighed(
  process: HiddenProcess,
  moved: Pick<Cloud, "time" | "states" | "logEvidence"> & { readonly before: Float64Array },
  parents: Uint32Array,
): CloudStep {
  const { time, states, before } = moved;
  const logs = process.logDensity(states, time);
  const top = logs.reduce((a, b) => (b > a ? b : a), -Infinity);
  const weights = before.map((weight, i) => {
    const log = logs[i] ?? Number.NaN;
    return log > -Infinity ? weight * Math.exp(log - top) : 0;
  });
  const total = weights.reduce((a, b) => a + b, 0);
  // Where no particle can have made what is seen, all go on alike, and the evidence is zero.
  for (const [i, weight] of weights.entries()) {
    weights[i] = total > 0 ? weight / total : 1 / weights.length;
  }
  const logEvidence = moved.logEvidence + (total > 0 ? top + Math.log(total) : -Infinity);
  return {
    state: { time, states, weights, logEvidence },
    info: { parents, effective: worthOf(weights) },
  };
}

/** How many equal weights some are worth. */
function worthOf(weights: Float64Array): number {
  return 1 / weights.reduce((sum, weight) => sum + weight * weight, 0);
}

/** What a filter is told. */
export interface ParticleFilterOptions {
  /** 1,000 by default. */
  readonly particles?: number;
  readonly random: Stream;
}

const KNOWN: KnownOptions<ParticleFilterOptions> = { particles: true, random: true };

/** What was found of a hidden process. */
export interface Filtered {
  /** Particles at each time, weighted by what was seen up to then. */
  readonly steps: readonly CloudStep[];
  /** log p(y_1 ... y_T), estimated. */
  readonly logEvidence: number;
  /** Means of the states given what was seen up to each time, [times, size]. */
  mean(): Float64Array;
  /**
   * A draw of all states given all that was seen, [times, size]: a particle of the last time with its ancestors. Of times long before the end draws have few ancestors, and are alike: what is
   * made of many needs `particleMetropolis`, or many particles.
   */
  trajectory(random: Stream): Float64Array;
}

/**
 * Runs a bootstrap filter from the first time to the last.
 *
 * @throws InvalidArgumentError where there are fewer than two particles.
 * @example
 * const { logEvidence } = particleFilter(process, { particles: 500, random: stream(1) });
 */
export function particleFilter(process: HiddenProcess, options: ParticleFilterOptions): Filtered {
  requireKnown("particleFilter", options, KNOWN);
  const { particles = 1000, random } = options;
  requireWhole("particleFilter", "particles", particles, 2);
  let step = initCloud(process, particles, random);
  const steps = [step];
  for (let time = 1; time < process.times; time++) {
    step = stepCloud(process, step.state, random);
    steps.push(step);
  }
  return {
    steps,
    logEvidence: step.state.logEvidence,
    mean: () => meansOf(steps, process.size),
    trajectory: (draw) => trajectoryOf(steps, process.size, draw),
  };
}

function meansOf(steps: readonly CloudStep[], size: number): Float64Array {
  const means = new Float64Array(steps.length * size);
  for (const [time, { state }] of steps.entries()) {
    for (const [i, weight] of state.weights.entries()) {
      for (let j = 0; j < size; j++) {
        const value = state.states[i * size + j] ?? Number.NaN;
        means[time * size + j] = (means[time * size + j] ?? 0) + weight * value;
      }
    }
  }
  return means;
}

function trajectoryOf(steps: readonly CloudStep[], size: number, random: Stream): Float64Array {
  const path = new Float64Array(steps.length * size);
  let at = random.categorical(steps.at(-1)?.state.weights ?? [1]);
  for (let time = steps.length - 1; time >= 0; time--) {
    const { state, info } = steps[time] ?? {};
    path.set(state?.states.subarray(at * size, (at + 1) * size) ?? [], time * size);
    at = info?.parents[at] ?? 0;
  }
  return path;
}
