/**
 * Two simulators of the same parameters: how many simulations of the dear one a network needs that learned from a cheap one first.
 *
 * Growth to a capacity, du/dt = r u (1 - u / K), seen at eight times with noise: the dear simulator solves it, the cheap one takes Euler's steps of one. Scores are log-densities of the truth, averaged over fresh
 * data sets of the dear simulator, beside that of the exact posterior.
 *
 *     npm run experiment:fidelity -- --cheap 2000 --dear 100,200,400,800,1600 --seeds 1 --fresh 200
 */
import { parseArgs } from "node:util";
import {
  defineModel,
  logNormal,
  modelPosterior,
  npe,
  simulate,
  splineCoupling,
  train,
  uniform,
  type TrainOptions,
} from "amortis";

const { values } = parseArgs({
  options: {
    cheap: { type: "string", default: "10000" },
    dear: { type: "string", default: "50,100,200,400,800,1600,3200" },
    seeds: { type: "string", default: "3" },
    fresh: { type: "string", default: "500" },
  },
});

const TIMES = [1, 2, 3, 4, 5, 6, 7, 8];
const NOISE = 0.05;
const START = 0.1;

type Path = (r: number, k: number) => readonly number[];

const solved: Path = (r, k) => TIMES.map((t) => k / (1 + (k / START - 1) * Math.exp(-r * t)));

const steps: Path = (r, k) => {
  let u = START;
  return TIMES.map(() => (u += r * u * (1 - u / k)));
};

function growth(name: string, path: Path) {
  return defineModel({
    name,
    parameters: { r: uniform(0.3, 1.5), k: logNormal(0, 0.3) },
    data: { y: [TIMES.length] },
    simulate: ({ r, k }, random) => ({ y: path(r, k).map((u) => u + NOISE * random.normal()) }),
    logLikelihood: ({ r, k }, { y }) =>
      path(r, k).reduce((total, u, i) => total - 0.5 * (((y[i] ?? 0) - u) / NOISE) ** 2, 0),
  });
}

const [cheap, dear] = [growth("coarse-growth", steps), growth("growth", solved)];
const density = splineCoupling({ hidden: [32, 32], layers: 3 });
const common = { workers: 0, threads: 1, progress: false, onWarning: () => {} };
const fresh = await simulate(dear, {
  simulations: Number(values.fresh),
  seed: "fresh",
  workers: 0,
});

const mean = (all: ArrayLike<number>): number =>
  Array.from(all).reduce((a, b) => a + b, 0) / all.length;

async function trained(model: typeof dear, options: TrainOptions) {
  const estimator = await train(npe(model, { members: 1, density }), { ...common, ...options });
  const posteriors = await estimator.givenBatch({ ...fresh.data }, { samples: 10 });
  const logs = await posteriors.logDensity(fresh.parameters);
  return { estimator, score: mean(logs) };
}

/** Simulations at which a falling loss comes to a score, between those that were tried, on logarithmic scales; undefined beyond them. */
function simulationsFor(
  score: number,
  tried: readonly (readonly [number, number])[],
): number | undefined {
  const at = tried.findIndex(([, own]) => own >= score);
  const [after, before] = [tried[at], tried[at - 1]];
  if (after === undefined || before === undefined) return undefined;
  const share = (score - before[1]) / (after[1] - before[1]);
  return Math.exp(Math.log(before[0]) + share * Math.log(after[0] / before[0]));
}

const exact = await modelPosterior(
  dear,
  { ...fresh.data },
  { method: "grid", points: 80, samples: 10 },
);
const known = await exact.logDensity(fresh.parameters);
console.log(
  `exact posterior: ${mean(known).toFixed(3)} nats, mean over ${fresh.size} fresh data sets`,
);
const counts = values.dear.split(",").map(Number);
const seeds = Array.from({ length: Number(values.seeds) }, (_, k) => k + 1);
const table = counts.map((count) => ({ count, anew: [] as number[], on: [] as number[] }));
const first: number[] = [];
for (const seed of seeds) {
  const before = await trained(cheap, { seed: 100 + seed, simulations: Number(values.cheap) });
  first.push(before.score);
  for (const row of table) {
    const options = { seed, simulations: row.count };
    const on = await trained(dear, { ...options, from: before.estimator });
    const anew = await trained(dear, options);
    row.on.push(on.score);
    row.anew.push(anew.score);
    await Promise.all([on.estimator.release(), anew.estimator.release()]);
  }
  await before.estimator.release();
}
const spread = (all: readonly number[]): string =>
  `${mean(all).toFixed(3)} (${Math.min(...all).toFixed(3)} to ${Math.max(...all).toFixed(3)})`;
console.log(`the cheap one alone, ${values.cheap} simulations: ${spread(first)}`);
console.log(
  "| dear simulations | anew: log-density (least to most of seeds) | after the cheap one | anew, as many for the same score | saved |",
);
console.log("|---|---|---|---|---|");
const tried = table.map(({ count, anew }) => [count, mean(anew)] as const);
for (const { count, anew, on } of table) {
  const needed = simulationsFor(mean(on), tried);
  const saved =
    needed === undefined
      ? `more than ${counts.at(-1)} | `
      : `${Number(needed.toPrecision(2))} | ${(needed / count).toFixed(1)} times`;
  console.log(`| ${count} | ${spread(anew)} | ${spread(on)} | ${saved} |`);
}
