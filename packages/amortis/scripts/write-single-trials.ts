/**
 * Likelihoods and ratios of one trial, with what they must answer, for check_single_trial.py.
 *
 *     npx tsx packages/amortis/scripts/write-single-trials.ts FOLDER
 *
 * The model is a line through two points with noise of one: z_i = (a, a + b) + N(0, I), (a, b) ~ N(0, I), whose posterior given m trials is normal and known.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  defineModel,
  discreteUniform,
  nle,
  normal,
  nre,
  rawSummary,
  splineAutoregressive,
  stream,
  train,
} from "amortis";
import { exportSingleTrial } from "amortis/extend";
import { writeBytes, writeNpy } from "amortis/files";

const TRIALS = 20;
const SIMULATIONS = 4000;
const ASKED = 5;

type Pair = readonly [number, number];
type Noise = { normal(): number };
const trialOf = (a: number, b: number, random: Noise): Pair => [
  a + random.normal(),
  a + b + random.normal(),
];
const priors = { a: normal(0, 1), b: normal(0, 1) };

const many = defineModel({
  name: "two points, many times",
  parameters: priors,
  data: { z: ["m", 2] },
  sizes: { m: discreteUniform(1, 4) },
  simulate: ({ a, b }, random, { m }) => ({
    z: Array.from({ length: m }, () => [...trialOf(a, b, random)]),
  }),
});
const one = defineModel({
  name: "two points",
  parameters: priors,
  data: { z: [2] },
  simulate: ({ a, b }, random) => ({ z: [...trialOf(a, b, random)] }),
});

/** Mean and standard deviation of the posterior: precision I + m XᵀX, with X = [[1, 0], [1, 1]]. */
function exact(trials: readonly Pair[]) {
  const m = trials.length;
  const sum = (j: 0 | 1): number => trials.reduce((total, z) => total + z[j], 0);
  const [aa, ab, bb] = [1 + 2 * m, m, 1 + m];
  const determinant = aa * bb - ab * ab;
  const [u, v] = [sum(0) + sum(1), sum(1)];
  return {
    a: { mean: (bb * u - ab * v) / determinant, sd: Math.sqrt(bb / determinant) },
    b: { mean: (aa * v - ab * u) / determinant, sd: Math.sqrt(aa / determinant) },
  };
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: npx tsx packages/amortis/scripts/write-single-trials.ts FOLDER");
  process.exit(2);
}
const random = stream(7).split("trials");
const [a, b] = [random.normal(), random.normal()];
const trials = Array.from({ length: TRIALS }, () => trialOf(a, b, random));
const density = splineAutoregressive({ layers: 2, hidden: [32, 32] });
const options = { simulations: SIMULATIONS, seed: 1 } as const;
const fitted = {
  nle: await train(nle(many, { density, replicates: true }), options),
  ensemble: await train(nle(many, { density, replicates: true, members: 3 }), options),
  ratio: await train(nre(one, { summary: rawSummary() }), options),
};
for (const [name, estimator] of Object.entries(fitted)) {
  const out = join(folder, name);
  await mkdir(out, { recursive: true });
  for (const [path, bytes] of Object.entries(exportSingleTrial(estimator))) {
    await writeBytes(join(out, path), bytes);
  }
  const flat = Float32Array.from(trials.flat());
  await writeNpy(join(out, "trials.npy"), { shape: [TRIALS, 2], data: flat });
  const asked = trials.slice(0, ASKED).map((z, i) => [a + 0.2 * i, b - 0.3 * i, ...z]);
  const values = [];
  for (const [ta = 0, tb = 0, ...z] of asked) {
    const term =
      estimator.kind === "likelihood"
        ? await estimator.logLikelihood({ z: [z] }, [ta, tb])
        : await estimator.logRatio({ z }, [ta, tb]);
    values.push(...term);
  }
  const expected = { asked, values, posterior: exact(trials) };
  await writeFile(join(out, "expected.json"), JSON.stringify(expected));
}
