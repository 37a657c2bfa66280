/**
 * The Brier score: what minimises it, its gradient, and probabilities learned by it against exact ones.
 */
import {
  compile,
  constant,
  gradient,
  input,
  log,
  mul,
  neg,
  softmax,
  sum,
  type Tensor,
} from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, it, test } from "vitest";
import {
  brierLoss,
  categorical,
  defineModel,
  discrete,
  loadPoint,
  mlpSummary,
  nbe,
  normal,
  simulate,
  train,
  uniform,
  type EstimateLoss,
} from "../../src/index.js";
import { answerSheet, answersWith } from "../../src/answers.js";
import { diagnose } from "../../src/diagnostics/index.js";
import { methodOf, readConfiguration } from "../../src/extend.js";

/** Scores of probabilities [rows, values] where the value at a place was it. */
async function scores(rows: readonly (readonly number[])[], at: number): Promise<number[]> {
  const width = rows[0]?.length ?? 0;
  const q = constant(rows.flat(), [rows.length, width], "float64");
  const marks = rows.flatMap((row) => row.map((_, v) => (v === at ? 1 : 0)));
  const y = brierLoss()(q, constant(marks, [rows.length, width], "float64"));
  const program = await compile({ inputs: {}, outputs: { y } }, nodeRuntime({ threads: 1 }));
  const found = Array.from((await program.run({})).y.data, Number);
  await program.release();
  return found;
}

describe("the score", () => {
  it("is on average Σ (q - p)² + Σ p (1 - p), least at the probabilities", async () => {
    const p = [0.6, 0.3, 0.1];
    const grid = Array.from({ length: 21 }, (_, i) =>
      Array.from({ length: 21 - i }, (_unused, j) => [i / 20, j / 20, (20 - i - j) / 20]),
    ).flat();
    const each = await Promise.all(p.map((_, v) => scores(grid, v)));
    const risks = grid.map((_, i) => p.reduce((all, own, v) => all + own * (each[v]?.[i] ?? 0), 0));
    const spread = p.reduce((all, own) => all + own * (1 - own), 0);
    for (const [i, q] of grid.entries()) {
      const error = q.reduce((all, own, v) => all + (own - (p[v] ?? 0)) ** 2, 0);
      expect(risks[i]).toBeCloseTo(error + spread, 12);
    }
    const least = grid[risks.indexOf(Math.min(...risks))];
    for (const [v, own] of p.entries()) expect(least?.[v]).toBeCloseTo(own, 12);
  });

  it("has the gradient of finite differences, through the softmax", async () => {
    const x = input("x", [2, 3], "float64");
    const marks = constant([0, 1, 0, 0, 0, 1], [2, 3], "float64");
    const y = sum(brierLoss()(softmax(x, -1), marks));
    const [slope = x] = gradient(y, [x]);
    const program = await compile(
      { inputs: { x }, outputs: { y, slope } },
      nodeRuntime({ threads: 1 }),
    );
    const at = Float64Array.of(0.3, -1.2, 2, 0, 0.5, -3);
    const value = async (point: Float64Array): Promise<number> =>
      Number((await program.run({ x: point })).y.data[0]);
    const found = Array.from((await program.run({ x: at })).slope.data, Number);
    const step = 1e-5;
    for (const [i, own] of found.entries()) {
      const [up, down] = [step, -step].map((h) => at.map((u, k) => (k === i ? u + h : u)));
      const difference = (await value(up ?? at)) - (await value(down ?? at));
      expect(own).toBeCloseTo(difference / (2 * step), 8);
    }
    await program.release();
  });
});

/** A weather of three kinds and a sign, seen by two numbers of which the second depends on both. */
const kinds = ["dry", "wet", "storm"] as const;
const weights = [0.5, 0.3, 0.2];
const signs = [-1, 2];
const signWeights = [0.4, 0.6];
const weather = defineModel({
  name: "weather",
  parameters: { kind: categorical(kinds, weights), sign: discrete(signs, signWeights) },
  data: { y: [2] },
  simulate: ({ kind, sign }, random) => ({
    y: [kind + random.normal(), kind * sign + random.normal()],
  }),
});

/** Posterior probabilities of the kinds and of the signs. */
function exact([a = 0, b = 0]: ArrayLike<number> & Iterable<number>) {
  const joint = weights.map((weight, kind) =>
    signs.map(
      (sign, s) =>
        weight *
        (signWeights[s] ?? 0) *
        Math.exp(-((a - kind) ** 2) / 2 - (b - kind * sign) ** 2 / 2),
    ),
  );
  const total = joint.flat().reduce((x, y) => x + y, 0);
  return {
    kind: joint.map((row) => row.reduce((x, y) => x + y, 0) / total),
    sign: signs.map((_, s) => joint.reduce((x, row) => x + (row[s] ?? 0), 0) / total),
  };
}

const training = {
  seed: 3,
  workers: 0,
  threads: 1,
  batch: 128,
  learningRate: 2e-3,
  weightDecay: 0.01,
  simulations: 20_000,
  epochs: 12,
} as const;

/** The logarithmic score, as somebody else would write it. */
const logScore: EstimateLoss = Object.assign(
  (probabilities: Tensor, marks: Tensor) =>
    neg(log(sum(mul(probabilities, marks), { axes: [-1] }))),
  { of: "probabilities" as const },
);

