/**
 * What settings of training gain `nbe`: its losses of fresh simulations, which no training saw, over those of the general settings.
 *
 *     npx tsx experiments/defaults/nbe.ts [--models bound,line] [--simulations 2000,10000] [--seeds 1] [--choices general,default]
 *
 * The squared error of the means and the pinball losses of the quantiles .05 and .95, each in its parameter's prior standard deviation, as ratios (standard errors in thousandths).
 */
import { parseArgs } from "node:util";
import { nbe, simulate, train, type AnyModel, type TrainOptions } from "amortis";
import { tasks } from "@amortis/sbibm";
import { general, simpleModels } from "./simple-models.js";

const FRESH = 4_000;
const FRESH_SEED = 1_000_000_007;

const { values } = parseArgs({
  options: {
    models: { type: "string" },
    simulations: { type: "string", default: "2000,10000" },
    seeds: { type: "string", default: "1" },
    choices: { type: "string" },
  },
});

const choices: Readonly<Record<string, (simulations: number) => TrainOptions>> = {
  default: () => ({}),
  /** Held back the more the fewer simulations there are, as densities are. */
  scaled: (simulations) => ({ weightDecay: 1_000 / simulations }),
};

/** A flat array [simulations, parameters] of what comes by the names of parameters. */
function flatten(byName: Readonly<Record<string, ArrayLike<number>>>, p: number): Float64Array {
  const flat = new Float64Array(FRESH * p);
  let from = 0;
  for (const column of Object.values(byName)) {
    const width = column.length / FRESH;
    for (let i = 0; i < FRESH; i++) {
      for (let j = 0; j < width; j++) flat[i * p + from + j] = column[i * width + j] ?? Number.NaN;
    }
    from += width;
  }
  return flat;
}

function deviations(parameters: ArrayLike<number>, p: number): readonly number[] {
  return Array.from({ length: p }, (_, j) => {
    const column = Array.from({ length: FRESH }, (_unused, i) => parameters[i * p + j] ?? 0);
    const mean = meanOf(column);
    return Math.sqrt(meanOf(column.map((value) => (value - mean) ** 2)));
  });
}

function meanOf(all: readonly number[]): number {
  return all.reduce((a, b) => a + b, 0) / all.length;
}

/** Losses of each fresh simulation. */
interface Losses {
  readonly squared: readonly number[];
  readonly pinball: readonly number[];
  readonly seconds: number;
}

async function lossesOf(
  model: AnyModel,
  simulations: number,
  seed: number,
  options: TrainOptions,
): Promise<Losses> {
  const start = process.cpuUsage();
  const estimator = await train(nbe(model, { interval: 0.9 }), {
    ...options,
    simulations,
    seed,
    threads: 1,
    workers: 0,
    calibrate: false,
    onWarning: () => {},
  });
  const { user, system } = process.cpuUsage(start);
  const fresh = await simulate(model, { simulations: FRESH, seed: FRESH_SEED, workers: 0 });
  const p = model.parameterSize;
  const sds = deviations(fresh.parameters, p);
  const point = flatten(await estimator.estimateBatch(fresh.data), p);
  const bounds = await estimator.intervalBatch(0.9, fresh.data);
  const ends = [
    { level: 0.05, values: flatten(bounds.lower, p) },
    { level: 0.95, values: flatten(bounds.upper, p) },
  ];
  await estimator.release();
  const mean = (i: number, loss: (at: number, sd: number) => number): number =>
    meanOf(sds.map((sd, j) => loss(i * p + j, sd)));
  const off = (values: Float64Array, at: number, sd: number): number =>
    ((fresh.parameters[at] ?? 0) - (values[at] ?? Number.NaN)) / sd;
  const each = Array.from({ length: FRESH }, (_, i) => i);
  return {
    squared: each.map((i) => mean(i, (at, sd) => off(point, at, sd) ** 2)),
    pinball: each.map((i) =>
      mean(i, (at, sd) =>
        ends.reduce((sum, { level, values: end }) => {
          const short = off(end, at, sd);
          return sum + short * (level - (short < 0 ? 1 : 0));
        }, 0),
      ),
    ),
    seconds: (user + system) / 1e6,
  };
}

/** A mean loss over that of the general settings, and its standard error from the differences. */
function ratio(own: readonly number[], before: readonly number[]): string {
  const base = meanOf(before);
  const differences = own.map((loss, i) => loss - (before[i] ?? 0));
  const mean = meanOf(differences);
  const error = Math.sqrt(meanOf(differences.map((each) => (each - mean) ** 2)) / FRESH);
  return `${(1 + mean / base).toFixed(3)} (${((1000 * error) / base).toFixed(0)})`;
}

const known: Readonly<Record<string, AnyModel>> = { ...simpleModels, ...tasks };
const names = values.models?.split(",") ?? [
  ...Object.keys(simpleModels),
  "gaussian_linear",
  "slcp",
  "two_moons",
  "sir",
];
const chosen = values.choices?.split(",") ?? Object.keys(choices);
for (const simulations of values.simulations.split(",").map(Number)) {
  for (const name of names) {
    const model = known[name];
    if (model === undefined) throw new Error(`there is no model "${name}"`);
    for (const seed of values.seeds.split(",").map(Number)) {
      const before = await lossesOf(model, simulations, seed, general(simulations));
      const said = [
        `general ${meanOf(before.squared).toPrecision(3)} ${meanOf(before.pinball).toPrecision(3)} ${before.seconds.toFixed(0)} s`,
      ];
      for (const choice of chosen) {
        const options = choices[choice]?.(simulations);
        if (options === undefined) throw new Error(`there is no choice "${choice}"`);
        const made = await lossesOf(model, simulations, seed, options);
        said.push(
          `${choice} ${ratio(made.squared, before.squared)} ${ratio(made.pinball, before.pinball)} ${made.seconds.toFixed(0)} s`,
        );
      }
      console.log([name, simulations, `seed ${seed}`, ...said].join(" | "));
    }
  }
}
process.exit(0);
