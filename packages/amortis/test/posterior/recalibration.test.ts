/**
 * Corrections of posteriors in closed form: u | Z ~ N(m, σ²) answered as N(m - c σ, (f σ)²), θ = g(u).
 */
import { expect, it } from "vitest";
import { normal, stream, uniform } from "../../src/index.js";
import { jointPrior } from "../../src/distributions/index.js";
import { gaussLegendre } from "../../src/math/index.js";
import { learnRecalibration, recalibratedSource } from "../../src/posterior/recalibration.js";
import type { PosteriorSource } from "../../src/posterior/posterior-source.js";
import { fractionalRanks, rankScores, uniformity } from "../../src/diagnostics/index.js";

const SIGMA = 0.6;

/** Middles of posteriors, truths of them, and answers that are wrong by a shift and a factor. */
function wrong(n: number, prior: typeof line, shift: number, factor: number) {
  const random = stream("recalibration").split(n);
  const { bijection } = prior;
  const middle = Float64Array.from({ length: n }, () => random.normal());
  const truth = middle.map((m) => bijection.forward([m + SIGMA * random.normal()])[0] ?? NaN);
  const [location, scale] = [(i: number) => (middle[i] ?? 0) - shift * SIGMA, factor * SIGMA];
  const source: PosteriorSource = {
    slots: prior.slots,
    flatNames: ["theta"],
    size: n,
    draw: (draws, seed, start, end) =>
      Promise.resolve({
        draws: Float64Array.from({ length: (end - start) * draws }, (_, at) => {
          const own = stream(seed)
            .split(start + Math.floor(at / draws))
            .split(at % draws);
          const u = location(start + Math.floor(at / draws)) + scale * own.normal();
          return bijection.forward([u])[0] ?? NaN;
        }),
        answers: Array.from({ length: end - start }, () => ({ status: "amortized" as const })),
      }),
    logDensity: (parameters, start, end) => {
      const each = parameters.length / (end - start);
      return Promise.resolve(
        Float64Array.from(parameters, (theta, at) => {
          const [u = NaN] = bijection.inverse([theta]);
          const z = (u - location(start + Math.floor(at / each))) / scale;
          return (
            -0.5 * z * z - Math.log(scale * Math.sqrt(2 * Math.PI)) - bijection.logJacobian([u])
          );
        }),
      );
    },
  };
  return { source, truth, middle };
}

const line = jointPrior({ theta: normal(0, 1) });
const interval = jointPrior({ theta: uniform(-1, 2) });

it.each([
  ["the line", line],
  ["an interval", interval],
])("held-out simulations put a shift and a width right, on %s", async (_, prior) => {
  const { source, truth } = wrong(1500, prior, 0.5, 0.6);
  const { bijection } = prior;
  const found = await learnRecalibration(source, truth, bijection);
  // r = (σ z + c σ) / (f σ): mean c / f = 0.83, sd 1 / f = 1.67. Four standard errors, beside those of 512 draws.
  expect(Math.abs((found.shift[0] ?? 0) - 0.5 / 0.6)).toBeLessThan(0.2);
  expect(Math.abs((found.scale[0] ?? 0) - 1 / 0.6)).toBeLessThan(0.14);
  const fresh = wrong(1200, prior, 0.5, 0.6);
  const better = recalibratedSource(fresh.source, found, bijection);
  const { draws } = await better.draw(99, 3, 0, 1200);
  const ranks = fractionalRanks(draws, fresh.truth, stream(1));
  expect(uniformity(ranks).pValue).toBeGreaterThan(0.001);
  const before = await fresh.source.draw(99, 3, 0, 1200);
  expect(
    rankScores(fractionalRanks(before.draws, fresh.truth, stream(1))).shift.pValue,
  ).toBeLessThan(1e-6);
});

it("densities are those of the draws, and integrate to one", async () => {
  const { source, middle } = wrong(50, interval, 0.4, 0.7);
  const { bijection } = interval;
  const recalibration = { shift: [0.3], scale: [1.4], pairs: 50 };
  const better = recalibratedSource(source, recalibration, bijection);
  const rule = gaussLegendre(400);
  const density = async (theta: Float64Array) => better.logDensity(theta, 7, 8);
  const nodes = rule.nodes.map((x) => -1 + 1.5 * (x + 1));
  const logs = await density(Float64Array.from(nodes));
  const total = logs.reduce((sum, log, i) => sum + 1.5 * (rule.weights[i] ?? 0) * Math.exp(log), 0);
  expect(total).toBeCloseTo(1, 3);
  // Its middle is moved by 0.3 of its width f σ, which becomes 1.4 times as large, up to the error of 512 draws.
  const mean = (middle[7] ?? 0) - 0.4 * SIGMA + 0.3 * 0.7 * SIGMA;
  const { draws } = await better.draw(4000, 5, 7, 8);
  const u = Array.from(draws, (theta) => bijection.inverse([theta])[0] ?? NaN);
  const center = u.reduce((a, b) => a + b, 0) / 4000;
  const sd = Math.sqrt(u.reduce((a, b) => a + (b - center) ** 2, 0) / 4000);
  expect(Math.abs(center - mean)).toBeLessThan(0.09);
  expect(Math.abs(sd / (1.4 * 0.7 * SIGMA) - 1)).toBeLessThan(0.06);
  expect(await density(Float64Array.of(-1.5, 2.5))).toEqual(Float64Array.of(-Infinity, -Infinity));
});

it("a few pairs move by what they say, and widen by what they leave open", async () => {
  const { source, truth } = wrong(8, line, 0, 1);
  const shifted = truth.map((theta) => theta + 3 * SIGMA);
  const { shift, scale } = await learnRecalibration(source, shifted, line.bijection);
  // 8 / 9 of a mean of 3 ± 1/√8; as wide as one that is right, and what the prior and eight pairs leave.
  expect(Math.abs((shift[0] ?? 0) - (8 / 9) * 3)).toBeLessThan(1.1);
  expect(scale[0]).toBeGreaterThan(1);
  expect(scale[0]).toBeLessThan(2.2);
});

it("too few, and truths outside of the support, are errors", async () => {
  const { source, truth } = wrong(4, line, 0, 1);
  await expect(learnRecalibration(source, truth, line.bijection)).rejects.toThrow(
    /needs 5 data sets with known parameters, but there are 4/,
  );
  const bounded = wrong(6, interval, 0, 1);
  bounded.truth[2] = 5;
  await expect(
    learnRecalibration(bounded.source, bounded.truth, interval.bijection),
  ).rejects.toThrow(/within their support, but those of data set 2 are 5/);
});
