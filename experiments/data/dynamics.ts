/**
 * Real data: the amortized posterior of an outbreak of influenza, and of hares and lynxes, beside Markov chains on the exact likelihood of the same model.
 *
 *     npm run experiment:dynamics -- --only influenza --simulations 20000 [--picture docs/dynamics-influenza.svg]
 *
 * And states that vary in time beside exact answers (docs/state-space.md):
 *
 *     npm run experiment:dynamics -- --only linear|volatility|varying-sir --simulations 4000 --epochs 30 --sets 30 [--picture docs/state-space-volatility.svg]
 */
import { parseArgs } from "node:util";
import { modelPosterior, npe, train, type AnyModel } from "amortis";
import { curvesPanel, figure, saveFigure, styles } from "amortis/figures";
import {
  hareLynx,
  hares,
  inBed,
  infected,
  influenza,
  lynxes,
} from "../../models/dynamics/src/index.js";
import { runStateSpace, STATE_SPACE } from "./state-space/state-space.js";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "influenza" },
    simulations: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    epochs: { type: "string", default: "30" },
    sets: { type: "string", default: "30" },
    following: { type: "string", default: "next" },
    picture: { type: "string" },
  },
});
if (STATE_SPACE.includes(values.only)) {
  const [simulations, epochs, sets, seed] = [
    values.simulations,
    values.epochs,
    values.sets,
    values.seed,
  ].map(Number);
  await runStateSpace({
    only: values.only,
    simulations: simulations ?? NaN,
    epochs: epochs ?? NaN,
    sets: sets ?? NaN,
    seed: seed ?? NaN,
    markov: values.following === "next",
    picture: values.picture,
  });
  process.exit();
}
const flu = values.only === "influenza";
const model: AnyModel = flu ? influenza : hareLynx;
const data = flu ? { y: [...inBed] } : { hare: [...hares], lynx: [...lynxes] };

const options = { simulations: Number(values.simulations), seed: Number(values.seed), threads: 1 };
const started = performance.now();
const estimator = await train(npe(model, { members: 1, emulations: 0 }), options);
const trained = performance.now();
const amortized = await estimator.given(data, { samples: 4000 });
const answered = performance.now();
const exact = await modelPosterior(model, data, { method: "mcmc", samples: 4000 });
const walked = performance.now();

console.log(
  `training ${((trained - started) / 1000).toFixed(0)} s, answer ${(answered - trained).toFixed(0)} ms, Markov chains ${((walked - answered) / 1000).toFixed(1)} s`,
);
console.log(
  "| parameter | amortized: mean, sd | Markov chains: mean, sd | distance of means in sds |",
);
console.log("|---|---|---|---|");
const p = model.parameterNames.length;

function moments(draws: ArrayLike<number>, of: (row: readonly number[]) => number) {
  const all = Array.from({ length: draws.length / p }, (_, i) =>
    of(model.parameterNames.map((_name, k) => draws[i * p + k] ?? 0)),
  );
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  return { mean, sd: Math.sqrt(all.reduce((t, v) => t + (v - mean) ** 2, 0) / all.length) };
}

const asked: [string, (row: readonly number[]) => number][] = model.parameterNames.map(
  (name, k) => [name, (row) => row[k] ?? 0],
);
if (flu) {
  asked.push(["R0 = beta / gamma", ([beta = 0, gamma = 1]) => beta / gamma]);
  asked.push(["days to recovery", ([, gamma = 1]) => 1 / gamma]);
}
for (const [name, of] of asked) {
  const [own, other] = [moments(amortized.draws, of), moments(exact.draws, of)];
  const short = ({ mean, sd }: { mean: number; sd: number }): string =>
    `${mean.toPrecision(3)}, ${sd.toPrecision(2)}`;
  const distance = Math.abs(own.mean - other.mean) / other.sd;
  console.log(`| ${name} | ${short(own)} | ${short(other)} | ${distance.toFixed(2)} |`);
}

if (values.picture !== undefined && flu) {
  const days = inBed.map((_, t) => t + 1);
  const paths = Array.from({ length: 400 }, (_, i) =>
    infected(amortized.draws[i * p] ?? 1, amortized.draws[i * p + 1] ?? 1),
  );
  const at = (q: number): number[] =>
    days.map((_, t) => {
      const sorted = paths.map((path) => path[t] ?? 0).toSorted((a, b) => a - b);
      return sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
    });
  const [line, dots] = [styles.approximate, styles.miss];
  const panel = curvesPanel({
    curves: [
      { x: days, y: at(0.5), style: line },
      { x: days, y: [...inBed], style: dots, points: true },
    ],
    bands: [{ x: days, lower: at(0.05), upper: at(0.95), style: line }],
    xLabel: "day",
    yLabel: "boys in bed",
    width: 460,
    height: 280,
  });
  const svg = figure({
    title: "Influenza in a boarding school, 1978",
    subtitle: "Counts, and the infected by the posterior: median and 90 %",
    rows: [{ panels: [panel] }],
  });
  await saveFigure(values.picture, svg);
}
await estimator.release();
