/**
 * Learned likelihoods beside a bound where that of a scale is anything but constant.
 *
 * θ ~ logNormal(0, 3), x ~ logNormal(log θ, 0.2²): a parameter of x e^(±0.4), two standard deviations away, has a log likelihood that is 2 below that of x itself, wherever x is.
 */
import { expect, test } from "vitest";
import { defineModel, logNormal, nle, train } from "../../src/index.js";

const [PRIOR, SD] = [3, 0.2];
const model = defineModel({
  name: "a scale over decades",
  parameters: { theta: logNormal(0, PRIOR) },
  data: { x: [] },
  simulate: ({ theta }, random) => ({ x: theta * Math.exp(SD * random.normal()) }),
});

test("a likelihood falls off where a few simulations lie, far down a prior over decades as far up", async () => {
  const fitted = await train(nle(model), {
    simulations: 4_000,
    epochs: 30,
    seed: 1,
    workers: 0,
    threads: 1,
    onWarning: () => {},
  });
  // 14 of 4,000 simulations lie beyond 2.7 standard deviations, on either side.
  for (const place of [-2.7, 0, 2.7]) {
    const x = Math.exp(PRIOR * place);
    const found = await fitted.logLikelihood({ x }, [x, x * Math.exp(-0.4), x * Math.exp(0.4)]);
    for (const other of [1, 2]) {
      expect(Math.abs((found[other] ?? 0) - (found[0] ?? 0) + 2)).toBeLessThan(1);
    }
  }
  await fitted.release();
});
