/**
 * Posteriors by chains: what is judged before an answer is given, and where chains start.
 */
import { describe, expect, test } from "vitest";
import {
  defineModel,
  independent,
  modelPosterior,
  normal,
  stream,
  uniform,
} from "../../src/index.js";
import { chainPosterior } from "../../src/posterior/chain-posterior.js";
import { chainStarts } from "../../src/posterior/chain-starts.js";
import { peaks } from "../../src/posterior/peaks.js";
import type { LogTerms } from "../../src/posterior/target.js";

/** y = a + b + 0.1 ε: the prior alone says how a and b differ. */
const sum = defineModel({
  name: "sum",
  parameters: { a: normal(0, 1), b: normal(0, 1) },
  data: { y: [] },
  simulate: ({ a, b }, random) => ({ y: a + b + 0.1 * random.normal() }),
  logLikelihood: ({ a, b }, { y }) => -0.5 * (((y[0] ?? 0) - a - b) / 0.1) ** 2,
});

describe("a posterior by chains", () => {
  // The precision is I + 100 11ᵀ: 201 along the sum, and 1 along the difference.
  const exactMean = (100 * 0.5) / 201;
  const exactSd = Math.sqrt((1 / 201 + 1) / 2);

  test.each([1, 2, 3, 4, 5])("of a strong correlation is right, seed %d", async (seed) => {
    const posterior = (
      await modelPosterior(sum, { y: [0.5] }, { method: "mcmc", samples: 1000, seed })
    ).at(0);
    for (const name of ["a", "b"] as const) {
      // As a rule worth 600 draws: the mean errs by 0.04 sd, the sd by 0.04.
      expect(Math.abs(posterior.mean()[name] - exactMean) / exactSd).toBeLessThan(0.2);
      expect(Math.abs(posterior.sd()[name] / exactSd - 1)).toBeLessThan(0.2);
    }
    const { draws } = posterior;
    const sums = Array.from(
      { length: 1000 },
      (_, i) => (draws[2 * i] ?? 0) + (draws[2 * i + 1] ?? 0),
    );
    const center = sums.reduce((x, y) => x + y, 0) / 1000;
    const spread = Math.sqrt(sums.reduce((x, y) => x + (y - center) ** 2, 0) / 1000);
    expect(Math.abs(spread * Math.sqrt(201 / 2) - 1)).toBeLessThan(0.2);
  });

  test("of few draws is judged on many, from which they are taken evenly", async () => {
    const few = await modelPosterior(sum, { y: [0.5] }, { method: "mcmc", samples: 20, seed: 1 });
    const many = await modelPosterior(
      sum,
      { y: [0.5] },
      { method: "mcmc", samples: 1000, seed: 1 },
    );
    const rows = new Set(
      Array.from({ length: 1000 }, (_, i) => many.draws.slice(2 * i, 2 * i + 2).join()),
    );
    const chosen = Array.from({ length: 20 }, (_, i) => few.draws.slice(2 * i, 2 * i + 2).join());
    expect(chosen.every((row) => rows.has(row))).toBe(true);
  });

  /** A mixture of normals, Σ w N(m, s² I), as the posterior of k parameters under a normal prior. */
  const mixture = (
    k: number,
    modes: readonly { readonly weight: number; readonly mean: number; readonly sd: number }[],
  ) => {
    const names = Array.from({ length: k }, (_, j) => `x${j}`);
    const prior = independent(names.map(() => normal(0, 2)));
    const term = (theta: ArrayLike<number>): number => {
      const terms = modes.map(({ weight, mean, sd }) =>
        Array.from(theta).reduce(
          (sum, x) => sum - 0.5 * ((x - mean) / sd) ** 2,
          Math.log(weight) - k * Math.log(sd * Math.sqrt(2 * Math.PI)),
        ),
      );
      const top = Math.max(...terms);
      const log = top + Math.log(terms.reduce((sum, t) => sum + Math.exp(t - top), 0));
      return log - prior.logDensity(theta);
    };
    return chainPosterior({
      slots: names.map((name, offset) => ({ name, shape: [], offset, size: 1 })),
      flatNames: names,
      size: 2,
      prior,
      bijection: () => prior.bijection,
      logTerms: (theta) =>
        Promise.resolve(
          Float64Array.from({ length: theta.length / k }, (_, i) =>
            term(theta.subarray(i * k, (i + 1) * k)),
          ),
        ),
    });
  };

  test.each([
    // Broad and narrow in one; a twentieth of the mass in a mode a tenth as wide; in five dimensions.
    { k: 1, weights: [0.9, 0.1], sds: [0.3, 0.02] },
    { k: 3, weights: [0.8, 0.2], sds: [0.1, 0.3] },
    { k: 5, weights: [0.7, 0.3], sds: [0.2, 0.4] },
  ])("of two modes in $k dimensions has each with its mass", async ({ k, weights, sds }) => {
    const means = [-1, 1.5];
    const source = mixture(
      k,
      means.map((mean, i) => ({ mean, weight: weights[i] ?? 0, sd: sds[i] ?? 1 })),
    );
    const { draws, answers } = await source.draw(2000, 3, 0, 2);
    for (const i of [0, 1]) {
      expect(answers[i]?.status).toBe("mcmc");
      const own = Float64Array.from(draws).subarray(i * 2000 * k, (i + 1) * 2000 * k);
      const first = own.filter((_, at) => at % k === 0);
      const left = first.filter((x) => x < 0.25);
      // Worth 100 draws at least, and as a rule several hundred: 0.05 at most is four errors of 400.
      expect(Math.abs(left.length / 2000 - (weights[0] ?? 0))).toBeLessThan(0.09);
      const mean = left.reduce((a, x) => a + x, 0) / left.length;
      expect(Math.abs(mean + 1) / (sds[0] ?? 1)).toBeLessThan(0.35);
      // The target is normalised: so is what comes back.
      const peak = Float32Array.from({ length: k }, () => 1.5);
      const density = (await source.logDensity(peak, i, i + 1))[0] ?? NaN;
      const exact =
        Math.log(weights[1] ?? 0) - k * Math.log((sds[1] ?? 1) * Math.sqrt(2 * Math.PI));
      expect(Math.abs(density - exact)).toBeLessThan(0.3);
    }
  });

  test("of two narrow modes far apart has a half in each", async () => {
    const source = chainPosterior({
      slots: [{ name: "x", shape: [], offset: 0, size: 1 }],
      flatNames: ["x"],
      size: 1,
      prior: uniform(-1, 1),
      bijection: () => uniform(-1, 1).bijection,
      logTerms: (theta) =>
        Promise.resolve(Float64Array.from(theta, (x) => -0.5 * ((Math.abs(x) - 0.7) / 0.01) ** 2)),
    });
    const { draws } = await source.draw(2000, 0, 0, 1);
    const share = draws.filter((x) => x > 0).length / 2000;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.08);
  });

  test("of eight modes has all of them: while scouts are alone at theirs, more are sent", async () => {
    // The data tell squares alone: x_i is 1 ± .05 or the same with a minus, each as likely. Twelve scouts find six or seven of the eight.
    const squares = defineModel({
      name: "squares",
      parameters: { x: independent([normal(0, 1), normal(0, 1), normal(0, 1)]) },
      data: { y: [] },
      simulate: () => ({ y: 0 }),
      logLikelihood: ({ x }) => x.reduce((sum, value) => sum - 50 * (value * value - 1) ** 2, 0),
    });
    let square = 0;
    for (let seed = 1; seed <= 5; seed++) {
      const { draws } = await modelPosterior(squares, { y: 0 }, { method: "mcmc", seed });
      for (const axis of [0, 1, 2]) {
        const negative = draws.filter((value, i) => i % 3 === axis && value < 0).length / 1000;
        square += (negative - 0.5) ** 2 / 15;
      }
    }
    // Draws worth 250 or more give .03, the root mean square of fifteen shares a fifth more or less; modes that nobody saw gave .08.
    expect(Math.sqrt(square)).toBeLessThan(0.05);
  });

  test("of more modes than were found is refused, with what was not seen", async () => {
    // A comb of 200 teeth, each a five-thousandth as wide as they are apart.
    const source = chainPosterior({
      slots: [{ name: "x", shape: [], offset: 0, size: 1 }],
      flatNames: ["x"],
      size: 1,
      prior: uniform(0, 1),
      bijection: () => uniform(0, 1).bijection,
      logTerms: (theta) =>
        Promise.resolve(
          Float64Array.from(theta, (x) => {
            const off = 200 * x - Math.round(200 * x);
            return Math.log(Math.exp(-0.5 * (off / 0.002) ** 2) + 1e-9);
          }),
        ),
    });
    const { answers } = await source.draw(100, 0, 0, 1);
    expect(answers[0]?.status).toBe("refused");
    expect(answers[0]?.note).toMatch(
      /chains of data set 0 cannot be trusted after \d+ iterations: R̂ is \d+\.\d\d \(it must be below 1\.05\).*ask for method "importance"/,
    );
  });
});

