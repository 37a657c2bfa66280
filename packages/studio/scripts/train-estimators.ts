/**
 * Trains the estimators that the studio brings along, and writes them to `public/estimators`.
 *
 *     npm run train -w @amortis/studio            # all; a few minutes on two cores
 *     npm run train -w @amortis/studio -- line    # one of them
 *
 * Small networks: a page loads them, and answers thirty times a second.
 */
import { fileURLToPath } from "node:url";
import { augmented, cnn, mlpSummary, npe, splineCoupling, train, type Estimator } from "amortis";
import { shortDiagnosis } from "amortis/diagnostics";
import { gaussianField } from "@amortis/gaussian-field";
import { ceiling } from "../src/models/ceiling.js";
import { line } from "../src/models/line.js";

const FOLDER = fileURLToPath(new URL("../public/estimators/", import.meta.url));

async function trainField(): Promise<Estimator> {
  const method = npe(gaussianField, {
    // A field reflected, transposed or with its sign changed is as likely: training shows it in all its forms.
    summary: augmented(cnn({ filters: [16, 32], dense: [32], pooling: "average" }), [
      "verticalFlip",
      "horizontalFlip",
      "transpose",
      "negate",
    ]),
    density: splineCoupling({ layers: 2 }),
  });
  return train(method, {
    simulations: 40_000,
    epochs: 20,
    batch: 64,
    learningRate: 2e-3,
    weightDecay: 0.02,
    averaging: 0.998,
    seed: 1,
  });
}

async function trainLine(): Promise<Estimator> {
  const method = npe(line, {
    summary: mlpSummary({ hidden: [64], outputs: 24 }),
    density: splineCoupling({ layers: 4 }),
  });
  return train(method, {
    simulations: 60_000,
    epochs: 25,
    batch: 128,
    learningRate: 1e-3,
    weightDecay: 0.05,
    averaging: 0.999,
    seed: 1,
  });
}

async function trainCeiling(): Promise<Estimator> {
  const method = npe(ceiling, {
    summary: mlpSummary({ hidden: [128, 64], outputs: 16 }),
    density: splineCoupling({ layers: 2 }),
    members: 1,
  });
  return train(method, {
    simulations: 60_000,
    epochs: 20,
    batch: 256,
    learningRate: 2e-3,
    weightDecay: 0.02,
    averaging: 0.998,
    seed: 1,
  });
}

const all = {
  "gaussian-field": { model: gaussianField, fit: trainField },
  line: { model: line, fit: trainLine },
  ceiling: { model: ceiling, fit: trainCeiling },
};
const asked = process.argv.slice(2);
for (const [name, { model, fit }] of Object.entries(all)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const estimator = await fit();
  await estimator.save(`${FOLDER}${name}.amortis`);
  const { bestValidationLoss, seconds } = estimator.details.training;
  console.log(
    `${name}: validation loss ${bestValidationLoss.toFixed(4)}, ${seconds.toFixed(0)} s, ${estimator.contents.weights.length} weights`,
  );
  console.log((await shortDiagnosis(estimator, model))?.verdict ?? "no diagnosis");
  await estimator.release();
}
