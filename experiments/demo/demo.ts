/**
 * The demo: an estimator for the range of a Gaussian field, from simulations to answers, against the exact posteriors.
 *
 *     npm run demo
 *
 * It simulates and trains, answers the 100 fields of models/gaussian-field/data (which were drawn outside this project, and whose
 * posteriors are known by quadrature), and writes the estimator and a picture to out/. A few minutes on two cores.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { augmented, cnn, npe, readData, splineCoupling, train } from "amortis";
import { scoreDraws } from "amortis/diagnostics";
import { exactPosteriors, gaussianField } from "@amortis/gaussian-field";
import { ProgressLine, trainingLine } from "amortis/extend";
import { drawPicture } from "./picture.js";
import { scoreExact, scoreTable, type ExactAnswers } from "./scores.js";

const DATA = new URL("../../models/gaussian-field/data/", import.meta.url);
const OUT = fileURLToPath(new URL("../../out/", import.meta.url));
const DRAWS = 2_000;

// Train once ...
const method = npe(gaussianField, {
  // A field reflected, transposed or with its sign changed is as likely: training shows it in all its forms.
  summary: augmented(cnn({ pooling: "average" }), [
    "verticalFlip",
    "horizontalFlip",
    "transpose",
    "negate",
  ]),
  density: splineCoupling({ layers: 1 }),
});
const progress = new ProgressLine(process.stderr);
const estimator = await train(method, {
  simulations: 20_000,
  epochs: 14,
  batch: 32,
  learningRate: 2e-3,
  weightDecay: 0.1,
  seed: 1,
  onProgress: (report) => {
    progress.show(trainingLine(report));
  },
});
progress.finish();
await estimator.save(`${OUT}gaussian-field.amortis`);

// ... then answer every field, one or many at a time.
const fields = await arrayOf("fields.npy");
const truth = await arrayOf("range.npy");
const posteriors = await estimator.givenBatch({ z: fields }, { samples: DRAWS });

const exact: ExactAnswers = JSON.parse(await readFile(new URL("exact.json", DATA), "utf8"));
const neural = scoreDraws({ draws: posteriors.draws, truth, names: ["range"] })["range"];
if (neural === undefined) throw new Error("the model has a parameter named range");
console.log(`\n${scoreTable(neural, scoreExact(exact, truth))}\n`);

console.log(
  `one field, ${DRAWS.toLocaleString("en-US")} draws: ${(await millisecondsEach(1)).toFixed(1)} ms; ` +
    `${posteriors.size} fields at once: ${(await millisecondsEach(posteriors.size)).toFixed(2)} ms each`,
);

const picture = `${OUT}demo.svg`;
await drawPicture(picture, { fields, truth, posteriors, exact, curves: exactPosteriors(fields) });
console.log(`picture: ${picture}\nestimator: ${OUT}gaussian-field.amortis`);
await estimator.release();

/** An array of the data that were drawn outside this project. */
async function arrayOf(name: string): Promise<Float32Array> {
  const array = await readData(new URL(name, DATA));
  if (!(array.data instanceof Float32Array)) throw new Error(`${name} holds one float32 array`);
  return array.data;
}

/** Time for a field and its draws, when so many are answered together: the median of a few runs. */
async function millisecondsEach(together: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 15; i++) {
    const z = fields.subarray(i * 256, (i + together) * 256);
    const some = together === 1 ? z : fields;
    const started = performance.now();
    await estimator.givenBatch({ z: some }, { samples: DRAWS, seed: i });
    times.push((performance.now() - started) / together);
  }
  return times.toSorted((a, b) => a - b)[7] ?? Number.NaN;
}
