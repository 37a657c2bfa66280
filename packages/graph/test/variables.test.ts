import { describe, expect, test } from "vitest";
import { InvalidArgumentError, ShapeError } from "../src/errors.js";
import {
  constantInit,
  glorotUniform,
  heNormal,
  normalInit,
  onesInit,
  zerosInit,
  type RandomSource,
} from "../src/initializers.js";
import { hostTensor } from "../src/host-tensor.js";
import { constant, input, isConstant } from "../src/leaves.js";
import { add, mul } from "../src/operations/elementwise.js";
import { matmul } from "../src/operations/linear.js";
import { compile, programGraph, variableValues } from "../src/program.js";
import { Scope, Variables } from "../src/variables.js";
import { numbers } from "./evaluate.js";
import { eachRuntime } from "./harness.js";

/** Uniform numbers, and normal ones by Box and Muller. */
function randomSource(seed: number): RandomSource {
  const draws = numbers(100_000, seed).values();
  const uniform = (): number => ((draws.next().value ?? 0) + 1) / 2;
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

/** Mean and mean squared deviation. */
function moments(values: Float64Array): readonly [number, number] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return [mean, values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length];
}

describe("a scope", () => {
  test("gives frozen values in the place of variables, and refuses another network's", () => {
    const frozen = Scope.frozen({ "net/weight": hostTensor([1, 2, 3], [3]) }).child("net");
    expect(frozen.training).toBe(false);
    const weight = frozen.variable("weight", [3], zerosInit);
    expect(isConstant(weight)).toBe(true);
    expect(weight.shape).toEqual([3]);
    expect(() => frozen.variable("weight", [2], zerosInit)).toThrow(
      'asks for "net/weight" of shape [2], but among the frozen weights there is [3]',
    );
    expect(() => frozen.state("mean", [1], 0)).toThrow("there is none");
  });

  test("finds a variable again by its name", () => {
    const variables = new Variables();
    const root = Scope.root(variables, "training");
    const weight = root.child("encoder").child("layer0").variable("weight", [3, 2], zerosInit);
    const again = Scope.root(variables, "inference").child("encoder").child("layer0");
    expect(again.variable("weight", [3, 2], onesInit)).toBe(weight);
    expect(root.child("decoder").variable("weight", [4, 2], zerosInit)).not.toBe(weight);
    expect(variables.entries.map(({ name }) => name)).toEqual([
      "encoder/layer0/weight",
      "decoder/weight",
    ]);
    expect(weight.toString()).toBe("encoder/layer0/weight: float32[3, 2]");
  });

  test("refuses another shape, or another use, under one name", () => {
    const scope = Scope.root(new Variables(), "training").child("net");
    scope.variable("weight", [3, 2], zerosInit);
    expect(() => scope.variable("weight", [2, 3], zerosInit)).toThrow(ShapeError);
    expect(() => scope.variable("weight", [2, 3], zerosInit)).toThrow(
      'variable "net/weight" has shape [3, 2] and was asked for with [2, 3]; give the two networks different scopes',
    );
    expect(() => scope.state("weight", [3, 2], 0)).toThrow(InvalidArgumentError);
    expect(() => scope.state("weight", [3, 2], 0)).toThrow(
      '"net/weight" is asked for both as a variable and as a state',
    );
  });

  test("collects noise and assignments of the whole tree, in training only", () => {
    const training = Scope.root(new Variables(), "training");
    const noise = training.child("a").noise([4, 2], "normal");
    training.child("b").noise([4], "uniform");
    expect(training.noiseInputs.map(({ kind, tensor }) => [kind, tensor.shape])).toEqual([
      ["normal", [4, 2]],
      ["uniform", [4]],
    ]);
    expect(training.noiseInputs[0]?.tensor).toBe(noise);
    const state = training.child("a").state("mean", [2], 0);
    training.child("a").assign(state, mul(state, 0.9));
    expect(training.assignments).toHaveLength(1);
    expect(() => training.assign(state, constant([1, 2, 3]))).toThrow(
      "assign: a/mean: float32[2] cannot hold [3]",
    );

    const inference = Scope.root(new Variables(), "inference");
    expect(inference.training).toBe(false);
    const kept = inference.state("mean", [2], 0);
    inference.assign(kept, mul(kept, 0.9));
    expect(inference.assignments).toHaveLength(0);
    expect(() => inference.noise([4], "normal")).toThrow(InvalidArgumentError);
  });
});

