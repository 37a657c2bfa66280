import {
  loadModel,
  stream,
  type DataSpec,
  type ParameterSpec,
  type Stream,
  type Values,
} from "amortis";
import type { FlatData } from "amortis/extend";
import { describe, expect, it } from "vitest";
import { TASKS, tasks } from "../src/index.js";

const DRAWS = 3_000;

describe.each(TASKS)("%s", (task) => {
  const model = tasks[task];
  const logLikelihood = (values: Values<ParameterSpec>, x: FlatData<DataSpec>): number =>
    model.logLikelihood?.(values, x) ?? Number.NaN;
  const root = stream(7).split(task);

  /** log p(x | θ') - log p(x | θ) for draws of x at θ, [n]. */
  async function logRatios(theta: Float64Array, moved: Float64Array, n: number, random: Stream) {
    const [values, others] = [model.unpack(theta), model.unpack(moved)];
    const ratios = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const x = model.packData(await model.simulate(values, random));
      ratios[i] = logLikelihood(others, x) - logLikelihood(values, x);
    }
    return ratios;
  }

  it.each([0, 1, 2])(
    "draws from its likelihood: E[p(x | θ') / p(x | θ)] = 1, pair %i",
    async (pair) => {
      const random = root.split(pair);
      const theta = model.samplePrior(random);
      const other = model.samplePrior(random);
      // θ' on the way from one draw of the prior to another, near enough for the ratio to be near one.
      let moved = other;
      for (
        let share = 0.5;
        meanSize(await logRatios(theta, moved, 100, random)) > 0.3;
        share /= 2
      ) {
        moved = theta.map((value, i) => value + share * ((other[i] ?? 0) - value));
      }
      const ratios = (await logRatios(theta, moved, DRAWS, random)).map(Math.exp);
      const mean = ratios.reduce((a, b) => a + b) / DRAWS;
      const sd = Math.sqrt(ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / DRAWS);
      expect(sd).toBeGreaterThan(0.02);
      expect(Math.abs(mean - 1)).toBeLessThan((4 * sd) / Math.sqrt(DRAWS));
    },
  );
});

function meanSize(values: Float64Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
}

describe("the tasks as models", () => {
  it("load from the package by name, with the sizes of the paper", async () => {
    const sizes = [];
    for (const task of TASKS) {
      const name = task.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
      const model = await loadModel(new URL("../src/index.ts", import.meta.url), name);
      expect(model.name).toBe(task);
      sizes.push([model.parameterSize, model.dataShapes["x"]?.[0]]);
    }
    expect(sizes).toEqual([
      [10, 10],
      [10, 10],
      [5, 8],
      [5, 100],
      [10, 10],
      [10, 100],
      [2, 2],
      [2, 2],
      [2, 10],
      [4, 20],
    ]);
  });

  it("solve their equations over the whole prior", async () => {
    const random = stream(3);
    for (const task of ["sir", "lotka_volterra"] as const) {
      const model = tasks[task];
      for (let i = 0; i < 300; i++) {
        const { x = [] } = model.packData(
          await model.simulate(model.unpack(model.samplePrior(random)), random),
        );
        expect(Array.from(x).every((value) => Number.isFinite(value))).toBe(true);
      }
    }
  });
});
