/**
 * Posteriors of discrete parameters, of some that may be exactly zero, and of both beside continuous ones, against enumeration and closed forms.
 */
import { describe, expect, it } from "vitest";
import {
  categorical,
  defineModel,
  flowMatching,
  load,
  mlpSummary,
  normal,
  npe,
  poisson,
  zeroInflated,
  stream,
  train,
} from "../../src/index.js";
import { distributionFromJSON } from "../../src/distributions/index.js";

const quick = { seed: 1, workers: 0, threads: 1, batch: 128, simulations: 8000, epochs: 12 };
const summary = mlpSummary({ hidden: [48], outputs: 8, activation: "silu" });
const phi = (x: number, mean: number, sd: number): number =>
  Math.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * Math.sqrt(2 * Math.PI));

/** θ is zero, or N(0, 2²); y_1, y_2 ~ N(θ, 1). */
const sparse = defineModel({
  name: "sparse",
  parameters: { effect: zeroInflated(0.5, normal(0, 2)) },
  data: { y: [2] },
  simulate: ({ effect }, random) => ({ y: [effect + random.normal(), effect + random.normal()] }),
});

/** P(θ = 0 | y), and mean and sd of θ where it is not: by the mean of y, N(0, 1/2) or N(0, 4 + 1/2). */
function exactSparse(y: readonly [number, number]) {
  const mean = (y[0] + y[1]) / 2;
  const [zero, slab] = [phi(mean, 0, Math.sqrt(0.5)), phi(mean, 0, Math.sqrt(4.5))];
  const precision = 1 / 4 + 2;
  return { zero: zero / (zero + slab), mean: (2 * mean) / precision, sd: 1 / Math.sqrt(precision) };
}

describe("a parameter that may be exactly zero", () => {
  it("has the exact share of zeros, and the exact density where it is not", async () => {
    const fitted = await train(npe(sparse, { summary }), quick);
    const again = await load(await fitted.toBytes(), { model: sparse });
    if (again.kind !== "posterior") throw new Error("its kind is in the file");
    for (const y of [
      [0.2, -0.3],
      [1.2, 1.4],
      [2.5, 3.1],
    ] as const) {
      const exact = exactSparse(y);
      const posterior = await again.given({ y }, { samples: 2000 });
      const rest = Array.from(posterior.draws).filter((x) => x !== 0);
      // 2,000 draws err by 0.011, and networks of 8,000 simulations by some more.
      expect(Math.abs(1 - rest.length / 2000 - exact.zero)).toBeLessThan(0.08);
      expect(
        Math.abs(Math.exp(await posterior.logDensity({ effect: 0 })) - exact.zero),
      ).toBeLessThan(0.08);
      const mean = rest.reduce((a, b) => a + b, 0) / rest.length;
      // Of few draws that are not zero the mean says little.
      const tolerance = rest.length > 500 ? 0.35 * exact.sd : Infinity;
      expect(Math.abs(mean - exact.mean)).toBeLessThan(tolerance);
      // The density integrates to what is not zero: midpoints over all that the posterior reaches, none of which is zero.
      const width = 0.1;
      const logs = await Promise.all(
        Array.from({ length: 160 }, (_, i) =>
          posterior.logDensity({ effect: -8 + width * (i + 0.5) }),
        ),
      );
      const mass = logs.reduce((total, log) => total + width * Math.exp(log), 0);
      const zero = Math.exp(await posterior.logDensity({ effect: 0 }));
      expect(Math.abs(mass + zero - 1)).toBeLessThan(0.01);
    }
    await fitted.release();
    await again.release();
  });

  it("is a prior with a distribution function, quantiles and moments, and comes back from JSON", () => {
    const prior = zeroInflated(0.3, normal(1, 2));
    expect([prior.mean, prior.variance].map((x) => x.toFixed(10))).toEqual(
      // 0.7 · 1, and 0.7 · (4 + 1) - 0.49.
      ["0.7000000000", "3.0100000000"],
    );
    for (const p of [0.01, 0.2, 0.215, 0.4, 0.51, 0.52, 0.9, 0.999]) {
      const x = prior.quantile(p);
      expect(prior.cdf(x)).toBeGreaterThanOrEqual(p - 1e-12);
      expect(prior.cdf(x - 1e-9)).toBeLessThan(p);
    }
    expect(prior.logDensity([0])).toBe(Math.log(0.3));
    const slab = normal(1, 2).logDensity([0.4]);
    expect(prior.logDensity([0.4])).toBeCloseTo(Math.log(0.7) + slab, 12);
    const random = stream(2);
    const draws = Array.from({ length: 4000 }, () => prior.sample(random)[0] ?? 1);
    const zeros = draws.filter((x) => x === 0).length / 4000;
    expect(Math.abs(zeros - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / 4000));
    const back = distributionFromJSON(JSON.parse(JSON.stringify(prior)));
    expect(back.logDensity([0.4])).toBe(prior.logDensity([0.4]));
    expect(() => prior.bijection).toThrow("may be exactly zero has no unconstrained space");
    expect(() => zeroInflated(1, normal(0, 1))).toThrow("a probability within (0, 1)");
    expect(() => zeroInflated(0.5, poisson(2))).toThrow(
      "a slab of one continuous number, but was given poisson",
    );
  });
});

