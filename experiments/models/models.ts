/**
 * Models compared: amortized probabilities of two models of counts, Poisson and geometric, against their exact marginal likelihoods.
 *
 *     npm run experiment:models -- --simulations 8000 --sets 1000
 */
import { parseArgs } from "node:util";
import { confusion } from "amortis/diagnostics";
import {
  beta,
  compareModels,
  deepSet,
  defineModel,
  gamma,
  logGamma,
  npe,
  set,
  simulate,
  train,
} from "amortis/extend";

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "8000" },
    epochs: { type: "string", default: "15" },
    sets: { type: "string", default: "1000" },
  },
});

const N = 8;
const DRAWS = 4000;
const data = { y: set(N) };

const poisson = defineModel({
  name: "poisson",
  parameters: { rate: gamma(2, 1) },
  data,
  simulate: ({ rate }, random) => ({ y: Array.from({ length: N }, () => [random.poisson(rate)]) }),
});

const geometric = defineModel({
  name: "geometric",
  parameters: { chance: beta(2, 2) },
  data,
  simulate: ({ chance }, random) => ({
    y: Array.from({ length: N }, () => [
      Math.floor(Math.log1p(-random.uniform()) / Math.log1p(-chance)),
    ]),
  }),
});

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** The exact probability of the Poisson model. */
function exactProbability(y: ArrayLike<number>): number {
  const counts = Array.from(y);
  const sum = counts.reduce((a, b) => a + b, 0);
  const factorials = counts.reduce((a, b) => a + logGamma(b + 1), 0);
  const first = logGamma(2 + sum) - (2 + sum) * Math.log(1 + N) - factorials;
  const second = logBeta(2 + N, 2 + sum) - logBeta(2, 2);
  return 1 / (1 + Math.exp(second - first));
}

async function main(): Promise<void> {
  const comparison = compareModels({ name: "counts", models: { poisson, geometric } });
  const started = performance.now();
  const summary = deepSet({ features: 32, outputs: 16 });
  const estimator = await train(npe(comparison, { summary }), {
    simulations: Number(values.simulations),
    epochs: Number(values.epochs),
    batch: 64,
    seed: 1,
    workers: 0,
    threads: 1,
    progress: false,
  });
  console.log(`trained in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  const fresh = await simulate(comparison, {
    simulations: Number(values.sets),
    seed: "fresh",
    workers: 0,
  });
  const posteriors = await estimator.givenBatch({ ...fresh.data }, { samples: DRAWS });
  const pair = (p: number) => ({ poisson: p, geometric: 1 - p });
  // Draws say nothing of probabilities below half of one draw.
  const bounded = (p: number) => Math.min(Math.max(p, 0.5 / DRAWS), 1 - 0.5 / DRAWS);
  const learned = posteriors
    .probabilities()
    .map(({ model }) => pair(bounded(model?.["poisson"] ?? Number.NaN)));
  const exact = learned.map((_, i) =>
    pair(bounded(exactProbability(fresh.data.y.subarray(i * N, (i + 1) * N)))),
  );
  console.log(
    "| probabilities | log score | accuracy | calibration error | mean of the true one |",
  );
  console.log("|---|---|---|---|---|");
  for (const [what, one] of [
    ["learned", learned],
    ["exact", exact],
  ] as const) {
    const { logScore, error, accuracy, calibrationError, matrix } = confusion(
      one,
      fresh.parameters,
    );
    const own = matrix.map((row, k) => (row[k] ?? 0).toFixed(3)).join(", ");
    console.log(
      `| ${what} | ${logScore.toFixed(4)} ± ${error.toFixed(4)} | ${accuracy.toFixed(3)} | ${calibrationError.toFixed(3)} | ${own} |`,
    );
  }
  await estimator.release();
}

await main();
