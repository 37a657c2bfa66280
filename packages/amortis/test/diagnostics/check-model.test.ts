import { describe, expect, test } from "vitest";
import { checkModel } from "../../src/diagnostics/index.js";
import { modelCheckFigure } from "../../src/figures/index.js";
import { defineModel, grid, normal, series, set, uniform, type Stream } from "../../src/index.js";

type Parts = { readonly a: number; readonly b: number };

/** A model of two parameters and three numbers. */
function modelOf(simulate: (values: Parts, random: Stream) => number[]) {
  return defineModel({
    name: "three",
    parameters: { a: uniform(0, 4), b: normal(0, 1) },
    data: { y: [3] },
    simulate: (values, random) => ({ y: simulate(values, random) }),
  });
}

const few = { simulations: 60 };

describe("a check of a model", () => {
  test("finds nothing where there is nothing", async () => {
    const model = modelOf(({ a, b }, random) => [a + random.normal(), b + random.normal(), a * b]);
    const check = await checkModel(model, few);
    expect(check.problems).toEqual([]);
    expect(check).toMatchObject({
      simulations: 60,
      constant: [],
      duplicates: [],
      unused: [],
      rerun: { tried: 10, differ: [], byOrder: [] },
      invalid: { count: 0 },
    });
    expect(check.secondsEach).toBeGreaterThan(0);
    expect(check.simulated.parameters).toHaveLength(120);
  });

  test("finds numbers that say nothing, and parameters that do nothing", async () => {
    const check = await checkModel(
      modelOf(({ a }) => [a, 7, a]),
      few,
    );
    expect(check.constant).toEqual([{ place: "y[1]", value: 7 }]);
    expect(check.duplicates).toEqual([["y[0]", "y[2]"]]);
    expect(check.unused).toEqual(["b"]);
    expect(check.problems).toEqual([
      expect.stringMatching(/^the data do not depend on b: .*the posterior is the prior$/),
      "y[1] never varies (y[1] is always 7): leave it out",
      "y[0], y[2] are always equal: leave out all but one",
    ]);
  });

  test("finds randomness that is not the stream's, and memory", async () => {
    let calls = 0;
    const counting = await checkModel(
      modelOf(({ a, b }) => [a, b, calls++]),
      few,
    );
    expect(counting.rerun.differ).toHaveLength(10);
    expect(counting.problems[0]).toMatch(/^the simulator depends on more than θ and its stream/);
    // The same again at once, and something else after others.
    let [last, kept] = [Number.NaN, 0];
    const remembering = await checkModel(
      modelOf(({ a, b }) => {
        if (a !== last) [last, kept] = [a, kept + 1];
        return [a, b, kept];
      }),
      few,
    );
    expect(remembering.rerun.differ).toEqual([]);
    expect(remembering.rerun.byOrder.length).toBeGreaterThan(5);
    expect(remembering.problems[0]).toMatch(/^the simulator remembers/);
  });

  test("says where in θ simulations are invalid", async () => {
    const model = modelOf(({ a, b }, random) => {
      if (a > 3) throw new Error("the solver failed");
      return [a, b, random.normal()];
    });
    const { invalid, simulated, problems } = await checkModel(model, { simulations: 400 });
    // A quarter of the prior: 4.3 standard errors of 400 draws are 0.093.
    expect(Math.abs(invalid.count / 400 - 0.25)).toBeLessThan(0.093);
    expect(simulated.size).toBe(400 - invalid.count);
    const [a, b] = invalid.byParameter;
    expect(a?.bins.every((bin) => bin.upper <= 3 === (bin.invalid === 0))).toBe(true);
    expect(a?.bins.reduce((total, bin) => total + bin.invalid, 0)).toBe(invalid.count);
    expect(b?.bins.filter((bin) => bin.invalid > 0).length).toBeGreaterThan(7);
    expect(problems[0]).toMatch(/× the solver failed; .*mend the simulator/);
  });

  test("makes fewer simulations where they take long", async () => {
    const slow = modelOf(({ a, b }, random) => {
      const until = performance.now() + 2;
      while (performance.now() < until);
      return [a, b, random.normal()];
    });
    expect((await checkModel(slow, { seconds: 0.01 })).simulations).toBe(20);
    await expect(checkModel(slow, { simulations: 5 })).rejects.toThrow("needs 20 simulations");
  });
});

test("its picture has panels for all that data may be, and for what is invalid", async () => {
  const model = defineModel({
    name: "all <kinds>",
    parameters: { a: uniform(0, 4) },
    data: {
      total: [],
      x: series(9, { channels: 2 }),
      y: set({ upTo: 4 }),
      z: grid(5, 6, { channels: 2 }),
    },
    simulate: ({ a }, random) => {
      if (a > 3.5) throw new Error("no");
      return {
        total: a,
        x: Array.from({ length: 18 }, () => a + random.normal()),
        y: Array.from({ length: 1 + random.integer(4) }, () => random.normal()),
        z: Array.from({ length: 60 }, () => random.normal()),
      };
    },
  });
  const svg = modelCheckFigure(await checkModel(model, { simulations: 100 }));
  for (const title of ["total by a", "x, 1 of 2", "x, 2 of 2", "z under the prior"]) {
    expect(svg).toContain(title);
  }
  expect(svg).toContain("where simulations are invalid");
  expect(svg).toContain("all &lt;kinds&gt; before training: 1 problem found");
  expect(svg).not.toContain("NaN");
});
