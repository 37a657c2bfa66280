import {
  adam,
  compile,
  constant,
  hostTensor,
  initialState,
  input,
  mean,
  mul,
  Scope,
  square,
  sub,
  sum,
  TrainingLoop,
  Variables,
  type HostTensor,
  type Tensor,
} from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, test } from "vitest";
import {
  augmented,
  cnn,
  mlp,
  mlpSummary,
  rawSummary,
  summaryNetworkFromJSON,
} from "../../src/networks/index.js";
import { stream } from "../../src/random/index.js";
import { numbersOf } from "../densities/support.js";

const runtime = nodeRuntime({ threads: 1 });

function normals(name: string, shape: readonly number[]): HostTensor {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  stream(9).split(name).fillNormal(values);
  return hostTensor(values, shape);
}

/** Runs a graph built in inference mode with its initial weights. */
async function run(
  feeds: Readonly<Record<string, HostTensor>>,
  build: (scope: Scope, inputs: Readonly<Record<string, Tensor>>) => Tensor,
): Promise<HostTensor> {
  const variables = new Variables();
  const inputs = Object.fromEntries(
    Object.entries(feeds).map(([name, { shape }]) => [
      name,
      input(name, ["batch", ...shape.slice(1)]),
    ]),
  );
  const y = build(Scope.root(variables, "inference"), inputs);
  const weights = variables.initialize(stream(1));
  const program = await compile({ inputs, outputs: { y }, variables, weights }, runtime);
  const results = await program.run(feeds);
  await program.release();
  return results.y;
}

const of = (inputs: Readonly<Record<string, Tensor>>, name: string): Tensor =>
  inputs[name] ?? constant(0);

describe("mlp", () => {
  test("is what its formula says", async () => {
    const variables = new Variables();
    const x = input("x", [1, 2]);
    const network = mlp({ hidden: [2], activation: "relu", residual: true });
    const y = network.apply(Scope.root(variables, "inference"), x, 1);
    // hidden0: W [2, 2], b [2]; output: W [2, 1], b [1].
    const weights = Float32Array.of(1, -1, 2, 3, 0.5, -4, 1, 10, 0.25);
    const program = await compile({ inputs: { x }, outputs: { y }, variables, weights }, runtime);
    const [u, v] = [0.5, 1];
    const hidden = [Math.max(0, u + 2 * v + 0.5) + u, Math.max(0, -u + 3 * v - 4) + v] as const;
    expect((await program.run({ x: [u, v] })).y.data[0]).toBeCloseTo(
      hidden[0] + 10 * hidden[1] + 0.25,
      5,
    );
    await program.release();
  });

  test.each(["none", "layer", "batch"] as const)(
    "learns a smooth function, with normalisation %s, and infers it with dropout",
    async (normalization) => {
      const network = mlp({ hidden: [32, 32], activation: "silu", normalization, dropout: 0.02 });
      const n = 2048;
      const batch = 64;
      const random = stream(21);
      const x = normals("x", [n, 2]);
      const target = Float32Array.from({ length: n }, (_, i) =>
        Math.sin(Number(x.data[2 * i]) + 0.5 * Number(x.data[2 * i + 1])),
      );
      const variables = new Variables();
      const scope = Scope.root(variables, "training");
      const inputs = { x: input("x", [batch, 2]), y: input("y", [batch, 1]) };
      const losses = mean(square(sub(network.apply(scope, inputs.x, 1), inputs.y)), { axes: [1] });
      const spec = {
        variables,
        losses,
        examples: inputs,
        noise: scope.noiseInputs,
        assignments: scope.assignments,
        optimizer: adam(),
      };
      const loop = await TrainingLoop.create(spec, runtime);
      const steps = 700;
      const { state } = await loop.run(
        initialState(variables, spec.optimizer, variables.initialize(stream(1))),
        {
          data: { x, y: hostTensor(target, [n, 1]) },
          indices: Uint32Array.from({ length: steps * batch }, () => random.integer(n)),
          learningRates: Array.from({ length: steps }, (_, i) => 5e-3 * (1 - i / steps)),
          fillNoise: (values, _kind, step) => {
            stream(2).split(step).fillUniform(values);
          },
        },
      );
      await loop.release();
      const all = { x: input("x", [n, 2]) };
      const y = network.apply(Scope.root(variables, "inference"), all.x, 1);
      const program = await compile(
        { inputs: all, outputs: { y }, variables, weights: state.weights },
        runtime,
      );
      const found = (await program.run({ x })).y.data;
      await program.release();
      const error = target.reduce((total, v, i) => total + (v - Number(found[i])) ** 2, 0) / n;
      expect(error).toBeLessThan(0.04);
    },
  );

  test("refuses settings out of range", () => {
    expect(() => mlp({ hidden: [0] })).toThrow(/hidden\[0\] must be at least 1, but is 0/);
    expect(() => mlp({ dropout: 1 })).toThrow(/dropout/);
  });
});

