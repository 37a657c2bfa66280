import { expect, it } from "vitest";
import {
  add,
  adam,
  adamW,
  averaged,
  EvaluationLoop,
  hostTensor,
  initialState,
  input,
  linear,
  matmul,
  mean,
  mul,
  normalInit,
  Scope,
  square,
  sub,
  sum,
  TrainingLoop,
  Variables,
  zerosInit,
  type Optimizer,
  type Runtime,
  type TrainingSpec,
} from "../src/index.js";
import { eachRuntime } from "./harness.js";

/** A small deterministic source: a linear congruential generator, and normals from sums of its uniforms. */
function source(seed: number) {
  let state = seed;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const normal = (): number => Array.from({ length: 12 }, uniform).reduce((a, b) => a + b, 0) - 6;
  return { uniform, normal };
}

const ROWS = 64;
const BATCH = 16;
const TRUE_WEIGHT = [1.5, -2, 0.5];
const TRUE_BIAS = 0.7;

function regressionData() {
  const random = source(1);
  const x = Float32Array.from({ length: ROWS * 3 }, () => random.normal());
  const y = Float32Array.from({ length: ROWS }, (_, i) =>
    TRUE_WEIGHT.reduce((total, w, j) => total + w * (x[3 * i + j] ?? 0), TRUE_BIAS),
  );
  return { x: hostTensor(x, [ROWS, 3]), y: hostTensor(y, [ROWS, 1]) };
}

function regression(optimizer: Optimizer, batch = BATCH): TrainingSpec {
  const variables = new Variables();
  const scope = Scope.root(variables, "training");
  const x = input("x", [batch, 3]);
  const y = input("y", [batch, 1]);
  const prediction = linear(
    x,
    scope.variable("weight", [3, 1], normalInit(0.1)),
    scope.variable("bias", [1], zerosInit),
  );
  return {
    variables,
    losses: sum(square(sub(prediction, y)), { axes: [1] }),
    examples: { x, y },
    optimizer,
  };
}

function rows(steps: number, batch = BATCH): Uint32Array {
  const random = source(7);
  return Uint32Array.from({ length: steps * batch }, () => Math.floor(random.uniform() * ROWS));
}

/** Adam in plain numbers on the same minibatches, in double precision. */
function referenceAdam(
  start: Float32Array,
  indices: Uint32Array,
  rates: readonly number[],
  { decay = 0, clipNorm = Infinity } = {},
): Float64Array {
  const { x, y } = regressionData();
  const w = Float64Array.from(start);
  const m = new Float64Array(4);
  const v = new Float64Array(4);
  for (const [step, rate] of rates.entries()) {
    const g = new Float64Array(4);
    for (const row of indices.subarray(step * BATCH, (step + 1) * BATCH)) {
      let residual = (w[3] ?? 0) - Number(y.data[row]);
      for (let j = 0; j < 3; j++) residual += (w[j] ?? 0) * Number(x.data[3 * row + j]);
      for (let j = 0; j < 4; j++) {
        const feature = j < 3 ? Number(x.data[3 * row + j]) : 1;
        g[j] = (g[j] ?? 0) + (2 * residual * feature) / BATCH;
      }
    }
    const norm = Math.hypot(...g);
    const scale = Math.min(1, clipNorm / norm);
    for (let j = 0; j < 4; j++) {
      const gradient = (g[j] ?? 0) * scale;
      m[j] = 0.9 * (m[j] ?? 0) + 0.1 * gradient;
      v[j] = 0.999 * (v[j] ?? 0) + 0.001 * gradient ** 2;
      const mHat = (m[j] ?? 0) / (1 - 0.9 ** (step + 1));
      const vHat = (v[j] ?? 0) / (1 - 0.999 ** (step + 1));
      const shrink = j < 3 ? 1 - rate * decay : 1;
      w[j] = shrink * (w[j] ?? 0) - (rate * mHat) / (Math.sqrt(vHat) + 1e-8);
    }
  }
  return w;
}

async function trainOnce(
  spec: TrainingSpec,
  runtime: Runtime,
  rates: readonly number[],
  stretches = [rates.length],
) {
  const loop = await TrainingLoop.create(spec, runtime, { threads: 1 });
  const weights = spec.variables.initialize(source(3));
  let state = initialState(spec.variables, spec.optimizer, weights);
  const losses: number[] = [];
  const norms: number[] = [];
  const iterates: Float32Array[] = [];
  const indices = rows(rates.length);
  let done = 0;
  for (const steps of stretches) {
    const progress = await loop.run(state, {
      data: regressionData(),
      indices: indices.subarray(done * BATCH, (done + steps) * BATCH),
      learningRates: rates.slice(done, done + steps),
    });
    state = progress.state;
    losses.push(...progress.losses);
    norms.push(...progress.gradientNorms);
    iterates.push(state.weights);
    done += steps;
  }
  await loop.release();
  return { state, losses, norms, weights, iterates };
}

const RATES = Array.from({ length: 40 }, (_, i) => 0.05 * (1 - i / 80));

