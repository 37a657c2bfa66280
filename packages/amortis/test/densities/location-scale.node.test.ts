/**
 * Flows of splines reach posteriors far from what all simulations together suggest, at a bound of the prior above all, by their location and scale, and only by it.
 *
 * θ ~ U(-1, 1), x ~ N(θ, 0.05²): the posterior is a normal distribution about x, cut off at the bounds.
 */
import { expect, test } from "vitest";
import {
  defineModel,
  npe,
  rawSummary,
  simulate,
  splineAutoregressive,
  splineCoupling,
  train,
  uniform,
} from "../../src/index.js";
import { normalCdf } from "../../src/math/index.js";
import type { ConditionalDensity } from "../../src/densities/index.js";

const SD = 0.05;
const model = defineModel({
  name: "near a bound",
  parameters: { theta: uniform(-1, 1) },
  data: { x: [] },
  simulate: ({ theta }, random) => ({ x: theta + SD * random.normal() }),
});

function exactLogDensity(theta: number, x: number): number {
  const mass = normalCdf((1 - x) / SD) - normalCdf((-1 - x) / SD);
  return -0.5 * ((theta - x) / SD) ** 2 - Math.log(SD * Math.sqrt(2 * Math.PI) * mass);
}

/** What a posterior loses to the exact one, in nats, over fresh parameters within .02 of a bound: the mean, with its standard error. */
async function atTheBounds(density: ConditionalDensity) {
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
  const fresh = await simulate(model, { simulations: 5_000, seed: "fresh", workers: 0 });
  const posteriors = await fitted.givenBatch(fresh.data, { samples: 10 });
  const logs = await posteriors.logDensity(fresh.parameters);
  const losses = Array.from(logs, (log, i) => {
    const [theta, x] = [fresh.parameters[i] ?? 0, fresh.data.x[i] ?? 0] as const;
    return Math.abs(theta) > 0.98 ? [exactLogDensity(theta, x) - log] : [];
  }).flat();
  await fitted.release();
  const mean = losses.reduce((a, b) => a + b, 0) / losses.length;
  const squares = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares) / losses.length };
}

test.each([
  ["splineCoupling", splineCoupling],
  ["splineAutoregressive", splineAutoregressive],
] as const)("%s", async (_, density) => {
  const shape = { layers: 3, activation: "silu" } as const;
  const found = await atTheBounds(density(shape));
  const without = await atTheBounds(density({ ...shape, locationScale: false }));
  // A tenth of the nats that were lost there.
  expect(found.mean).toBeLessThan(without.mean / 10 + 4 * found.error);
  expect(without.mean).toBeGreaterThan(1);
});
