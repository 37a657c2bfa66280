/**
 * A hierarchy of normals: exact posteriors are in closed form.
 */
import { describe, expect, it } from "vitest";
import {
  dependent,
  defineModel,
  loadPosterior,
  nbe,
  normal,
  npe,
  train,
  modelPosterior,
} from "../../src/index.js";
import { splineCoupling } from "../../src/index.js";
import { quick } from "../training/quick.js";

const TAU = 0.5;
const NOISE = 0.7;

const model = defineModel({
  name: "hierarchy",
  parameters: {
    mu: normal(0, 1),
    x: dependent(["mu"], normal(0, 1), ({ mu }) => ({ shift: mu, scale: TAU })),
  },
  data: { y: [1] },
  simulate: ({ x }, random) => ({ y: [x + NOISE * random.normal()] }),
  logLikelihood: ({ x }, { y }) => -0.5 * (((y[0] ?? NaN) - x) / NOISE) ** 2,
});

/** Means, standard deviations and correlation of (μ, x) given y: the joint prior has covariances 1, 1, 1 + τ². */
function exact(y: number) {
  const total = 1 + TAU ** 2 + NOISE ** 2;
  const [muY, xY, xx] = [1, 1 + TAU ** 2, 1 + TAU ** 2];
  const sd = { mu: Math.sqrt(1 - muY ** 2 / total), x: Math.sqrt(xx - xY ** 2 / total) };
  return {
    mean: { mu: (muY / total) * y, x: (xY / total) * y },
    sd,
    correlation: (1 - (muY * xY) / total) / (sd.mu * sd.x),
  };
}

describe("a hierarchy", () => {
  it("has its posterior by npe, from its file alone too", async () => {
    const fitted = await train(npe(model, { density: splineCoupling({ layers: 2 }) }), {
      ...quick,
      simulations: 10_000,
      epochs: 15,
    });
    const again = await loadPosterior(await fitted.toBytes());
    for (const y of [-1.5, 0.2, 2]) {
      const posterior = await again.given({ y: [y] });
      const { mean, sd, correlation } = exact(y);
      for (const name of ["mu", "x"] as const) {
        // 1,000 draws err by 0.03 standard deviations, and so short a training by as much again.
        expect(Math.abs((Number(posterior.mean()[name]) - mean[name]) / sd[name])).toBeLessThan(
          0.15,
        );
        expect(Math.abs(Number(posterior.sd()[name]) / sd[name] - 1)).toBeLessThan(0.08);
      }
      expect(Math.abs((posterior.correlation().data[1] ?? NaN) - correlation)).toBeLessThan(0.08);
    }
    await fitted.release();
    await again.release();
  });

  it("has its posterior by the likelihood", async () => {
    const posterior = await modelPosterior(model, { y: [1] });
    const { mean, sd } = exact(1);
    for (const name of ["mu", "x"] as const) {
      expect(Math.abs((Number(posterior.mean()[name]) - mean[name]) / sd[name])).toBeLessThan(0.15);
      expect(Math.abs(Number(posterior.sd()[name]) / sd[name] - 1)).toBeLessThan(0.08);
    }
  });

  it("has its means and quantiles by nbe", async () => {
    const fitted = await train(nbe(model, { quantiles: [0.1, 0.9] }), {
      ...quick,
      simulations: 6000,
      epochs: 10,
    });
    const { mean, sd } = exact(1);
    const found = await fitted.estimate({ y: [1] });
    expect(Math.abs((found.mu - mean.mu) / sd.mu)).toBeLessThan(0.25);
    expect(Math.abs((found.x - mean.x) / sd.x)).toBeLessThan(0.25);
    await fitted.release();
  });
});
