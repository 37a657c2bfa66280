/**
 * What is wrong with data, by how much: each a corruption of the model's, whose sizes are in standard deviations of each number over simulations.
 */
import type { Corruption, DataSet } from "amortis";

/** Sizes of a fault, growing. */
export const SIZES = [0.25, 0.5, 1] as const;

type Change = (
  values: Float64Array,
  sd: (i: number) => number,
  random: Parameters<Corruption>[1],
) => void;

/** A corruption of every array. */
function ofAll(change: Change): Corruption {
  return (data, random, { sd }) => {
    const changed: [string, Float64Array][] = Object.entries(data).map(([name, values]) => {
      const own = Float64Array.from(values);
      change(own, (i) => sd[name]?.[i] ?? 0, random);
      return [name, own];
    });
    return Object.fromEntries(changed) satisfies DataSet;
  };
}

/** Faults by name, of a size between 0 and 1. */
export const FAULTS: Readonly<Record<string, (size: number) => Corruption>> = {
  /** A tenth of the numbers far out, at least one: by up to eight standard deviations. */
  outliers: (size) =>
    ofAll((values, sd, random) => {
      const count = Math.max(1, Math.round(values.length / 10));
      for (const i of random.permutation(values.length).subarray(0, count)) {
        const sign = random.uniform() < 0.5 ? -1 : 1;
        values[i] = (values[i] ?? 0) + sign * 8 * size * sd(i);
      }
    }),
  /** A growing share of the numbers, up to two fifths, five standard deviations off: contamination. */
  contamination: (size) =>
    ofAll((values, sd, random) => {
      for (let i = 0; i < values.length; i++) {
        if (random.uniform() >= 0.4 * size) continue;
        values[i] = (values[i] ?? 0) + (random.uniform() < 0.5 ? -5 : 5) * sd(i);
      }
    }),
  /** More noise than the model has: of up to one standard deviation. */
  noise: (size) =>
    ofAll((values, sd, random) => {
      for (let i = 0; i < values.length; i++) {
        values[i] = (values[i] ?? 0) + size * sd(i) * random.normal();
      }
    }),
  /** Another covariance: each number mixed with the next, in units of each, at equal variance where they are independent. */
  covariance: (size) =>
    ofAll((values, sd) => {
      const before = values.slice();
      const n = values.length;
      for (let i = 0; i < n; i++) {
        const next = (i + 1) % n;
        const other = sd(next) > 0 ? ((before[next] ?? 0) / sd(next)) * sd(i) : 0;
        values[i] = ((before[i] ?? 0) + size * other) / Math.sqrt(1 + size ** 2);
      }
    }),
  /** Numbers that are not there, and stand as zero: up to half of them. */
  missing: (size) =>
    ofAll((values, _, random) => {
      const count = Math.max(1, Math.round((size / 2) * values.length));
      for (const i of random.permutation(values.length).subarray(0, count)) values[i] = 0;
    }),
};