describe("summaries", () => {
  test("of vectors flatten and join by name", async () => {
    const feeds = { b: normals("b", [3, 2]), a: normals("a", [3, 2, 2]) };
    const found = await run(feeds, (scope, inputs) => rawSummary().apply(scope, inputs));
    expect(found.shape).toEqual([3, 6]);
    const first = [...numbersOf(feeds.a.data).slice(0, 4), ...numbersOf(feeds.b.data).slice(0, 2)];
    expect([...numbersOf(found.data)].slice(0, 6)).toEqual(first);
    const learned = await run(feeds, (scope, inputs) =>
      mlpSummary({ outputs: 5 }).apply(scope, inputs),
    );
    expect(learned.shape).toEqual([3, 5]);
  });

  test("of vectors have some of the numbers themselves beside what is learned of these", async () => {
    const feeds = { x: normals("x", [3, 6]) };
    const kept = await run(feeds, (scope, inputs) =>
      rawSummary({ only: [4, 1] }).apply(scope, inputs),
    );
    const both = await run(feeds, (scope, inputs) =>
      mlpSummary({ outputs: 5, only: [4, 1], skip: true }).apply(scope, inputs),
    );
    const alone = await run({ x: hostTensor(numbersOf(kept.data), [3, 2]) }, (scope, inputs) =>
      mlpSummary({ outputs: 5 }).apply(scope, inputs),
    );
    expect(both.shape).toEqual([3, 7]);
    const rows = [0, 1, 2].flatMap((i) => [
      ...numbersOf(kept.data).slice(2 * i, 2 * i + 2),
      ...numbersOf(alone.data).slice(5 * i, 5 * i + 5),
    ]);
    expect([...numbersOf(both.data)]).toEqual(rows);
    await expect(
      run(feeds, (scope, inputs) => mlpSummary({ only: [6] }).apply(scope, inputs)),
    ).rejects.toThrow("mlpSummary: only names place 6, but data sets have 6 numbers");
  });

  test("of a grid: the default network has the review's sizes and takes several arrays as channels", async () => {
    const feeds = { z: normals("z", [2, 16, 16]), mask: normals("mask", [2, 16, 16]) };
    const variables = new Variables();
    const scope = Scope.root(variables, "inference");
    const z = input("z", ["batch", 16, 16]);
    expect(cnn().apply(scope, { z }).shape).toEqual(["batch", 64]);
    const shapes = variables.entries.map(({ shape }) => shape.join("x"));
    expect(shapes).toEqual(["3x3x1x64", "64", "3x3x64x128", "128", "2048x64", "64"]);
    expect((await run(feeds, (s, inputs) => cnn().apply(s, inputs))).shape).toEqual([2, 64]);
  });

  test("of a grid is equivariant: data sets do not mix", async () => {
    const both = normals("z", [2, 8, 8]);
    const second = hostTensor(numbersOf(both.data).slice(64), [1, 8, 8]);
    const network = cnn({ filters: [8, 8], dense: [5] });
    const together = await run({ z: both }, (s, inputs) => network.apply(s, inputs));
    const alone = await run({ z: second }, (s, inputs) => network.apply(s, inputs));
    for (let i = 0; i < 5; i++) {
      expect(Number(together.data[5 + i])).toBeCloseTo(Number(alone.data[i]), 4);
    }
  });

  test("of a series of channels", async () => {
    const feeds = { x: normals("x", [4, 30, 2]) };
    const network = cnn({ series: true, filters: [8, 8], dense: [6] });
    expect((await run(feeds, (s, inputs) => network.apply(s, inputs))).shape).toEqual([4, 6]);
  });

  test("a sum of a scaled input is linear in the scale, through a linear network", async () => {
    const x = normals("x", [1, 3]);
    const doubled = await run({ x }, (s, inputs) => {
      const network = mlp({ hidden: [] });
      const once = network.apply(s, of(inputs, "x"), 2);
      const twice = network.apply(s, mul(of(inputs, "x"), 2), 2);
      return sum(square(sub(twice, mul(once, 2))));
    });
    expect(Number(doubled.data[0])).toBeLessThan(1e-10);
  });
});

