/**
 * Posteriors by chains: what is judged before an answer is given, and where chains start.
 */
import { describe, expect, test } from "vitest";
import { defineModel, independent, modelPosterior, normal, uniform } from "../../src/index.js";
import { chainPosterior } from "../../src/posterior/chain-posterior.js";
import { chainStarts } from "../../src/posterior/chain-starts.js";
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

  test("is refused, with numbers, where chains stay in modes of their own", async () => {
    const source = chainPosterior({
      slots: [{ name: "x", shape: [], offset: 0, size: 1 }],
      flatNames: ["x"],
      size: 1,
      prior: uniform(-1, 1),
      bijection: () => uniform(-1, 1).bijection,
      logTerms: (theta) =>
        Promise.resolve(Float64Array.from(theta, (x) => -0.5 * ((Math.abs(x) - 0.7) / 0.01) ** 2)),
    });
    const { answers } = await source.draw(100, 0, 0, 1);
    expect(answers[0]?.status).toBe("refused");
    expect(answers[0]?.note).toMatch(
      /chains of data set 0 cannot be trusted after \d+ iterations: R̂ is \d+\.\d\d \(it must be below 1\.05\).*ask for method "importance"/,
    );
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
    const starts = found.get(i);
    if (starts instanceof Float64Array) return starts;
    throw starts ?? new TypeError("no starts");
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