describe("peaks among points", () => {
  test("are the tops of all hills that have some points, however low, and of little else", () => {
    const random = stream(6);
    const points = Float64Array.from({ length: 2 * 600 }, () => random.uniform());
    const heights = Float64Array.from({ length: 600 }, (_, i) => {
      const [x = 0, y = 0] = points.subarray(2 * i, 2 * i + 2);
      const hill = (a: number, b: number, width: number, top: number): number =>
        top - ((x - a) ** 2 + (y - b) ** 2) / (2 * width ** 2);
      return Math.max(hill(0.2, 0.2, 0.2, 0), hill(0.8, 0.7, 0.05, -5));
    });
    const found = peaks(points, heights, 2);
    // On a slope half of the neighbours are higher: of 600 points some two have eight lower ones by chance.
    expect(found.length).toBeLessThan(10);
    const toNearest = (a: number, b: number): number =>
      Math.min(
        ...found.map((row) =>
          Math.hypot((points[2 * row] ?? 9) - a, (points[2 * row + 1] ?? 9) - b),
        ),
      );
    // Points are some 0.02 from the nearest.
    expect(toNearest(0.2, 0.2)).toBeLessThan(0.06);
    expect(toNearest(0.8, 0.7)).toBeLessThan(0.06);
    expect(peaks(points, new Float64Array(600).fill(-Infinity), 2)).toEqual([]);
  });
});

