/**
 * The models that belong to the comparison alone.
 */
import { stream } from "amortis";
import { logLikelihood as exactLogLikelihood } from "@amortis/gaussian-field";
import { describe, expect, it } from "vitest";
import {
  logEvidence,
  logLikelihood,
  logRatioExact,
  scaledNormal,
  sigmoid,
} from "../src/bayes-classifier.js";
import { gridField } from "../src/cost/grid-field.js";

describe("the field on a grid of any side", () => {
  it.each([0.02, 0.1, 0.3, 0.6])("has the likelihood of the 16×16 field, θ = %d", (range) => {
    const model = gridField(16);
    const z = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i * 1.7));
    expect(model.logLikelihood?.({ range }, { z }) ?? Number.NaN).toBeCloseTo(
      exactLogLikelihood(range, z),
      6,
    );
  });

  it("has draws with the covariance exp(-d/θ)", async () => {
    const model = gridField(8);
    const n = 4_000;
    const random = stream("grid field");
    // A corner with itself, with its neighbour, and with points that reflections take elsewhere.
    const pairs = [
      [0, 0, 0],
      [0, 1, 1],
      [0, 63, Math.hypot(7, 7)],
      [9, 50, Math.hypot(5, 1)],
      [18, 27, Math.hypot(1, 1)],
    ] as const;
    const sums = pairs.map(() => 0);
    for (let k = 0; k < n; k++) {
      const { z } = model.packData(await model.simulate({ range: 0.3 }, random));
      for (const [at, [i, j]] of pairs.entries()) {
        sums[at] = (sums[at] ?? 0) + (z[i] ?? Number.NaN) * (z[j] ?? Number.NaN);
      }
    }
    for (const [at, [, , steps]] of pairs.entries()) {
      const covariance = Math.exp(-steps / 7 / 0.3);
      const error = Math.sqrt((1 + covariance ** 2) / n);
      expect(Math.abs((sums[at] ?? Number.NaN) / n - covariance)).toBeLessThan(4 * error);
    }
  });
});

describe("the Bayes classifier", () => {
  it.each([-1.5, -0.3, 0.01, 0.4, 1, 3, 20])("knows the evidence of %d", (z) => {
    // The same integral without the substitution, by many midpoints.
    const n = 400_000;
    let largest = -Infinity;
    for (let i = 0; i < n; i++) largest = Math.max(largest, logLikelihood(z, (i + 0.5) / n));
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.exp(logLikelihood(z, (i + 0.5) / n) - largest);
    expect(logEvidence(z)).toBeCloseTo(largest + Math.log(sum / n), 4);
  });

  it("is infinitely sure of no pair with Z = 0", () => {
    expect(() => logEvidence(0)).toThrow("infinite");
  });

  it("is as often sure of the joint as of the product", async () => {
    // With r the odds, E_product c = E_product r / (1 + r) = E_joint 1 / (1 + r) = E_joint (1 - c).
    const random = stream("classifier");
    const n = 2_000;
    let total = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const theta = random.uniform();
      const other = random.uniform();
      const { z } = scaledNormal.packData(await scaledNormal.simulate({ theta }, random));
      const product = sigmoid(logRatioExact(z[0] ?? Number.NaN, other));
      const joint = sigmoid(logRatioExact(z[0] ?? Number.NaN, theta));
      const term = 1 - joint - product;
      total += term;
      squares += term ** 2;
    }
    const mean = total / n;
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt((squares / n - mean ** 2) / n));
  });
});
