/**
 * Several sources of one parameter, counts among them; and fields at irregular places.
 */
import {
  defineModel,
  discreteUniform,
  normal,
  npe,
  spatialGraph,
  uniform,
  type Stream,
} from "amortis";
import { compare, exactly, learned, testStream, truths, type Row } from "../row.js";

/** θ ~ N(0, 1): m counts of rate e^θ, and k measurements N(θ, 1). */
const fused = defineModel({
  name: "fused",
  parameters: { theta: normal(0, 1) },
  sizes: { m: discreteUniform(0, 8), k: discreteUniform(1, 8) },
  data: { counts: ["m"], z: ["k"] },
  simulate: ({ theta }, random, { m, k }) => ({
    counts: Array.from({ length: m }, () => random.poisson(Math.exp(theta))),
    z: Array.from({ length: k }, () => theta + random.normal()),
  }),
  logLikelihood: ({ theta }, { counts, z }) =>
    Array.from(counts).reduce((total, n) => total + n * theta - Math.exp(theta), 0) -
    0.5 * Array.from(z).reduce((total, v) => total + (v - theta) ** 2, 0),
});

const fusedRow: Row = {
  name: "fused",
  about: "npe of counts and measurements together, of either any number",
  measure: async (budget) => {
    const answer = await learned(npe(fused), budget, { epochs: 40 });
    const scores = [];
    for (const sizes of [
      { m: 0, k: 4 },
      { m: 4, k: 1 },
      { m: 8, k: 8 },
    ]) {
      const what = `${sizes.m} counts, ${sizes.k} measurements`;
      const cases = truths(fused, budget.sets, testStream(budget.seed, what), sizes);
      scores.push(await compare(what, cases, answer, exactly(fused)));
    }
    return scores;
  },
};

type Places = (random: Stream, n: number) => readonly (readonly [number, number])[];

const evenly: Places = (random, n) =>
  Array.from({ length: n }, () => [random.uniform(), random.uniform()] as const);

/** Places about a few parents, as of a Matérn cluster process, within the unit square. */
const clustered: Places = (random, n) => {
  const parents = evenly(random, 1 + random.poisson(5));
  return Array.from({ length: n }, () => {
    const [x = 0.5, y = 0.5] = parents[Math.floor(parents.length * random.uniform())] ?? [];
    const [angle, radius] = [2 * Math.PI * random.uniform(), 0.15 * Math.sqrt(random.uniform())];
    const clip = (v: number): number => Math.min(1, Math.max(0, v));
    return [clip(x + radius * Math.cos(angle)), clip(y + radius * Math.sin(angle))] as const;
  });
};

/** The lower factor of exp(-d / range), with a nugget that keeps places apart which coincide. */
function factor(places: readonly (readonly [number, number])[], range: number): Float64Array[] {
  const rows: Float64Array[] = [];
  for (const [i, [x, y]] of places.entries()) {
    const row = new Float64Array(i + 1);
    for (let j = 0; j <= i; j++) {
      const [u, v] = places[j] ?? [0, 0];
      let left = i === j ? 1 + 1e-6 : Math.exp(-Math.hypot(x - u, y - v) / range);
      const other = j === i ? row : (rows[j] ?? row);
      for (let k = 0; k < j; k++) left -= (row[k] ?? 0) * (other[k] ?? 0);
      row[j] = j === i ? Math.sqrt(left) : left / (other[j] ?? 1);
    }
    rows.push(row);
  }
  return rows;
}

/** A Gaussian field of unit variance at n places of the unit square, range U(0.03, 0.6). */
function field(places: Places) {
  return defineModel({
    name: "irregular",
    parameters: { range: uniform(0.03, 0.6) },
    sizes: { n: discreteUniform(30, 120) },
    data: { s: ["n", 2], z: ["n"] },
    simulate: ({ range }, random, { n }) => {
      const s = places(random, n);
      const noise = s.map(() => random.normal());
      const z = factor(s, range).map((row) =>
        row.reduce((total, value, k) => total + value * (noise[k] ?? 0), 0),
      );
      return { s: s.map((place) => [...place]), z };
    },
    logLikelihood: ({ range }, { s, z }) => {
      const places = Array.from(z, (_, i) => [s[2 * i] ?? 0, s[2 * i + 1] ?? 0] as const);
      const solved = new Float64Array(z.length);
      let total = 0;
      for (const [i, row] of factor(places, range).entries()) {
        let left = z[i] ?? 0;
        for (let k = 0; k < i; k++) left -= (row[k] ?? 0) * (solved[k] ?? 0);
        solved[i] = left / (row[i] ?? 1);
        total -= Math.log(row[i] ?? 1) + 0.5 * (solved[i] ?? 0) ** 2;
      }
      return total;
    },
  });
}

const irregularRow: Row = {
  name: "irregular",
  about: "npe by a graph network, 30 to 120 places, spread evenly or in clusters",
  measure: async (budget) => {
    const mixed: Places = (random, n) => (random.uniform() < 0.5 ? evenly : clustered)(random, n);
    const summary = spatialGraph({ neighbours: { nearest: 15 }, width: 24 });
    const answer = await learned(npe(field(mixed), { summary }), budget, { epochs: 15, batch: 64 });
    const scores = [];
    for (const [how, places] of [
      ["evenly", evenly],
      ["in clusters", clustered],
    ] as const) {
      for (const n of [30, 120]) {
        const model = field(places);
        const what = `${n} places, spread ${how}`;
        const cases = truths(model, budget.sets, testStream(budget.seed, what), { n });
        scores.push(await compare(what, cases, answer, exactly(model, { points: 150 })));
      }
    }
    return scores;
  },
};

export const rows: readonly Row[] = [fusedRow, irregularRow];
