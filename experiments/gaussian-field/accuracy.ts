/**
 * Accuracy on the Gaussian field, against the exact posterior of each fresh field.
 *
 *     npm run experiment:accuracy -- --simulations 160000 --methods npe,nbe [--density spline|affine|mixture] [--fields 1000] [--seed 1] [--save DIR]
 *
 * Scores are averages over fields that no training saw. The ratio to the exact posterior's score is taken over the same fields; its standard
 * error is the delta method's. Nothing can score better than the exact posterior in expectation.
 */
import { parseArgs } from "node:util";
import {
  affineCoupling,
  cnn,
  gaussianMixture,
  nbe,
  npe,
  simulate,
  splineCoupling,
  train,
  type TrainingReport,
} from "amortis";
import { average, crps, intervalScore, ratio, rootMeanSquare } from "amortis/diagnostics";
import type { ConditionalDensity } from "amortis/extend";
import { exactPosteriors, gaussianField } from "@amortis/gaussian-field";

const LEVEL = 0.9;

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "20000" },
    methods: { type: "string", default: "npe,nbe" },
    density: { type: "string", default: "spline" },
    fields: { type: "string", default: "1000" },
    epochs: { type: "string" },
    seed: { type: "string", default: "1" },
    save: { type: "string" },
  },
});

const seed = Number(values.seed);
const fields = Number(values.fields);

/** What a method said of each fresh field. */
interface Answers {
  readonly means: ArrayLike<number>;
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
  readonly crps?: readonly number[];
}

const test = await simulate(gaussianField, { simulations: fields, seed: `fresh fields ${seed}` });
const truths = Array.from(test.parameters);
const exact = exactPosteriors(test.data.z);
const exactAnswers: Answers = {
  means: exact.map((posterior) => posterior.mean),
  lower: exact.map((posterior) => posterior.quantile((1 - LEVEL) / 2)),
  upper: exact.map((posterior) => posterior.quantile((1 + LEVEL) / 2)),
  crps: exact.map((posterior, i) => posterior.crps(truths[i] ?? Number.NaN)),
};

const number = (array: ArrayLike<number>, i: number): number => array[i] ?? Number.NaN;

function scoresOf({ means, lower, upper, crps: continuous }: Answers) {
  const squared = truths.map((truth, i) => (number(means, i) - truth) ** 2);
  const interval = truths.map((truth, i) =>
    intervalScore(number(lower, i), number(upper, i), truth, LEVEL),
  );
  const covered = truths.map((truth, i) =>
    Number(truth >= number(lower, i) && truth <= number(upper, i)),
  );
  return { squared, interval, covered, continuous };
}

const best = scoresOf(exactAnswers);

function print(name: string, answers: Answers, seconds: number): void {
  const scores = scoresOf(answers);
  const rmse = rootMeanSquare(truths.map((truth, i) => number(answers.means, i) - truth));
  const rmseRatio = ratio(average(scores.squared), average(best.squared));
  const root = Math.sqrt(rmseRatio.value);
  const against = (mine: readonly number[], theirs: readonly number[]): string => {
    const { value, standardError } = ratio(average(mine), average(theirs));
    return `${value.toFixed(4)} ± ${standardError.toFixed(4)}`;
  };
  const coverage = average(scores.covered);
  console.log(
    [
      name.padEnd(6),
      `RMSE ${(100 * rmse.value).toFixed(3)} (ratio ${root.toFixed(4)} ± ${(rmseRatio.standardError / (2 * root)).toFixed(4)})`,
      scores.continuous && best.continuous
        ? `CRPS ${(100 * average(scores.continuous).value).toFixed(4)} (ratio ${against(scores.continuous, best.continuous)})`
        : "",
      `interval score ${(100 * average(scores.interval).value).toFixed(3)} (ratio ${against(scores.interval, best.interval)})`,
      `coverage ${(100 * coverage.value).toFixed(1)} ± ${(100 * coverage.standardError).toFixed(1)} %`,
      `training ${seconds.toFixed(0)} s`,
    ]
      .filter(Boolean)
      .join("; "),
  );
}

print("exact", exactAnswers, 0);

// Chosen by the validation loss of 20,000 other fields. Fewer simulations ask for more decay.
const many = Number(values.simulations) > 50_000;
const settings = {
  batch: 32,
  learningRate: 1e-3,
  weightDecay: many ? 0.2 : 0.5,
  seed,
  epochs: Number(values.epochs ?? (many ? 12 : 20)),
  patience: 20,
};
const data = await simulate(gaussianField, { simulations: Number(values.simulations), seed });

function densityOf(name: string): ConditionalDensity {
  if (name === "spline") return splineCoupling({ layers: 1 });
  if (name === "affine") return affineCoupling({ layers: 4 });
  if (name === "mixture") return gaussianMixture({ components: 4 });
  throw new Error(`--density is spline, affine or mixture, but ${name} was given`);
}

function reporter(method: string): (report: TrainingReport) => void {
  let epoch = 0;
  return (report) => {
    if (report.epoch === epoch) return;
    epoch = report.epoch;
    console.error(
      `${method}: epoch ${epoch} of ${report.epochs}, validation ${report.validationLoss?.toFixed(4)} (best ${report.bestValidationLoss?.toFixed(4)}), ${report.stepsPerSecond.toFixed(0)} steps/s`,
    );
  };
}

for (const name of values.methods.split(",")) {
  const summary = cnn({ pooling: "average" });
  const method =
    name === "npe"
      ? npe(gaussianField, { summary, density: densityOf(values.density) })
      : nbe(gaussianField, { summary, interval: LEVEL });
  const started = performance.now();
  const fitted = await train(method, { data, ...settings, onProgress: reporter(name) });
  const seconds = (performance.now() - started) / 1000;
  if (values.save !== undefined) await fitted.save(`${values.save}/${name}.amortis`);
  if (fitted.kind === "posterior") {
    const posteriors = await fitted.givenBatch({ z: test.data.z }, { samples: 1000 });
    const { lower, upper } = posteriors.interval(LEVEL);
    const continuous = truths.map((truth, i) => crps(posteriors.marginal(0, i), truth));
    print(
      name,
      { means: posteriors.mean().range, lower: lower.range, upper: upper.range, crps: continuous },
      seconds,
    );
  } else {
    const [lower, upper] = await fitted.quantilesBatch({ z: test.data.z });
    const { range } = await fitted.estimateBatch({ z: test.data.z });
    print(name, { means: range, lower: lower?.range ?? [], upper: upper?.range ?? [] }, seconds);
  }
}