describe("probabilities of discrete parameters", () => {
  test.each([
    ["the Brier score", brierLoss()],
    ["a score of one's own", logScore],
  ] as const)("by %s are the posterior's, also from a file", async (_, loss) => {
    const summary = mlpSummary({ hidden: [32, 32], outputs: 8 });
    const trained = await train(nbe(weather, { summary, loss }), training);
    const fitted = await loadPoint(await trained.toBytes());
    const { data } = await simulate(weather, { simulations: 500, seed: "fresh", workers: 0 });
    const found = await fitted.probabilitiesBatch({ y: data.y });
    expect(found).toEqual(await trained.probabilitiesBatch({ y: data.y }));
    const points = await fitted.estimateBatch({ y: data.y });
    let squares = 0;
    for (const [i, { kind = {}, sign = {} }] of found.entries()) {
      const truth = exact(data.y.subarray(2 * i, 2 * i + 2));
      const own = [
        ...kinds.map((name, v) => [kind[name] ?? NaN, truth.kind[v] ?? NaN] as const),
        ...signs.map((value, v) => [sign[String(value)] ?? NaN, truth.sign[v] ?? NaN] as const),
      ];
      squares += own.reduce((all, [q, p]) => all + (q - p) ** 2, 0) / own.length;
      const [a = 0, b = 0, c = 0, d = 0, e = 0] = own.map(([q]) => q);
      expect(a + b + c).toBeCloseTo(1, 5);
      expect(d + e).toBeCloseTo(1, 5);
      expect(points["kind"]?.[i]).toBe([a, b, c].indexOf(Math.max(a, b, c)));
      expect(points["sign"]?.[i]).toBe(d >= e ? -1 : 2);
    }
    // Of 20,000 simulations some hundred weights are learned, each for a variance of a quarter at most: √(100 / 4 / 20,000) = 0.035. The prior's are off by 0.3.
    expect(Math.sqrt(squares / found.length)).toBeLessThan(0.035);
    await Promise.all([fitted.release(), trained.release()]);
  });

  it("are in answers, words and diagnoses", async () => {
    const summary = mlpSummary({ hidden: [32], outputs: 8 });
    const fitted = await train(nbe(weather, { summary, loss: brierLoss(), members: 2 }), {
      ...training,
      simulations: 4_000,
    });
    expect((await answersWith(fitted)).words).toBe(
      "the posterior mode and the probabilities of all values",
    );
    const { document, shape } = await answerSheet(fitted, { y: [0, 0] });
    expect(shape).toEqual([1, 2]);
    expect(document.estimate).toBe("mode");
    const [{ probabilities = {}, estimate } = {}] = document.datasets;
    expect(probabilities).toEqual(await fitted.probabilities({ y: [0, 0] }));
    expect(Object.keys(probabilities["kind"] ?? {})).toEqual(kinds);
    expect(estimate?.["kind"]).toBe(0);
    const { parameters, tests } = await diagnose(fitted, weather, { simulations: 200 });
    expect(parameters.map(({ name }) => name)).toEqual([
      "kind = dry",
      "kind = wet",
      "kind = storm",
      "sign = -1",
      "sign = 2",
    ]);
    expect(tests.length).toBe(15);
    await fitted.release();
  });

  it("that other losses have not are refused", async () => {
    const method = nbe(weather, { summary: mlpSummary({ hidden: [4], outputs: 2 }) });
    const fitted = await train(method, { ...training, simulations: 200, epochs: 1 });
    await expect(fitted.probabilities({ y: [0, 0] })).rejects.toThrow(
      "trained without probabilities: train it with nbe(model, { loss: brierLoss() })",
    );
    await fitted.release();
  });
});

test("is known to files, configurations and people", async () => {
  const method = nbe(weather, { loss: brierLoss() });
  expect(method.answers).toMatchObject({ estimate: "mode", values: [[0, 1, 2], signs] });
  expect(method.description).toMatchObject({ loss: { kind: "brier" } });
  for (const loss of ["brier", { kind: "brier" }]) {
    const read = await methodOf(readConfiguration({ method: "nbe", loss }), weather);
    expect(read.description).toEqual(method.description);
  }
});

test("is refused of continuous parameters, and beside options that it does not read", () => {
  const mixed = defineModel({
    name: "mixed",
    parameters: { state: discrete([0, 1]), noise: uniform(0, 1), free: normal(0, 1) },
    data: { y: [] },
    simulate: ({ state }) => ({ y: state }),
  });
  expect(() => nbe(mixed, { loss: brierLoss() })).toThrow(
    'probabilities of values, which discrete parameters have, but "noise" is continuous',
  );
  for (const options of [{ quantiles: [0.5] }, { interval: 0.9 }, { trend: "linear" }] as const) {
    expect(() => nbe(weather, { loss: brierLoss(), ...options })).toThrow(
      `nbe: ${Object.keys(options)[0]} would be read by nothing beside a loss of probabilities`,
    );
  }
  expect(() => readConfiguration({ method: "nbe", loss: { kind: "brier", level: 0.5 } })).toThrow(
    "level",
  );
});