describe("augmented summaries", () => {
  const all = ["verticalFlip", "horizontalFlip", "transpose", "negate"] as const;

  test("see, in training, each data set by the symmetries that were drawn for it", async () => {
    const variables = new Variables();
    const scope = Scope.root(variables, "training");
    const z = input("z", [3, 2, 2]);
    const y = augmented(rawSummary(), all).apply(scope, { z });
    const noise = scope.noiseInputs.map(({ tensor }) => tensor);
    expect(noise.map(({ shape }) => shape)).toEqual([[3], [3], [3], [3]]);
    const inputs = Object.fromEntries([["z", z], ...noise.map((leaf, i) => [`u${i}`, leaf])]);
    const program = await compile(
      { inputs, outputs: { y }, variables, weights: new Float32Array() },
      runtime,
    );
    const found = await program.run({
      z: hostTensor(Float32Array.of(1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4), [3, 2, 2]),
      u0: hostTensor(Float32Array.of(0.9, 0.1, 0.1), [3]),
      u1: hostTensor(Float32Array.of(0.9, 0.9, 0.1), [3]),
      u2: hostTensor(Float32Array.of(0.9, 0.9, 0.1), [3]),
      u3: hostTensor(Float32Array.of(0.9, 0.1, 0.9), [3]),
    });
    await program.release();
    // As they are; rows reversed and negated; turned by half a turn, then transposed.
    expect([...numbersOf(found.y.data)]).toEqual([1, 2, 3, 4, -3, -4, -1, -2, 4, 2, 3, 1]);
  });

  test("transform all arrays of a data set alike, channels and all", async () => {
    const variables = new Variables();
    const scope = Scope.root(variables, "training");
    const a = input("a", [2, 2, 2, 3]);
    const b = input("b", [2, 2, 2]);
    const y = augmented(rawSummary(), ["transpose"]).apply(scope, { a, b });
    const [noise] = scope.noiseInputs;
    if (noise === undefined) throw new TypeError("there is noise");
    const program = await compile(
      { inputs: { a, b, u: noise.tensor }, outputs: { y }, variables, weights: new Float32Array() },
      runtime,
    );
    const values = Float32Array.from({ length: 24 }, (_, i) => i % 12);
    const found = await program.run({
      a: hostTensor(values, [2, 2, 2, 3]),
      b: hostTensor(Float32Array.of(0, 1, 2, 3, 0, 1, 2, 3), [2, 2, 2]),
      u: hostTensor(Float32Array.of(0.2, 0.8), [2]),
    });
    await program.release();
    const seen = [...numbersOf(found.y.data)];
    expect(seen.slice(0, 16)).toEqual([0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11, 0, 2, 1, 3]);
    expect(seen.slice(16)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3]);
  });

  test("see data as they are when they answer, with the weights of training", async () => {
    const feeds = { z: normals("z", [2, 8, 8]) };
    const inner = cnn({ filters: [4], dense: [3] });
    const shown = await run(feeds, (s, inputs) => augmented(inner, all).apply(s, inputs));
    const plain = await run(feeds, (s, inputs) => inner.apply(s, inputs));
    expect([...numbersOf(shown.data)]).toEqual([...numbersOf(plain.data)]);
  });

  test("come back from their description, and refuse what cannot be", () => {
    const network = augmented(mlpSummary({ outputs: 3 }), ["negate"]);
    expect(summaryNetworkFromJSON(network.describe()).describe()).toEqual(network.describe());
    // @ts-expect-error -- not one of them
    expect(() => augmented(cnn(), ["rotate"])).toThrow(
      /symmetries\[0\] must be "verticalFlip", .*but is "rotate"/,
    );
    expect(() => augmented(cnn(), ["negate", "negate"])).toThrow(/must not name a symmetry twice/);
    const scope = Scope.root(new Variables(), "training");
    const flat = { x: input("x", [4, 6]) };
    expect(() => augmented(rawSummary(), ["transpose"]).apply(scope, flat)).toThrow(
      /"transpose" needs square grids, but "x" is \[6\]/,
    );
  });
});
