/**
 * Tails of a posterior under an exponential prior, by the logarithm and by normal scores: θ ~ exponential of rate 0.5, two observations θ + 2 ε, of which
 * the exact posterior is a normal cut off at zero.
 *
 *     npx tsx experiments/priors/tails.ts
 */
import { defineModel, exponential, npe, train, truncatedNormal } from "amortis";

const SD = 2;
const RATE = 0.5;

/** The exact posterior given two equal observations. */
function exact(y: number) {
  return truncatedNormal(y - (RATE * SD ** 2) / 2, SD / Math.SQRT2, 0, Infinity);
}

for (const link of ["log", "normal-scores"] as const) {
  const model = defineModel({
    name: "wait",
    parameters: { theta: exponential(RATE, { link }) },
    data: { y: [2] },
    simulate: ({ theta }, random) => ({
      y: [theta + SD * random.normal(), theta + SD * random.normal()],
    }),
  });
  const estimator = await train(npe(model), { simulations: 10_000, seed: 1, workers: 0 });
  for (const y of [0, 1, 4, 10]) {
    const posterior = await estimator.given({ y: [y, y] }, { samples: 10_000 });
    const line = [0.5, 0.95, 0.999].map((level) => {
      const found = posterior.quantile(level).theta.toFixed(2);
      return `${100 * level} %: ${found} (exact ${exact(y).quantile(level).toFixed(2)})`;
    });
    console.log(`${link}, observations of ${y}: ${line.join(", ")}`);
  }
  await estimator.release();
}
