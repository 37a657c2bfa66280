/**
 * Flows of splines reach posteriors far from what all simulations together suggest, at a bound of the prior above all.
 *
 * θ ~ U(-1, 1), x ~ N(θ, 0.05²): at x = 1 the posterior is half of a normal distribution, cut off at its mode, where the density is 2 / (0.05 √(2π)).
 */
import { expect, test } from "vitest";
import {
  defineModel,
  npe,
  rawSummary,
  splineAutoregressive,
  splineCoupling,
  train,
  uniform,
} from "../../src/index.js";

const SD = 0.05;
const model = defineModel({
  name: "near a bound",
  parameters: { theta: uniform(-1, 1) },
  data: { x: [] },
  simulate: ({ theta }, random) => ({ x: theta + SD * random.normal() }),
});

test.each([
  ["splineCoupling", splineCoupling({ layers: 3, activation: "silu" })],
  ["splineAutoregressive", splineAutoregressive({ layers: 3, activation: "silu" })],
] as const)("%s", async (_, density) => {
  const fitted = await train(npe(model, { density, summary: rawSummary() }), {
    simulations: 20_000,
    epochs: 10,
    batch: 64,
    learningRate: 2e-3,
    seed: 1,
    workers: 0,
    threads: 1,
    onWarning: () => {},
  });
  for (const sign of [-1, 1]) {
    const samples = 2_000;
    const posterior = await fitted.given({ x: sign }, { samples, seed: 3 });
    // A mean of √(2/π) standard deviations below the bound, and √(1 - 2/π) of them wide; two tenths of that for the network beside the draws.
    const [mean, sd] = [1 - SD * Math.sqrt(2 / Math.PI), SD * Math.sqrt(1 - 2 / Math.PI)];
    expect(Math.abs(sign * posterior.mean().theta - mean)).toBeLessThan(
      (0.2 + 4 / Math.sqrt(samples)) * sd,
    );
    expect(Math.abs(posterior.sd().theta / sd - 1)).toBeLessThan(0.1 + 4 / Math.sqrt(2 * samples));
    // Of exact draws one in 16 lies within 0.004 of the bound.
    const near = posterior.draws.filter((theta) => sign * theta > 0.996).length / samples;
    expect(near).toBeGreaterThan(0.03);
    for (const theta of [0.95, 0.99, 0.999, 1]) {
      const exact = Math.log(2 / (SD * Math.sqrt(2 * Math.PI))) - 0.5 * ((1 - theta) / SD) ** 2;
      const found = await posterior.logDensity({ theta: sign * theta });
      expect(Math.abs(found - exact)).toBeLessThan(0.5);
    }
  }
  await fitted.release();
});
