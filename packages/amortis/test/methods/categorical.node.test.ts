/**
 * A parameter with labels: where a system is in one of three states, and one number says which.
 */
import { describe, expect, it } from "vitest";
import { answerSheet } from "../../src/extend.js";
import { categorical, defineModel, loadPosterior, nre, train } from "../../src/index.js";
import { quick } from "../training/quick.js";

const model = defineModel({
  name: "states",
  parameters: { state: categorical(["low", "middle", "high"], [0.5, 0.3, 0.2]) },
  data: { y: [1] },
  simulate: ({ state }, random) => ({ y: [2 * state + random.normal()] }),
});

/** p(state | y), by Bayes' rule. */
function exact(y: number): readonly number[] {
  const weights = [0.5, 0.3, 0.2].map((p, i) => p * Math.exp(-0.5 * (y - 2 * i) ** 2));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((w) => w / total);
}

describe("a categorical parameter", () => {
  it("is given by its label, and refused by another", () => {
    expect([...model.pack({ state: "high" })]).toEqual([2]);
    expect([...model.pack({ state: 1 })]).toEqual([1]);
    // @ts-expect-error -- no such label
    expect(() => model.pack({ state: "hihg" })).toThrow(
      /"state" is one of low, middle, high, but was given "hihg"/,
    );
  });

  it("has its probabilities by label, from its file too", async () => {
    const fitted = await train(nre(model), { ...quick, simulations: 8000, epochs: 10 });
    const again = await loadPosterior(await fitted.toBytes(), { model });
    const posterior = await again.given({ y: [1.2] });
    const wanted = exact(1.2);
    const found = posterior.probabilities()["state"] ?? {};
    expect(Object.keys(found)).toEqual(["low", "middle", "high"]);
    for (const [i, share] of Object.values(found).entries()) {
      // Draws alone err by 0.016, and so little training by somewhat more.
      expect(Math.abs(share - (wanted[i] ?? 0))).toBeLessThan(0.06);
    }
    expect(Math.exp(await posterior.logDensity({ state: "middle" }))).toBeCloseTo(
      wanted[1] ?? 0,
      1,
    );
    const { document } = await answerSheet(again, { y: [1.2] });
    expect(document.datasets[0]?.probabilities).toEqual({ state: found });
    await fitted.release();
    await again.release();
  });
});
