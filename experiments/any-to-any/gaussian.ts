/**
 * One any-to-any estimator against closed forms: a straight line through four points, all of whose conditionals are Gaussian.
 *
 *     a, b ~ N(0, 1),      y_i ~ N(a + b x_i, 1/4),      x = -1, 0, 1, 2
 *
 * For each question, over fresh data sets: the error of the means in exact standard deviations (root mean square), the mean ratio of standard deviations, and the sampling
 * errors of both; for densities the root mean square error of the logarithm, and the error that is said with it.
 *
 *     npx tsx experiments/any-to-any/gaussian.ts --simulations 10000
 */
import { parseArgs } from "node:util";
import { anyToAny, defineModel, normal, train, type Known } from "amortis";
import { stream } from "amortis/extend";

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "10000" },
    sets: { type: "string", default: "40" },
    draws: { type: "string", default: "500" },
    seed: { type: "string", default: "1" },
  },
});
const [SETS, DRAWS] = [Number(values.sets), Number(values.draws)];

const X = [-1, 0, 1, 2];
const VARIANCE = 0.25;

const line = defineModel({
  name: "line",
  parameters: { a: normal(0, 1), b: normal(0, 1) },
  data: { y: [4] },
  simulate: ({ a, b }, random) => ({
    y: X.map((x) => a + b * x + Math.sqrt(VARIANCE) * random.normal()),
  }),
});

type Matrix = readonly (readonly number[])[];

/** Of (a, b, y): how each follows from a and b, and their covariance. */
const LOADINGS: Matrix = [[1, 0], [0, 1], ...X.map((x) => [1, x])];
const COVARIANCE: Matrix = LOADINGS.map((p, i) =>
  LOADINGS.map(
    (q, j) =>
      (p[0] ?? 0) * (q[0] ?? 0) + (p[1] ?? 0) * (q[1] ?? 0) + (i === j && i > 1 ? VARIANCE : 0),
  ),
);

/** C less what `known` tells, one after another, and the means given their values. */
function conditional(row: readonly number[], known: readonly number[]) {
  const c = COVARIANCE.map((line) => [...line]);
  const mean = c.map(() => 0);
  const at = (i: number, j: number): number => c[i]?.[j] ?? 0;
  for (const k of known) {
    const pivot = at(k, k);
    const left = (row[k] ?? 0) - (mean[k] ?? 0);
    const column = c.map((_, i) => at(i, k));
    for (const [i, ci] of column.entries()) {
      mean[i] = (mean[i] ?? 0) + (ci / pivot) * left;
      for (const [j, cj] of column.entries()) {
        const own = c[i];
        if (own !== undefined) own[j] = at(i, j) - (ci * cj) / pivot;
      }
    }
  }
  return { mean, sd: c.map((_, i) => Math.sqrt(Math.max(0, at(i, i)))) };
}

/** log p(row[asked] | row[known]), one after another. */
function logDensity(
  row: readonly number[],
  known: readonly number[],
  asked: readonly number[],
): number {
  let total = 0;
  for (const [i, place] of asked.entries()) {
    const { mean, sd } = conditional(row, [...known, ...asked.slice(0, i)]);
    const z = ((row[place] ?? 0) - (mean[place] ?? 0)) / (sd[place] ?? 1);
    total -= 0.5 * z * z + Math.log((sd[place] ?? 1) * Math.sqrt(2 * Math.PI));
  }
  return total;
}

function rms(errors: readonly number[]): number {
  return Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
}

const seconds = (from: NodeJS.CpuUsage): string => {
  const { user, system } = process.cpuUsage(from);
  return ((user + system) / 1e6).toFixed(1);
};

const rows = Array.from({ length: SETS }, (_, i) => {
  const random = stream("fresh").split(i);
  const [a, b] = [random.normal(), random.normal()];
  return [a, b, ...X.map((x) => a + b * x + Math.sqrt(VARIANCE) * random.normal())];
});