eachRuntime((runtime) => {
  it("follows Adam step by step", async () => {
    const { state, weights } = await trainOnce(regression(adam()), runtime, RATES);
    const expected = referenceAdam(weights, rows(RATES.length), RATES);
    for (const [j, value] of expected.entries()) expect(state.weights[j]).toBeCloseTo(value, 4);
    expect(state.step).toBe(40);
  });

  it("decays matrices and not biases, and clips by the global norm", async () => {
    const spec = { ...regression(adamW({ weightDecay: 0.3 })), clipNorm: 0.8 };
    const { state, weights, norms } = await trainOnce(spec, runtime, RATES);
    expect(Math.max(...norms)).toBeGreaterThan(0.8);
    const expected = referenceAdam(weights, rows(RATES.length), RATES, {
      decay: 0.3,
      clipNorm: 0.8,
    });
    for (const [j, value] of expected.entries()) expect(state.weights[j]).toBeCloseTo(value, 4);
  });

  it("averages the weights beside the optimizer, first over few steps and then over many", async () => {
    const decay = 0.7;
    const ones = RATES.map(() => 1);
    const plain = await trainOnce(regression(adam()), runtime, RATES, ones);
    const { state } = await trainOnce(regression(averaged(adam(), { decay })), runtime, RATES);
    const average = Float64Array.from(plain.iterates[0] ?? []);
    for (const [i, weights] of plain.iterates.entries()) {
      // The decay rises to 0.7 at step 25.
      const keep = Math.min(decay, i / (i + 10));
      for (const [j, weight] of weights.entries())
        average[j] = keep * (average[j] ?? 0) + (1 - keep) * weight;
    }
    expect(state.weights).toEqual(plain.state.weights);
    expect(state.slots).toHaveLength(3);
    for (const [j, value] of average.entries()) expect(state.slots[2]?.[j]).toBeCloseTo(value, 5);
    for (const wrong of [1, -0.1, Number.NaN])
      expect(() => averaged(adam(), { decay: wrong })).toThrow(/decay must be in \[0, 1\)/);
  });

  it("gives the same bits however the steps are cut into calls", async () => {
    const whole = await trainOnce(regression(adam()), runtime, RATES);
    const cut = await trainOnce(regression(adam()), runtime, RATES, [1, 24, 15]);
    expect(cut.state.weights).toEqual(whole.state.weights);
    expect(cut.losses).toEqual(whole.losses);
  });

  it("finds the least-squares answer", async () => {
    const rates = Array.from({ length: 600 }, (_, i) => 0.1 * (1 - i / 600));
    const { state } = await trainOnce(regression(adam()), runtime, rates);
    for (const [j, value] of [...TRUE_WEIGHT, TRUE_BIAS].entries()) {
      expect(state.weights[j]).toBeCloseTo(value, 2);
    }
  });

  it("evaluates every row, also when the batch does not divide their number", async () => {
    const spec = regression(adam(), 24);
    const loop = await EvaluationLoop.create(spec, runtime, { threads: 1 });
    const weights = Float32Array.of(1, 0, 0, 0.5);
    const data = regressionData();
    const losses = await loop.run(weights, data);
    expect(losses).toHaveLength(ROWS);
    for (const [i, loss] of losses.entries()) {
      const residual = Number(data.x.data[3 * i]) + 0.5 - Number(data.y.data[i]);
      expect(loss).toBeCloseTo(residual ** 2, 3);
    }
    await loop.release();
  });

  it("feeds noise by step, and carries assigned states", async () => {
    const variables = new Variables();
    const scope = Scope.root(variables, "training");
    const x = input("x", [2, 1]);
    const weight = scope.variable("weight", [1, 1], zerosInit);
    const total = scope.state("total", [], 10);
    const noise = scope.noise([2, 1], "uniform");
    scope.assign(total, add(total, sum(noise)));
    const losses = mean(add(matmul(x, weight), mul(noise, 1)), { axes: [1] });
    const spec = {
      variables,
      losses,
      examples: { x },
      noise: scope.noiseInputs,
      assignments: scope.assignments,
      optimizer: adam(),
    };
    const loop = await TrainingLoop.create(spec, runtime, { threads: 1 });
    const seen: string[] = [];
    const start = initialState(variables, spec.optimizer, variables.initialize(source(1)));
    const { state, losses: means } = await loop.run(start, {
      data: { x: hostTensor([1, 1], [2, 1]) },
      indices: Uint32Array.of(0, 1, 0, 1, 0, 1),
      learningRates: [0, 0, 0],
      fillNoise: (values, kind, step, which) => {
        seen.push(`${kind} ${step} ${which}`);
        values.fill(step);
      },
    });
    expect(seen).toEqual(["uniform 1 0", "uniform 2 0", "uniform 3 0"]);
    expect([...means]).toEqual([1, 2, 3]);
    // Trainable weights come first, states after: 10 + 2 (1 + 2 + 3).
    expect(state.weights[1]).toBe(22);
    await loop.release();
  });

  it("refuses a chunk whose rows do not fit its steps", async () => {
    const spec = regression(adam());
    const loop = await TrainingLoop.create(spec, runtime, { threads: 1 });
    const state = initialState(
      spec.variables,
      spec.optimizer,
      spec.variables.initialize(source(3)),
    );
    await expect(
      loop.run(state, { data: regressionData(), indices: rows(2), learningRates: [0.1] }),
    ).rejects.toThrow("a chunk of 1 steps needs 1 × 16 rows, but 32 were given");
    await loop.release();
  });
});
