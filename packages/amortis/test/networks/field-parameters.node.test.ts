/**
 * Parameters that are fields: estimates of each place beside the exact posterior's.
 */
import { expect, test } from "vitest";
import {
  defineModel,
  multivariateNormal,
  nbe,
  placewise,
  simulate,
  train,
  uNet,
} from "../../src/index.js";
import { choleskyFactor, invertLower, product, transpose } from "../../src/math/index.js";

const SIDE = 6;
const PLACES = SIDE * SIDE;
const NOISE = 0.7;

/** exp(-distance / 2), places a row after the other. */
const covariance = Array.from({ length: PLACES }, (_, i) =>
  Array.from({ length: PLACES }, (_, j) => {
    const [dx, dy] = [(i % SIDE) - (j % SIDE), Math.floor(i / SIDE) - Math.floor(j / SIDE)];
    return Math.exp(-Math.hypot(dx, dy) / 2);
  }),
);

/** A field θ, of which each place is measured with noise. */
const model = defineModel({
  name: "noisy-field",
  parameters: {
    theta: multivariateNormal(
      Array.from({ length: PLACES }, () => 0),
      covariance,
    ),
  },
  data: { z: [SIDE, SIDE] },
  simulate: ({ theta }, random) => ({
    z: Float64Array.from(theta, (value) => value + NOISE * random.normal()),
  }),
});

/** E[θ | z] = K (K + σ²)⁻¹ z. */
function exactMean(z: Float64Array): Float64Array {
  const noisy = Float64Array.from(
    { length: PLACES ** 2 },
    (_, at) =>
      (covariance[Math.floor(at / PLACES)]?.[at % PLACES] ?? 0) +
      (at % (PLACES + 1) === 0 ? NOISE ** 2 : 0),
  );
  const inverse = invertLower(choleskyFactor(noisy, PLACES) ?? noisy, PLACES);
  const solved = product(transpose(inverse, PLACES), product(inverse, z, PLACES), PLACES);
  return product(Float64Array.from(covariance.flat()), solved, PLACES);
}

test("each place of a field is estimated from its own features", async () => {
  const summary = uNet({ filters: [8, 16] });
  const method = nbe(model, { summary, head: placewise({ places: PLACES }), interval: 0.9 });
  const quick = { simulations: 3000, epochs: 12, seed: 1, workers: 0, threads: 1 };
  const estimator = await train(method, { ...quick, learningRate: 3e-3 });
  const n = 100;
  const { parameters, data } = await simulate(model, { simulations: n, seed: 7, workers: 0 });
  const z = Float64Array.from(data.z);
  const found = await estimator.estimateBatch({ z: { shape: [n, SIDE, SIDE], data: z } });
  const exact = Float64Array.from({ length: n * PLACES });
  for (let i = 0; i < n; i++) {
    exact.set(exactMean(z.slice(i * PLACES, (i + 1) * PLACES)), i * PLACES);
  }
  const error = (of: ArrayLike<number>): number =>
    Math.sqrt(
      parameters.reduce((sum, theta, i) => sum + (theta - (of[i] ?? 0)) ** 2, 0) / (n * PLACES),
    );
  const least = error(exact);
  expect(error(z) / least).toBeGreaterThan(1.2);
  expect(error(found.theta) / least).toBeLessThan(1.1);
  const { lower, upper } = await estimator.intervalBatch(0.9, {
    z: { shape: [n, SIDE, SIDE], data: z },
  });
  const held = parameters.filter(
    (theta, i) => (lower.theta[i] ?? 0) <= theta && theta <= (upper.theta[i] ?? 0),
  );
  // Places of one field are dependent: of 100 fields with 36 places each, about 1,000 independent ones.
  expect(Math.abs(held.length / parameters.length - 0.9)).toBeLessThan(0.05);
  await estimator.release();
});
