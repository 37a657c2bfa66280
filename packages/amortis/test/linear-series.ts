/**
 * Series whose posteriors are known: a linear Gaussian state space model of unknown φ and q, by a grid over the evidence of Kalman's filter, and Kalman's and the smoother's answers at each of its points.
 */
import { defineModel, discreteUniform, uniform, type Stream } from "../src/extend.js";
import { kalman, type Known, type Linear } from "./kalman.js";

/** Standard deviation of the noise, which is known. */
export const NOISE = 0.5;

/** The model, of series of so many times. */
export function linearSeries(fewest: number, most: number) {
  return defineModel({
    name: "linear-series",
    parameters: { phi: uniform(0, 0.95), q: uniform(0.2, 1) },
    sizes: { times: discreteUniform(fewest, most) },
    states: { x: ["times"] },
    data: { y: ["times"] },
    simulate: ({ phi, q }, random, { times }) => {
      const x: number[] = [(q / Math.sqrt(1 - phi ** 2)) * random.normal()];
      for (let t = 1; t < times; t++) x.push(phi * (x[t - 1] ?? 0) + q * random.normal());
      return { x, y: x.map((value) => value + NOISE * random.normal()) };
    },
  });
}

/** A draw of the model: parameters, and a series of so many times. */
export function drawSeries(times: number, random: Stream) {
  const model = linearSeries(times, times);
  const { phi, q } = model.unpack(model.samplePrior(random));
  const output = model.simulate({ phi, q }, random);
  if (output instanceof Promise || "then" in output) throw new TypeError("it simulates at once");
  const { x, y } = model.packData(output);
  return { truth: { phi, q, r: NOISE }, x: [...x], y: [...y] };
}

/** Points of the grid along each parameter. */
const POINTS = 40;

/** A point of the grid, and its share of the posterior. */
export interface Weighted {
  readonly at: Linear;
  readonly weight: number;
  readonly known: Known;
}

/** The posterior of the parameters on a grid, with what is known of the states at each point. */
export function exactPosterior(y: ArrayLike<number>): readonly Weighted[] {
  const all = Array.from({ length: POINTS ** 2 }, (_, i) => {
    const at = {
      phi: (0.95 * ((i % POINTS) + 0.5)) / POINTS,
      q: 0.2 + (0.8 * (Math.floor(i / POINTS) + 0.5)) / POINTS,
      r: NOISE,
    };
    return { at, known: kalman(y, at) };
  });
  const top = Math.max(...all.map(({ known }) => known.logEvidence));
  const total = all.reduce((sum, { known }) => sum + Math.exp(known.logEvidence - top), 0);
  return all.map(({ at, known }) => ({
    at,
    known,
    weight: Math.exp(known.logEvidence - top) / total,
  }));
}

/** A draw of all states given all of a series, for parameters that are known: backwards from the last. */
export function exactPath({ filtered }: Known, { phi, q }: Linear, random: Stream): Float64Array {
  const times = filtered.mean.length;
  const path = new Float64Array(times);
  for (let t = times - 1; t >= 0; t--) {
    let [mean, variance] = [filtered.mean[t] ?? NaN, filtered.variance[t] ?? NaN];
    if (t < times - 1) {
      const gain = (phi * variance) / (phi ** 2 * variance + q ** 2);
      mean += gain * ((path[t + 1] ?? NaN) - phi * mean);
      variance *= 1 - gain * phi;
    }
    path[t] = mean + Math.sqrt(variance) * random.normal();
  }
  return path;
}
