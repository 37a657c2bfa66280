/**
 * Posteriors under another prior than they were made with, and data that they predict, against closed forms: y ~ N(θ, 0.5²), θ ~ N(0, 1).
 */
import { beforeAll, describe, expect, test } from "vitest";
import {
  affineAutoregressive,
  defineModel,
  gaussian,
  modelPosterior,
  nle,
  normal,
  npe,
  predict,
  rawSummary,
  smc,
  train,
  type Posterior,
} from "../../src/index.js";

const NOISE = 0.5;
const model = defineModel({
  name: "one mean",
  parameters: { theta: normal(0, 1) },
  data: { y: [2] },
  simulate: ({ theta }, random) => ({
    y: [theta + NOISE * random.normal(), theta + NOISE * random.normal()],
  }),
  logLikelihood: ({ theta }, { y }) =>
    -0.5 * ((((y[0] ?? NaN) - theta) / NOISE) ** 2 + (((y[1] ?? NaN) - theta) / NOISE) ** 2),
});
const y = [0.9, 0.5];

/** Mean and sd under a normal prior. */
function exact(mean: number, sd: number): { readonly mean: number; readonly sd: number } {
  const precision = 1 / sd ** 2 + 2 / NOISE ** 2;
  return {
    mean: (mean / sd ** 2 + 1.4 / NOISE ** 2) / precision,
    sd: precision ** -0.5,
  };
}

/** How far a posterior's mean and sd are from what is known, in units of its spread; the larger of both. */
function errorOf(
  posterior: Posterior<typeof model.parameters>,
  known: { readonly mean: number; readonly sd: number },
): number {
  return Math.max(
    Math.abs(posterior.mean().theta - known.mean) / known.sd,
    Math.abs(posterior.sd().theta / known.sd - 1),
  );
}

const settings = { simulations: 4_000, epochs: 20, seed: 3, workers: 0, threads: 1 };

describe("under another prior", () => {
  let posteriors: readonly Posterior<typeof model.parameters>[];
  let learned: Posterior<typeof model.parameters>;
  beforeAll(async () => {
    const density = affineAutoregressive({ layers: 1, hidden: [16] });
    const likelihood = await train(nle(model, { density }), settings);
    const direct = await train(
      npe(model, { summary: rawSummary(), density: gaussian() }),
      settings,
    );
    learned = await direct.given({ y }, { samples: 4000 });
    posteriors = [
      (await modelPosterior(model, { y }, { samples: 4000 })).at(0),
      await likelihood.given({ y }, { samples: 4000 }),
      learned,
    ];
  });

  test("posteriors of models, of likelihoods and of networks follow it, and its own prior changes nothing", async () => {
    for (const posterior of posteriors) {
      // 4,000 draws err by 0.016 of the spread; the networks by some hundredths of it.
      expect(errorOf(posterior, exact(0, 1))).toBeLessThan(0.12);
      const narrower = await posterior.under({ theta: normal(0.3, 0.3) });
      expect(errorOf(narrower, exact(0.3, 0.3))).toBeLessThan(0.15);
      const same = await posterior.under({ theta: normal(0, 1) });
      expect(errorOf(same, exact(0, 1))).toBeLessThan(0.12);
    }
  });

  test("is weighted of what was learned itself, with a density that has the integral one", async () => {
    const changed = await learned.under({ theta: normal(0.3, 0.3) }, { samples: 500, seed: 2 });
    expect(changed.status).toBe("importance");
    expect(changed.check?.k).toBeLessThan(0.7);
    expect(changed.draws.length).toBe(500);
    const points = Float64Array.from({ length: 400 }, (_, i) => -2 + 0.01 * (i + 0.5));
    const logs = await changed.logDensities(points);
    const mass = logs.reduce((sum, log) => sum + 0.01 * Math.exp(log), 0);
    // The evidence of 4,000 weights errs by some hundredths.
    expect(Math.abs(mass - 1)).toBeLessThan(0.05);
  });

  test("is refused where weights cannot be trusted, and where there is no such parameter", async () => {
    await expect(learned.under({ theta: normal(6, 0.1) })).rejects.toThrow(
      /the Pareto k of the weights is .* \(at most 0\.70\); train under a prior that has more mass there/,
    );
    for (const posterior of posteriors) {
      await expect(posterior.under({ mu: normal(0, 1) })).rejects.toThrow(
        'there is no parameter "mu" to have a prior; there are theta',
      );
    }
    await expect(
      learned.map(({ theta }) => ({ twice: 2 * theta })).under({ twice: normal(0, 1) }),
    ).rejects.toThrow("this posterior is not of a model's parameters");
  });

  test("predicts data with the spread of both the noise and the posterior", async () => {
    const { mean, sd } = exact(0, 1);
    for (const posterior of posteriors) {
      const { data, size } = await predict(model, posterior, { seed: 1, workers: 0 });
      const first = Float64Array.from({ length: size }, (_, i) => data.y[2 * i] ?? NaN);
      const center = first.reduce((a, b) => a + b, 0) / size;
      const spread = Math.sqrt(first.reduce((a, x) => a + (x - center) ** 2, 0) / size);
      const known = Math.hypot(sd, NOISE);
      expect(Math.abs(center - mean) / known).toBeLessThan(0.1);
      expect(Math.abs(spread / known - 1)).toBeLessThan(0.1);
    }
    await expect(predict(model, learned, { simulations: 4001 })).rejects.toThrow(
      "from 1 to the 4000 draws that the posterior holds, but is 4001",
    );
  });
});

describe("tempered populations", () => {
  /** Two modes of each of two parameters, of which the signs are not told: y = |θ| + 0.1 ε. */
  const signs = defineModel({
    name: "signs",
    parameters: { a: normal(0, 1), b: normal(0.5, 1) },
    data: { y: [2] },
    simulate: ({ a, b }, random) => ({
      y: [Math.abs(a) + 0.1 * random.normal(), Math.abs(b) + 0.1 * random.normal()],
    }),
    logLikelihood: ({ a, b }, data) =>
      -0.5 *
        ((((data.y[0] ?? NaN) - Math.abs(a)) / 0.1) ** 2 +
          (((data.y[1] ?? NaN) - Math.abs(b)) / 0.1) ** 2) -
      2 * Math.log(0.1 * Math.sqrt(2 * Math.PI)),
  });

  test("have all modes of a posterior with their masses, and its evidence", async () => {
    const observed = { y: [1, 0.8] };
    const by = { sampler: smc(), samples: 2000, seed: 5 };
    const populations = (await modelPosterior(signs, observed, by)).at(0);
    const grid = (await modelPosterior(signs, observed, { method: "grid", samples: 2000 })).at(0);
    expect(populations.status).toBe("smc");
    const share = (posterior: Posterior<typeof signs.parameters>, j: 0 | 1): number =>
      Array.from({ length: 2000 }, (_, i) => posterior.draws[2 * i + j] ?? NaN).filter((x) => x > 0)
        .length / 2000;
    for (const j of [0, 1] as const) {
      // Shares of 2,000 draws of each err by 0.011, those of resampled populations by some times as much.
      expect(Math.abs(share(populations, j) - share(grid, j))).toBeLessThan(0.08);
    }
    const point = { a: 1, b: 0.8 };
    expect(
      Math.abs((await populations.logDensity(point)) - (await grid.logDensity(point))),
    ).toBeLessThan(0.15);
  });

  test("refuse settings out of range", () => {
    expect(() => smc({ particles: 3 })).toThrow("particles must be a whole number from 20 on");
    expect(() => smc({ populations: 1 })).toThrow("populations must be a whole number from 2 on");
  });
});
