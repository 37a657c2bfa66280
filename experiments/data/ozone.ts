/**
 * Real data with gaps: one estimator for the field of ozone on each of 89 days, beside Markov chains on the exact likelihood of some of them.
 *
 *     npm run experiment:ozone -- --simulations 10000 --refresh 1 --days 4 [--picture docs/ozone.svg]
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { modelPosterior, npe, train } from "amortis";
import { curvesPanel, figure, saveFigure, styles } from "amortis/figures";
import { ozone } from "../../models/gaussian-field/src/ozone.js";
import { timed } from "./row.js";

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "20000" },
    days: { type: "string", default: "6" },
    members: { type: "string" },
    /** Epochs after which data are drawn anew given the same parameters. */
    refresh: { type: "string" },
    seed: { type: "string", default: "1" },
    picture: { type: "string" },
  },
});

const FILE = new URL("../../models/gaussian-field/data/ozone-1987.csv", import.meta.url);
const [, ...lines] = (await readFile(FILE, "utf8")).trim().split("\n");
const dates = lines.map((line) => line.slice(0, line.indexOf(",")));
const days = lines.map((line) =>
  Float64Array.from(line.split(",").slice(1), (cell) => (cell === "" ? Number.NaN : Number(cell))),
);
const size = days[0]?.length ?? 0;

const names = ozone.parameterNames;
const p = names.length;
const SAMPLES = 2000;
const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(1);

const { value: estimator, milliseconds: training } = await timed(() =>
  train(npe(ozone, values.members === undefined ? {} : { members: Number(values.members) }), {
    simulations: Number(values.simulations),
    seed: Number(values.seed),
    threads: 1,
    workers: 0,
    ...(values.refresh !== undefined && { refreshData: Number(values.refresh) }),
  }),
);
const all = Float64Array.from({ length: days.length * size });
for (const [i, day] of days.entries()) all.set(day, i * size);
const { value: posteriors, milliseconds: answering } = await timed(() =>
  estimator.givenBatch({ z: { shape: [days.length, size], data: all } }, { samples: SAMPLES }),
);
console.log(
  `${values.simulations} simulations: ${seconds(training)} s of processor to train, ${seconds(answering)} s for ${SAMPLES} draws of each of ${days.length} days`,
);

/** Mean and standard deviation of a column of draws. */
function moments(draws: ArrayLike<number>, k: number) {
  const column = Array.from({ length: draws.length / p }, (_, i) => draws[i * p + k] ?? 0);
  const mean = column.reduce((a, b) => a + b, 0) / column.length;
  const square = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length;
  return { mean, sd: Math.sqrt(square) };
}

const drawsOf = (day: number): ArrayLike<number> =>
  posteriors.draws.subarray(day * SAMPLES * p, (day + 1) * SAMPLES * p);

console.log(
  "| day | there | parameter | amortized: mean, sd | Markov chains: mean, sd | distance of means in sds |",
);
console.log(`|${"---|".repeat(6)}`);
const count = Number(values.days);
const distances: number[] = [];
let chains = 0;
for (let i = 0; i < count; i++) {
  const day = Math.floor(((i + 0.5) * days.length) / count);
  const z = days[day] ?? new Float64Array();
  const { value: exact, milliseconds } = await timed(() =>
    modelPosterior(ozone, { z }, { method: "mcmc", samples: SAMPLES, seed: day }),
  );
  chains += milliseconds;
  const there = z.filter((value) => !Number.isNaN(value)).length;
  for (const [k, name] of names.entries()) {
    const [own, other] = [moments(drawsOf(day), k), moments(exact.draws, k)];
    const short = ({ mean, sd }: { mean: number; sd: number }): string =>
      `${mean.toPrecision(3)}, ${sd.toPrecision(2)}`;
    const distance = Math.abs(own.mean - other.mean) / other.sd;
    distances.push(distance);
    console.log(
      `| ${dates[day]} | ${there} | ${name} | ${short(own)} | ${short(other)} | ${distance.toFixed(2)} |`,
    );
  }
}
const mean = distances.reduce((a, b) => a + b, 0) / distances.length;
console.log(
  `Markov chains took ${seconds(chains / count)} s of processor a day; distance of means: ${mean.toFixed(2)} standard deviations on average`,
);

if (values.picture !== undefined) {
  const x = days.map((_, t) => t + 1);
  const at = (k: number, q: number): number[] =>
    days.map((_, day) => {
      const draws = drawsOf(day);
      const sorted = Float64Array.from({ length: SAMPLES }, (_unused, i) => draws[i * p + k] ?? 0);
      return sorted.toSorted()[Math.floor(q * (SAMPLES - 1))] ?? 0;
    });
  const panel = (k: number, yLabel: string) =>
    curvesPanel({
      curves: [{ x, y: at(k, 0.5), style: styles.approximate }],
      bands: [{ x, lower: at(k, 0.05), upper: at(k, 0.95), style: styles.approximate }],
      xLabel: "day from 3 June 1987",
      yLabel,
      width: 460,
      height: 220,
    });
  const svg = figure({
    title: "Ozone over Chicago, 89 days by one estimator",
    subtitle: "Posterior medians and central 90 % intervals",
    rows: [
      { panels: [panel(0, "mean, ppb")] },
      { panels: [panel(1, "standard deviation of the field, ppb")] },
    ],
  });
  await saveFigure(values.picture, svg);
}
await estimator.release();