describe("starts of chains", () => {
  const names = ["a", "b"];
  const target = (logTerms: LogTerms, size: number) => ({
    slots: names.map((name, offset) => ({ name, shape: [], offset, size: 1 })),
    flatNames: names,
    size,
    logTerms,
    prior: independent([normal(0, 1), normal(0, 1)]),
    bijection: () => independent([normal(0, 1), normal(0, 1)]).bijection,
  });
  const of =
    (sd: number): LogTerms =>
    (theta) =>
      Promise.resolve(
        Float64Array.from({ length: theta.length / 2 }, (_, i) => {
          const [a = 0, b = 0] = theta.subarray(2 * i, 2 * i + 2);
          return (-0.5 * ((a - 1) ** 2 + (b - 1) ** 2)) / sd ** 2;
        }),
      );

  const startsOf = (found: Awaited<ReturnType<typeof chainStarts>>, i: number): Float64Array => {
    const weighted = found.get(i);
    if (weighted !== undefined && "starts" in weighted) return weighted.starts;
    throw weighted ?? new TypeError("no starts");
  };

  test("differ, lie about the posterior, and spread wider than it", async () => {
    const size = 50;
    const sd = 0.01;
    const found = await chainStarts(target(of(sd), size), 4, 1, 0, size);
    let square = 0;
    for (let i = 0; i < size; i++) {
      const rows = Array.from({ length: 4 }, (_, j) =>
        startsOf(found, i).slice(j * 2, (j + 1) * 2),
      );
      expect(new Set(rows.map((row) => row.join())).size).toBe(4);
      for (const row of rows) square += row.reduce((total, x) => total + (x - 1) ** 2, 0);
    }
    const spread = Math.sqrt(square / (size * 4 * 2));
    // Resampling would give 200 times the draw that lies nearest; weights worth 16 of 256 draws spread over a tenth of the prior.
    expect(spread).toBeGreaterThan(5 * sd);
    expect(spread).toBeLessThan(0.6);
    const alone = await chainStarts(target(of(sd), size), 4, 1, 7, 8);
    expect(alone.get(7)).toEqual(found.get(7));
  });

  test("are looked for further where few draws of the prior are possible", async () => {
    const logTerms: LogTerms = (theta) =>
      Promise.resolve(
        Float64Array.from({ length: theta.length / 2 }, (_, i) =>
          // A share of 0.00135 of the prior: 0.3 draws of 256, 22 of 16,384.
          (theta[2 * i] ?? 0) > 3 ? 0 : -Infinity,
        ),
      );
    const starts = startsOf(await chainStarts(target(logTerms, 1), 4, 1, 0, 1), 0);
    const first = Array.from({ length: 4 }, (_, j) => starts[2 * j] ?? 0);
    expect(first.every((x) => x > 3)).toBe(true);
    expect(new Set(first).size).toBe(4);
  });
});
