/**
 * Models compared: amortized probabilities of two models of counts, Poisson and geometric, against their exact marginal likelihoods.
 *
 *     npm run experiment:models -- --simulations 8000 --sets 1000 [--picture docs/comparing-models.svg]
 */
import { parseArgs } from "node:util";
import { confusion, type Confusion } from "amortis/diagnostics";
import {
  confusionPanel,
  figure,
  informationPanel,
  probabilityPanel,
  saveFigure,
  type DesignGain,
} from "amortis/figures";
import {
  beta,
  compareModels,
  deepSet,
  defineModel,
  gamma,
  informationGain,
  logGamma,
  npe,
  set,
  simulate,
  stream,
  train,
} from "amortis/extend";

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "8000" },
    epochs: { type: "string", default: "15" },
    sets: { type: "string", default: "1000" },
    picture: { type: "string" },
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
  const n = counts.length;
  const sum = counts.reduce((a, b) => a + b, 0);
  const factorials = counts.reduce((a, b) => a + logGamma(b + 1), 0);
  const first = logGamma(2 + sum) - (2 + sum) * Math.log(1 + n) - factorials;
  const second = logBeta(2 + n, 2 + sum) - logBeta(2, 2);
  return 1 / (1 + Math.exp(second - first));
}

/** Expected information of n counts about the model: E log p(m | y) + log 2, by 20,000 data sets and their exact probabilities. */
function exactGain(n: number): DesignGain {
  const random = stream("information").split(n);
  const gains = Array.from({ length: 20_000 }, (_, i) => {
    const own = random.split(i);
    const isFirst = i % 2 === 0;
    const [rate, chance] = [own.gamma(2), own.beta(2, 2)];
    const y = Array.from({ length: n }, () =>
      isFirst ? own.poisson(rate) : Math.floor(Math.log1p(-own.uniform()) / Math.log1p(-chance)),
    );
    const p = exactProbability(y);
    return Math.log(Math.max(isFirst ? p : 1 - p, 1e-12)) + Math.LN2;
  });
  const mean = gains.reduce((a, b) => a + b, 0) / gains.length;
  const variance = gains.reduce((sum, one) => sum + (one - mean) ** 2, 0) / gains.length;
  return {
    label: `${n} counts, exact`,
    gain: mean,
    standardError: Math.sqrt(variance / gains.length),
  };
}

/** How models are told apart, what was said and what was so, and what counts are worth. */
function picture(learned: Confusion, exact: Confusion, designs: readonly DesignGain[]): string {
  return figure({
    title: "Poisson or geometric, by eight counts",
    subtitle: `log score ${learned.logScore.toFixed(3)} learned, ${exact.logScore.toFixed(3)} exact`,
    rows: [
      {
        panels: [
          confusionPanel(learned, { title: "Learned" }),
          confusionPanel(exact, { title: "Exact" }),
          probabilityPanel(learned, { title: "Learned: said, and so" }),
        ],
      },
      {
        panels: [
          informationPanel({ designs, most: Math.LN2, title: "Of what there is to know, dotted" }),
        ],
      },
    ],
  });
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
  const told: Confusion[] = [];
  for (const [what, one] of [
    ["learned", learned],
    ["exact", exact],
  ] as const) {
    const found = confusion(one, fresh.parameters);
    told.push(found);
    const { logScore, error, accuracy, calibrationError, matrix } = found;
    const own = matrix.map((row, k) => (row[k] ?? 0).toFixed(3)).join(", ");
    console.log(
      `| ${what} | ${logScore.toFixed(4)} ± ${error.toFixed(4)} | ${accuracy.toFixed(3)} | ${calibrationError.toFixed(3)} | ${own} |`,
    );
  }
  const gain = await informationGain(estimator, fresh);
  const designs = [
    ...[2, 4, 8].map((n) => exactGain(n)),
    { label: "8 counts, learned", ...gain },
    ...[16, 32].map((n) => exactGain(n)),
  ];
  for (const { label, gain: nats, standardError = 0 } of designs) {
    console.log(
      `${label}: ${nats.toFixed(3)} ± ${standardError.toFixed(3)} nats of ${Math.LN2.toFixed(3)}`,
    );
  }
  const [first, second] = told;
  if (values.picture !== undefined && first !== undefined && second !== undefined) {
    await saveFigure(values.picture, picture(first, second, designs));
  }
  await estimator.release();
}

await main();
