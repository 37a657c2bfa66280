/**
 * Where the native runtime answers sooner than the engine's own: processor time of the one over the other, of the same answers in turns on one thread.
 *
 *     npx tsx experiments/runtime/ratios.ts
 *
 * Of the default npe with a convolutional summary of 16×16 numbers and of the README's model, and of two flows' files: data sets by draws of each. The medians of ratios of pairs; below one, the own
 * runtime takes less.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  cnn,
  defineModel,
  load,
  normal,
  npe,
  stream,
  train,
  uniform,
  type PosteriorEstimator,
} from "amortis";
import { runtimeOf } from "./runtimes.js";

const FILES = join(import.meta.dirname, "../../packages/amortis/test/golden-files/files");
const SIZES = [
  [1, 1_000],
  [1, 20_000],
  [64, 1],
  [64, 1_000],
] as const;

/** Milliseconds that pairs are made for. */
const EACH = 4_000;

const field = defineModel({
  name: "field",
  parameters: { scale: uniform(0, 1) },
  data: { z: [16, 16] },
  simulate: ({ scale }, random) => ({
    z: Array.from({ length: 16 }, () => Array.from({ length: 16 }, () => scale * random.normal())),
  }),
});

const line = defineModel({
  name: "line",
  parameters: { slope: normal(0, 1), noise: uniform(0, 2) },
  data: { y: [20] },
  simulate: ({ slope, noise }, random) => ({
    y: Array.from({ length: 20 }, (_, i) => (slope * i) / 20 + noise * random.normal()),
  }),
});

/** The default, with the networks that its training chose. */
async function ofTheReadme(): Promise<Uint8Array> {
  const quick = { simulations: 2_000, workers: 0, seed: 1, progress: false } as const;
  const fitted = await train(npe(line), { ...quick, onWarning: () => {} });
  return fitted.toBytes();
}

/** What the networks compute does not depend on what they have learned. */
async function convolutional(): Promise<Uint8Array> {
  const quick = { simulations: 300, epochs: 1, workers: 0, seed: 1, progress: false } as const;
  const fitted = await train(npe(field, { summary: cnn() }), { ...quick, onWarning: () => {} });
  return fitted.toBytes();
}

async function opened(bytes: Uint8Array, runtime: string): Promise<PosteriorEstimator> {
  const options = { runtime: await runtimeOf(runtime), threads: 1, onWarning: () => undefined };
  const estimator = await load(bytes, options);
  if (estimator.kind !== "posterior") throw new Error("the file holds no posterior");
  return estimator;
}

/** The median ratio of an answer's processor time on two runtimes. */
async function ratio(
  estimators: readonly PosteriorEstimator[],
  sets: number,
  samples: number,
): Promise<number> {
  const data = Object.entries(estimators[0]?.dataShapes ?? {}).map(([array, shape]) => {
    const values = new Float32Array(shape.reduce((a, b) => a * b, sets));
    stream(5).fillNormal(values);
    return [array, values] as const;
  });
  const timed = async (estimator: PosteriorEstimator): Promise<number> => {
    const before = process.cpuUsage();
    await estimator.givenBatch(Object.fromEntries(data), { samples, seed: 1 });
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  for (let i = 0; i < 3; i++) for (const estimator of estimators) await timed(estimator);
  const ratios: number[] = [];
  const until = performance.now() + EACH;
  do {
    const times: number[] = [];
    for (const estimator of estimators) times.push(await timed(estimator));
    ratios.push((times[0] ?? Number.NaN) / (times[1] ?? Number.NaN));
  } while (performance.now() < until);
  return ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? Number.NaN;
}

const golden = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(FILES, `${name}.amortis`)));
const programs = {
  "convolutional summary": await convolutional(),
  "the README's model": await ofTheReadme(),
  "spline flow": golden("npe-spline"),
  "affine flow": golden("npe-affine"),
};
for (const [name, bytes] of Object.entries(programs)) {
  const estimators = [await opened(bytes, "own"), await opened(bytes, "native")];
  for (const [sets, draws] of SIZES) {
    const found = await ratio(estimators, sets, draws);
    console.log(`${name}, ${sets} × ${draws}: ${found.toFixed(2)}`);
  }
}
