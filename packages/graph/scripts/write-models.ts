/**
 * Writes models for check_models.py: every golden case with its gradients, a training loop and an evaluation loop.
 *
 *     npx tsx packages/graph/scripts/write-models.ts FOLDER
 *     python packages/graph/scripts/check_models.py FOLDER/*.onnx      # needs onnx, onnxruntime and numpy
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  adam,
  batchNorm,
  cast,
  dropout,
  encodeModel,
  encodeProgram,
  evaluationGraph,
  gradient,
  heNormal,
  input,
  linear,
  mean,
  relu,
  reshape,
  Scope,
  spatialConvMaxPool2d,
  square,
  sub,
  sum,
  trainingGraph,
  transpose,
  Variables,
  zerosInit,
  type Mode,
  type Tensor,
  type TrainingSpec,
} from "../src/index.js";
import { CASES } from "../test/cases.js";
import golden from "../test/fixtures/golden.json" with { type: "json" };

type Golden = readonly [
  name: string,
  inputs: readonly { readonly shape: readonly number[] }[],
  output: unknown,
  gradients: unknown,
];

const BATCH = 4;

/** A case and its gradients as a program. Its inputs are those of the fixture, in double precision. */
function caseModel(name: string, shapes: readonly (readonly number[])[], smooth: boolean) {
  const x = shapes.map((shape, i) => input(`x${i}`, shape, "float64"));
  const y = cast(CASES[name]?.(...x) ?? missing(name), "float64");
  const gradients = smooth ? gradient(sum(square(y)), x) : [];
  return encodeProgram({
    name,
    inputs: Object.fromEntries(x.map((tensor, i) => [`x${i}`, tensor])),
    outputs: { y, ...Object.fromEntries(gradients.map((g, i) => [`dx${i}`, g])) },
  });
}

function missing(name: string): never {
  throw new Error(`there is no case ${name}`);
}

/** A small network with all that a loop may have: convolution, running statistics, noise, clipping. */
function network(mode: Mode): TrainingSpec {
  const variables = new Variables();
  const scope = Scope.root(variables, mode);
  const weight = (name: string, shape: readonly number[]): Tensor =>
    scope.variable(name, shape, heNormal());
  const bias = (name: string, size: number): Tensor => scope.variable(name, [size], zerosInit);
  const x = input("x", [BATCH, 6, 6]);
  const y = input("y", [BATCH, 1]);
  const map = reshape(transpose(x, [1, 2, 0]), [6, 6, BATCH, 1]);
  const pooled = relu(spatialConvMaxPool2d(map, weight("kernel", [3, 3, 1, 8]), [2, 2]));
  const features = reshape(transpose(pooled, [2, 0, 1, 3]), [BATCH, 72]);
  const raw = linear(features, weight("hidden/weight", [72, 8]), bias("hidden/bias", 8));
  const running = scope.state("running", [8], 0);
  const normal = batchNorm(raw, scope.variable("gain", [8], zerosInit), bias("shift", 8));
  scope.assign(running, normal.mean);
  const kept = scope.training
    ? dropout(normal.y, scope.noise([BATCH, 8], "uniform"), 0.1)
    : normal.y;
  const output = linear(relu(kept), weight("out/weight", [8, 1]), bias("out/bias", 1));
  return {
    variables,
    losses: mean(square(sub(output, y)), { axes: [1] }),
    examples: { x, y },
    noise: scope.noiseInputs,
    assignments: scope.assignments,
    optimizer: adam(),
    clipNorm: 1,
  };
}

const [folder] = process.argv.slice(2);
if (folder === undefined)
  throw new Error("usage: npx tsx packages/graph/scripts/write-models.ts FOLDER");
mkdirSync(folder, { recursive: true });
const write = (name: string, model: Uint8Array): void => {
  writeFileSync(join(folder, `${name.replaceAll("/", "-")}.onnx`), model);
};
for (const [name, inputs, , gradients] of golden as unknown as readonly Golden[]) {
  write(
    name,
    caseModel(
      name,
      inputs.map(({ shape }) => shape),
      gradients !== null,
    ),
  );
}
write("training-loop", encodeModel(trainingGraph(network("training"))));
write("evaluation-loop", encodeModel(evaluationGraph(network("inference"))));
console.log(`${golden.length + 2} models are in ${folder}`);
