import { compile, constant, input } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { expect, test } from "vitest";
import { defineModel, expectileLoss, nbe, normal, stream } from "../../src/index.js";
import { methodOf, readConfiguration } from "../../src/extend.js";

test.each([0.1, 0.5, 0.8])(
  "is least where the expectile's equation holds (τ = %d)",
  async (level) => {
    const n = 4001;
    const random = stream(8);
    // A skewed posterior: exponential draws.
    const draws = Float64Array.from({ length: n }, () => -Math.log(1 - random.uniform()));
    const unused = input("unused", [1]);
    const risk = async (at: number): Promise<number> => {
      const estimate = constant(
        Float64Array.from({ length: n }, () => at),
        [n, 1],
        "float64",
      );
      const y = expectileLoss(level)(estimate, constant(draws, [n, 1], "float64"));
      const program = await compile({ inputs: { unused }, outputs: { y } }, nodeRuntime());
      const values = Array.from((await program.run({ unused: [0] })).y.data, Number);
      await program.release();
      return values.reduce((a, b) => a + b, 0) / n;
    };
    // τ E(θ - e)₊ = (1 - τ) E(e - θ)₊, by bisection.
    const excess = (e: number): number =>
      draws.reduce((sum, x) => sum + (x > e ? level * (x - e) : (level - 1) * (e - x)), 0);
    let [low, high] = [0, 20];
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (excess(middle) > 0) low = middle;
      else high = middle;
    }
    const least = await risk(low);
    for (const step of [-0.05, 0.05]) expect(await risk(low + step)).toBeGreaterThan(least);
  },
);

test("is known to files, configurations and people", async () => {
  const model = defineModel({
    name: "one",
    parameters: { theta: normal(0, 1) },
    data: { y: [2] },
    simulate: ({ theta }) => ({ y: [theta, theta] }),
  });
  const method = nbe(model, { loss: expectileLoss(0.9) });
  expect(method.answers.estimate).toBe("expectile 0.9");
  expect(method.description).toMatchObject({ loss: { kind: "expectile", level: 0.9 } });
  const json = { method: "nbe", loss: { kind: "expectile", level: 0.9 } };
  expect((await methodOf(readConfiguration(json), model)).description).toEqual(method.description);
  expect(() => readConfiguration({ method: "nbe", loss: { kind: "expectile", level: 1 } })).toThrow(
    "loss.level must be below 1, but is 1",
  );
  expect(() => expectileLoss(0)).toThrow("level must be above 0");
});
