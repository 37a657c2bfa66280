import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  designMatrix,
  distractors,
  infected,
  logPopulations,
  TASKS,
  tasks,
  type TaskName,
} from "../src/index.js";
import { priorCovariance } from "../src/bernoulli-glm.js";

interface Golden {
  readonly observation: readonly number[];
  readonly true_parameters: readonly number[];
  readonly log_prior: number;
  readonly log_likelihood: number;
  readonly noiseless?: readonly number[];
}

/** See sbibm_golden.py. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the script
const golden = JSON.parse(
  readFileSync(new URL("fixtures/sbibm-golden.json", import.meta.url), "utf8"),
) as {
  readonly tasks: Readonly<Record<TaskName, readonly Golden[]>>;
  readonly fixed: {
    readonly stimulus: readonly number[];
    readonly prior_precision: readonly (readonly number[])[];
    readonly permutation: readonly number[];
    readonly locations: readonly (readonly number[])[];
    readonly factors: readonly (readonly number[])[];
  };
};

/**
 * Files hold seven digits of parameters and data, which a likelihood magnifies; and the solver behind them keeps populations to 1e-8, which is a
 * part in 10,000 of the rarest predators.
 */
const digits = (task: TaskName): number =>
  task === "bernoulli_glm" || task === "lotka_volterra" ? 3 : 4;

describe.each(TASKS)("%s", (task) => {
  const model = tasks[task];

  it.each([0, 1, 2])("has the benchmark's densities at observation %i", (k) => {
    const one = golden.tasks[task][k];
    if (one === undefined) throw new Error("there are three");
    expect(model.logPrior(one.true_parameters)).toBeCloseTo(one.log_prior, 5);
    const found = model.logLikelihood?.(model.unpack(one.true_parameters), { x: one.observation });
    expect(found).toBeCloseTo(one.log_likelihood, digits(task));
  });
});

describe("what is fixed", () => {
  it("is the stimulus and the design of both GLM tasks", () => {
    const { stimulus } = golden.fixed;
    expect(stimulus).toHaveLength(100);
    for (const [t, value] of stimulus.entries()) {
      expect(designMatrix[10 * t]).toBe(1);
      expect(designMatrix[10 * t + 1]).toBeCloseTo(value, 7);
      const earlier = t >= 8 ? (stimulus[t - 8] ?? Number.NaN) : 0;
      expect(designMatrix[10 * t + 9]).toBeCloseTo(earlier, 7);
    }
  });

  it("is the smoothness prior: covariance times precision is one", () => {
    const covariance = priorCovariance();
    const { prior_precision: precision } = golden.fixed;
    for (let i = 0; i < 10; i++) {
      for (let j = 0; j < 10; j++) {
        const product = precision.reduce(
          (sum, row, k) => sum + (covariance[i]?.[k] ?? 0) * (row[j] ?? 0),
          0,
        );
        expect(product).toBeCloseTo(i === j ? 1 : 0, 9);
      }
    }
  });

  it("is the noise of the distractors, and their order", () => {
    const { locations, factors, permutation, places } = distractors();
    expect([...permutation]).toEqual(golden.fixed.permutation);
    expect(places).toEqual([22, 33, 23, 67, 42, 21, 16, 90]);
    for (const [c, [first, middle, last]] of golden.fixed.locations.entries()) {
      const location = locations[c] ?? [];
      expectClose([location[0], location[45], location[91]], [first, middle, last]);
    }
    // Entry 2000 of the packed triangle is row 62, column 47.
    for (const [c, [first, middle, last]] of golden.fixed.factors.entries()) {
      const factor = factors[c] ?? [];
      expectClose([factor[0], factor[62 * 92 + 47], factor[91 * 92 + 91]], [first, middle, last]);
    }
  });
});

/** To the nine digits that the file holds. */
function expectClose(
  found: readonly (number | undefined)[],
  expected: readonly (number | undefined)[],
): void {
  const errors = found.map((value = Number.NaN, i) => Math.abs(value / (expected[i] ?? 0) - 1));
  expect(Math.max(...errors)).toBeLessThan(1e-8);
}

describe("the equations without noise", () => {
  it("are solved as the benchmark solves them", () => {
    for (const { true_parameters: theta, noiseless = [] } of golden.tasks.sir) {
      const [beta = 0, gamma = 0] = theta;
      const found = infected(beta, gamma);
      for (const [i, value] of noiseless.entries()) {
        // The parameters are rounded to seven digits, which 153 days of growth magnify.
        expect(Math.abs((found[i] ?? Number.NaN) / value - 1)).toBeLessThan(1e-4);
      }
    }
    for (const { true_parameters: theta, noiseless = [] } of golden.tasks.lotka_volterra) {
      const [alpha = 0, beta = 0, gamma = 0, delta = 0] = theta;
      const found = logPopulations(alpha, beta, gamma, delta);
      for (const [i, value] of noiseless.entries()) {
        expect(Math.abs((found[i] ?? Number.NaN) - Math.log(value))).toBeLessThan(3e-5);
      }
    }
  });
});