describe("the flat vector", () => {
  test("holds the trainable ones in order of creation, then the states", () => {
    const variables = new Variables();
    const scope = Scope.root(variables, "training");
    scope.variable("a", [2, 2], constantInit(1));
    scope.state("mean", [2], 5);
    scope.variable("b", [], constantInit(2));
    expect(variables.entries.map(({ name }) => name)).toEqual(["a", "b", "mean"]);
    expect([variables.size, variables.trainableSize]).toEqual([7, 5]);
    const initial = variables.initialize(randomSource(1));
    expect(initial).toEqual(Float32Array.of(1, 1, 1, 1, 2, 5, 5));
    const values = variableValues(variables, initial);
    expect(Object.entries(values).map(([name, { shape }]) => [name, shape])).toEqual([
      ["a", [2, 2]],
      ["b", []],
      ["mean", [2]],
    ]);
    expect(() => variableValues(variables, initial.slice(1))).toThrow(
      "weights: the variables have 7 values, but 6 were given",
    );
  });

  test("is the same from the same random source", () => {
    const variables = new Variables();
    Scope.root(variables, "training").variable("w", [30, 20], glorotUniform());
    expect(variables.initialize(randomSource(3))).toEqual(variables.initialize(randomSource(3)));
    expect(variables.initialize(randomSource(3))).not.toEqual(
      variables.initialize(randomSource(4)),
    );
  });
});

describe("initializers", () => {
  const shape = [200, 100];
  test.each([
    ["glorotUniform", glorotUniform(), 2 / 300],
    ["glorotUniform with gain 2", glorotUniform(2), 8 / 300],
    ["heNormal", heNormal(), 2 / 200],
    ["normalInit", normalInit(0.1), 0.01],
  ])("%s has mean zero and its variance", (_, initializer, variance) => {
    const values = initializer(shape, randomSource(11));
    const [mean, found] = moments(values);
    // 20,000 draws: five standard errors of a mean, and of a normal sample's variance.
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(variance / 20_000));
    expect(Math.abs(found / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / 20_000));
  });

  test("a kernel's fans count its places", () => {
    const bound = Math.sqrt(6 / (9 * (8 + 4)));
    const values = glorotUniform()([3, 3, 8, 4], randomSource(2));
    expect(Math.max(...values.map(Math.abs))).toBeLessThan(bound);
    expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.95 * bound);
  });
});

eachRuntime((runtime) => {
  test("weights are fed as inputs, or held by the program; variables not used are left out", async () => {
    const variables = new Variables();
    const scope = Scope.root(variables, "inference");
    const weight = scope.variable("weight", [2, 1], zerosInit);
    scope.variable("unused", [5], zerosInit);
    const bias = scope.variable("bias", [1], zerosInit);
    const x = input("x", ["batch", 2]);
    const y = add(matmul(x, weight), bias);
    const weights = Float32Array.of(1, 10, 0, 0, 0, 0, 0, 100);
    const spec = { inputs: { x }, outputs: { y }, variables };
    expect(() => programGraph({ ...spec, inputs: { bias: x } })).toThrow(
      '"bias" is both an input and a variable',
    );
    expect(programGraph(spec).inputs.map(({ name }) => name)).toEqual(["x", "weight", "bias"]);
    const graph = programGraph({ ...spec, weights });
    expect(graph.inputs.map(({ name }) => name)).toEqual(["x"]);
    expect(graph.initializers.map(({ name }) => name)).not.toContain("unused");

    const program = await compile({ ...spec, weights }, runtime);
    const result = await program.run({ x: [1, 2, 3, 4] });
    expect(result.y.data).toEqual(Float32Array.of(121, 143));
    await program.release();
  });
});