/** A label, a count and a number, which the data tell together: y ~ N(3 [state = b] + level, 0.5), c = count + level / 2 + noise. */
const mixed = defineModel({
  name: "mixed",
  parameters: {
    state: categorical(["a", "b"], [0.6, 0.4]),
    level: normal(0, 1),
    count: poisson(2),
  },
  data: { y: [1], c: [1] },
  simulate: ({ state, level, count }, random) => ({
    y: [2 * state + level + 0.5 * random.normal()],
    c: [count + 0.5 * level + 0.5 * random.normal()],
  }),
});

/** Posterior probabilities of the cases (state, count), and E(level | data), on a fine grid of levels. */
function exactMixed(y: number, c: number) {
  let [b, level, count, total] = [0, 0, 0, 0];
  for (const state of [0, 1]) {
    for (let k = 0; k < 15; k++) {
      for (let x = -5; x < 5; x += 0.05) {
        const prior =
          (state === 1 ? 0.4 : 0.6) * Math.exp(poisson(2).logDensity([k])) * phi(x, 0, 1);
        const weight = prior * phi(y, 2 * state + x, 0.5) * phi(c, k + 0.5 * x, 0.5);
        total += weight;
        b += weight * state;
        level += weight * x;
        count += weight * k;
      }
    }
  }
  return { b: b / total, level: level / total, count: count / total };
}

describe("labels, counts and numbers together", () => {
  it("have the posterior of enumeration", async () => {
    const fitted = await train(npe(mixed, { summary }), quick);
    for (const [y, c] of [
      [1, 2],
      [2.6, 0.4],
      [-0.5, 4.2],
    ] as const) {
      const exact = exactMixed(y, c);
      const posterior = await fitted.given({ y: [y], c: [c] }, { samples: 2000 });
      expect(Math.abs((posterior.probabilities()["state"]?.["b"] ?? -1) - exact.b)).toBeLessThan(
        0.1,
      );
      const { level, count } = posterior.mean();
      expect(Math.abs(level - exact.level)).toBeLessThan(0.2);
      expect(Math.abs(count - exact.count)).toBeLessThan(0.25);
      for (let i = 2; i < posterior.draws.length; i += 3) {
        if (!Number.isInteger(posterior.draws[i])) throw new Error("a count is no whole number");
      }
    }
    // Outside the support there is nothing.
    const posterior = await fitted.given({ y: [1], c: [2] }, { samples: 10 });
    expect(await posterior.logDensity({ state: "a", level: 0, count: 1.5 })).toBe(-Infinity);
    await fitted.release();
  });

  it("takes no members and no losses other than likelihood", () => {
    expect(() => npe(mixed, { members: 2 })).toThrow("leave out members and emulations");
    expect(() => npe(mixed, { density: flowMatching() })).toThrow("give a flow or a mixture");
  });
});
