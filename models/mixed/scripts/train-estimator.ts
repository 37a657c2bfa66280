/**
 * Trains the estimator that the package brings along, and writes it to `pretrained`.
 *
 *     npx tsx models/mixed/scripts/train-estimator.ts [--simulations 50000] [--epochs 60] [--out FILE]
 */
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { mlpSummary, npe, splineCoupling, train } from "amortis";
import { simulateMixed, varianceCoordinates } from "../src/index.js";

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "50000" },
    epochs: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    out: {
      type: "string",
      default: fileURLToPath(new URL("../pretrained/linear.amortis", import.meta.url)),
    },
  },
});
const started = performance.now();
const data = simulateMixed(Number(values.simulations), values.seed);
console.log(`${data.size} problems in ${((performance.now() - started) / 1000).toFixed(0)} s`);
const method = npe(varianceCoordinates, {
  summary: mlpSummary({ hidden: [128, 128], outputs: 24, activation: "silu" }),
  density: splineCoupling({ layers: 6, bins: 8, hidden: [40, 40], activation: "silu" }),
});
const estimator = await train(method, {
  data,
  epochs: Number(values.epochs),
  batch: 256,
  learningRate: 2e-3,
  weightDecay: 0.02,
  averaging: 0.998,
  seed: 1,
  threads: 1,
  onEpoch: (record) => {
    console.log(JSON.stringify(record));
  },
});
await estimator.save(values.out);
const { bestValidationLoss, seconds } = estimator.details.training;
console.log(
  `validation loss ${bestValidationLoss.toFixed(4)}, ${seconds.toFixed(0)} s of training, ${estimator.contents.weights.length} weights`,
);
await estimator.release();
