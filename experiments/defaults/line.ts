/**
 * The default npe of the README's model beside its exact posterior: log posterior density at the parameters of fresh simulations, and means and standard deviations of the noise of single
 * data sets, over the noise that they have.
 *
 *     npx tsx experiments/defaults/line.ts --simulations 2000 --seed 1
 */
import { parseArgs } from "node:util";
import { defineModel, normal, npe, simulate, stream, train, uniform } from "amortis";
import { expectedLogDensity } from "amortis/diagnostics";

const PLACES = 20;
const t = Array.from({ length: PLACES }, (_, i) => i / PLACES);
const tt = t.reduce((sum, value) => sum + value * value, 0);

const line = defineModel({
  name: "line",
  parameters: { slope: normal(0, 1), noise: uniform(0, 2) },
  data: { y: [PLACES] },
  simulate: ({ slope, noise }, random) => ({
    y: t.map((place) => slope * place + noise * random.normal()),
  }),
});

/** Points of the noise that its posterior is reckoned at. */
const POINTS = 4_000;
const points = Array.from({ length: POINTS }, (_, g) => (2 * (g + 0.5)) / POINTS);

/** log p(y | noise), the slope integrated out. */
function logMarginal(y: ArrayLike<number>, noise: number): number {
  let [ty, yy] = [0, 0];
  for (let i = 0; i < PLACES; i++) {
    ty += (t[i] ?? 0) * (y[i] ?? 0);
    yy += (y[i] ?? 0) ** 2;
  }
  const v = noise * noise;
  const square = (yy - (ty * ty) / (v + tt)) / v;
  return -0.5 * (PLACES * Math.log(2 * Math.PI * v) + Math.log1p(tt / v) + square);
}

/** The noise's posterior mean and standard deviation, and log p(y). */
function exactly(y: ArrayLike<number>): { mean: number; sd: number; logEvidence: number } {
  const logs = points.map((noise) => logMarginal(y, noise));
  const most = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - most));
  const total = weights.reduce((a, b) => a + b, 0);
  const mean = weights.reduce((sum, w, g) => sum + w * (points[g] ?? 0), 0) / total;
  const square = weights.reduce((sum, w, g) => sum + w * ((points[g] ?? 0) - mean) ** 2, 0) / total;
  return { mean, sd: Math.sqrt(square), logEvidence: most + Math.log(total / POINTS) };
}

/** log p(slope, noise | y). */
function logPosterior(slope: number, noise: number, y: ArrayLike<number>): number {
  const squares = t.reduce((sum, place, i) => sum + ((y[i] ?? 0) - slope * place) ** 2, 0);
  const v = noise * noise;
  const logLikelihood = -0.5 * (PLACES * Math.log(2 * Math.PI * v) + squares / v);
  const logPrior = -0.5 * (Math.log(2 * Math.PI) + slope * slope) - Math.log(2);
  return logLikelihood + logPrior - exactly(y).logEvidence;
}

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    fresh: { type: "string", default: "4000" },
  },
});
const seed = Number(values.seed);
const estimator = await train(npe(line), {
  simulations: Number(values.simulations),
  seed,
  onWarning: () => {},
});
const fresh = await simulate(line, { simulations: Number(values.fresh), seed: 77_000 + seed });
const { value, standardError } = await expectedLogDensity(estimator, fresh);
const y = fresh.data["y"] ?? [];
const exact = Array.from({ length: fresh.size }, (_, k) => {
  const [slope = 0, noise = 1] = fresh.parameters.slice(2 * k, 2 * k + 2);
  return logPosterior(slope, noise, Array.from(y.slice(PLACES * k, PLACES * (k + 1)), Number));
});
const best = exact.reduce((a, b) => a + b, 0) / exact.length;
console.log(
  `log posterior density at the parameters of ${fresh.size} fresh simulations: ${value.toFixed(3)} (standard error ${standardError.toFixed(3)}); of the exact posterior ${best.toFixed(3)}`,
);
const random = stream("line").split(seed);
for (const noise of [0.05, 0.1, 0.2, 0.4, 0.8, 1.6]) {
  const observed = t.map((place) => 0.7 * place + noise * random.normal());
  const right = exactly(observed);
  const posterior = await estimator.given({ y: observed }, { samples: 4_000, seed });
  console.log(
    `noise ${noise}: ${posterior.mean().noise.toFixed(3)} ± ${posterior.sd().noise.toFixed(3)}, exactly ${right.mean.toFixed(3)} ± ${right.sd.toFixed(3)}`,
  );
}
await estimator.release();