const start = process.cpuUsage();
const settings = { simulations: Number(values.simulations), seed: Number(values.seed) };
const joint = await train(anyToAny(line), { ...settings, workers: 0, threads: 1 });
console.log(`training: ${seconds(start)} s of processor time, ${joint.history.length} epochs`);
console.log(
  `sampling errors: ${(1 / Math.sqrt(DRAWS)).toFixed(3)} of means, ${(1 / Math.sqrt(2 * DRAWS * SETS)).toFixed(3)} of ratios`,
);
console.log("question | error of means | ratio of sds | processor time, s");

const NAMES = ["a", "b", "y[0]", "y[1]", "y[2]", "y[3]"];
const DATA = [2, 3, 4, 5];

/** Asks `given` or `conditional`, and compares what is said of `asked`. */
async function ask(
  label: string,
  known: readonly number[],
  asked: readonly number[],
): Promise<void> {
  const from = process.cpuUsage();
  const column = (place: number): number[] => rows.map((row) => row[place] ?? 0);
  const y = rows.map((row) => DATA.map((p) => (known.includes(p) ? (row[p] ?? 0) : Number.NaN)));
  const query: Known = {
    ...(known.includes(0) && { a: column(0) }),
    ...(known.includes(1) && { b: column(1) }),
    ...(known.some((place) => place > 1) && { y }),
  };
  const posteriors = label.startsWith("given")
    ? await joint.givenBatch({ y }, { samples: DRAWS })
    : await joint.conditionalBatch(query, { samples: DRAWS });
  const names = posteriors.parameterNames;
  const [errors, ratios]: [number[], number[]] = [[], []];
  for (const [i, row] of rows.entries()) {
    const { mean, sd } = conditional(row, known);
    for (const place of asked) {
      const draws = Array.from(posteriors.marginal(names.indexOf(NAMES[place] ?? ""), i));
      const average = draws.reduce((a, b) => a + b, 0) / DRAWS;
      const spread = Math.sqrt(draws.reduce((a, b) => a + (b - average) ** 2, 0) / (DRAWS - 1));
      errors.push((average - (mean[place] ?? 0)) / (sd[place] ?? 1));
      ratios.push(spread / (sd[place] ?? 1));
    }
  }
  const ratio = ratios.reduce((a, b) => a + b, 0) / ratios.length;
  console.log([label, rms(errors).toFixed(3), ratio.toFixed(3), seconds(from)].join(" | "));
}

await ask("given y", DATA, [0, 1]);
await ask("given y[0], y[2]; the others missing", [2, 4], [0, 1]);
await ask("conditional: a given b, y", [1, ...DATA], [0]);
await ask("conditional: b given a, y", [0, ...DATA], [1]);
await ask("conditional: y given a, b", [0, 1], DATA);
await ask("conditional: a, b, y[1], y[3] given y[0], y[2]", [2, 4], [0, 1, 3, 5]);
await ask("conditional: y[3] given y[0], y[1], y[2]", [2, 3, 4], [5]);

console.log("density | error of its logarithm | error that is said | processor time, s");
const from = process.cpuUsage();
const y = rows.map((row) => DATA.map((place) => row[place] ?? 0));
const likelihood = await joint.logLikelihood(
  { y },
  rows.flatMap(([a = 0, b = 0]) => [a, b]),
);
const errorOf = (logs: ArrayLike<number>, known: readonly number[], asked: readonly number[]) =>
  rms(rows.map((row, i) => (logs[i] ?? 0) - logDensity(row, known, asked))).toFixed(3);
console.log(
  [
    "log p(y | a, b)",
    errorOf(likelihood.value, [0, 1], DATA),
    rms([...likelihood.error]).toFixed(3),
    seconds(from),
  ].join(" | "),
);
const again = process.cpuUsage();
const posteriors = await joint.givenBatch({ y }, { samples: 10 });
const logs = await posteriors.logDensity(
  Float64Array.from(rows.flatMap(([a = 0, b = 0]) => [a, b])),
);
console.log(["log p(a, b | y)", errorOf(logs, DATA, [0, 1]), "", seconds(again)].join(" | "));
await joint.release();
