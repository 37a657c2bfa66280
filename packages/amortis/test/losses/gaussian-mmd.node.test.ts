/**
 * The discrepancy of summaries from the standard normal distribution, against quadrature, and what it does to summaries that are learned.
 */
import { compile, constant, input } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { expect, test } from "vitest";
import { gaussian, mlpSummary, npe, rawSummary, stream, train } from "../../src/index.js";
import { gaussianMmd } from "../../src/losses/gaussian-mmd.js";
import { gaussLegendre, integrate } from "../../src/math/index.js";
import { conjugateNormal } from "../conjugate.js";

const RULE = gaussLegendre(200);

async function meanOf(values: Float64Array, n: number, d: number): Promise<number> {
  const unused = input("unused", [1]);
  const y = gaussianMmd(constant(values, [n, d], "float64"));
  const program = await compile({ inputs: { unused }, outputs: { y } }, nodeRuntime());
  const found = Array.from((await program.run({ unused: [0] })).y.data, Number);
  await program.release();
  expect(found).toHaveLength(n);
  return found.reduce((a, b) => a + b, 0) / n;
}

test("is the double sum over pairs, with the normal's part by quadrature", async () => {
  const points = Float64Array.of(-1.3, 0.2, 0.9, 2.4);
  const kernel = (x: number, y: number): number =>
    [0.25, 1, 4].reduce((sum, h2) => sum + Math.exp(-((x - y) ** 2) / (2 * h2)), 0);
  const density = (y: number): number => Math.exp((-y * y) / 2) / Math.sqrt(2 * Math.PI);
  const against = (x: number): number => integrate((y) => kernel(x, y) * density(y), -12, 12, RULE);
  const pairs = [...points].flatMap((x, i) =>
    [...points].flatMap((y, j) => (i < j ? [kernel(x, y)] : [])),
  );
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const normal = integrate((x) => against(x) * density(x), -12, 12, RULE);
  const exact = mean(pairs) - 2 * mean([...points].map(against)) + normal;
  expect(await meanOf(points, 4, 1)).toBeCloseTo(exact, 8);
});

test("is zero on average for standard normal summaries, and above it for others", async () => {
  const random = stream("mmd");
  const batches = async (shift: number, scale: number): Promise<number[]> => {
    const all: number[] = [];
    for (let k = 0; k < 20; k++) {
      const values = new Float64Array(100 * 3);
      random.fillNormal(values);
      all.push(
        await meanOf(
          values.map((z) => shift + scale * z),
          100,
          3,
        ),
      );
    }
    return all;
  };
  const [right, shifted, narrow] = [
    await batches(0, 1),
    await batches(0.7, 1),
    await batches(0, 0.5),
  ];
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const sd = Math.sqrt(mean(right.map((x) => x * x)) - mean(right) ** 2);
  // Four standard errors of the mean of 20.
  expect(Math.abs(mean(right))).toBeLessThan((4 * sd) / Math.sqrt(20));
  expect(mean(shifted)).toBeGreaterThan(10 * sd);
  expect(mean(narrow)).toBeGreaterThan(10 * sd);
});

test("makes learned summaries standard normal, at no price in what they say", async () => {
  const { model, fresh } = conjugateNormal(4);
  const networks = { summary: mlpSummary({ hidden: [32], outputs: 2 }), density: gaussian() };
  const quick = { simulations: 4000, epochs: 15, learningRate: 3e-3, seed: 1, workers: 0 } as const;
  const settings = { ...quick, threads: 1, weightDecay: 0 };
  const { y } = await fresh(500);
  const found = await Promise.all(
    [0, 1].map(async (mmd) => {
      const estimator = await train(npe(model, { ...networks, mmd, trend: "none" }), settings);
      const { typicality } = estimator.details.standardization;
      const loss = estimator.details.training.bestValidationLoss;
      const pValues = await estimator.typicality({ y });
      await estimator.release();
      return { typicality, loss, pValues };
    }),
  );
  const [plain, normal] = found;
  // The factor of the covariance is about one where summaries are standard normal.
  const distance = (one: (typeof found)[number] | undefined): number => {
    const { mean = [], factor = [] } = one?.typicality ?? {};
    const [a = Number.NaN, , b = Number.NaN, c = Number.NaN] = factor;
    return Math.max(...mean.map(Math.abs), Math.abs(a - 1), Math.abs(b), Math.abs(c - 1));
  };
  expect(distance(normal)).toBeLessThan(0.35);
  expect(distance(plain)).toBeGreaterThan(distance(normal));
  expect((normal?.loss ?? 9) - (plain?.loss ?? 0)).toBeLessThan(0.03);
  // p-values stay calibrated: a tenth is below 0.1, or fewer.
  const below = [...(normal?.pValues ?? [])].filter((p) => p < 0.1).length / 500;
  expect(below).toBeLessThan(0.1 + 3 * Math.sqrt((0.1 * 0.9) / 500) + 0.03);
});

test("is of learned summaries alone", () => {
  const { model } = conjugateNormal(2);
  expect(() => npe(model, { summary: rawSummary(), mmd: 1 })).toThrow(
    /mmd is a penalty on learned summaries, but the data are their own: give a summary network/,
  );
  expect(() => npe(model, { mmd: -1 })).toThrow(/mmd must be at least 0|mmd/);
  expect(npe(model, { summary: mlpSummary(), mmd: 0.5 }).description).toMatchObject({ mmd: 0.5 });
  expect(npe(model).description).not.toHaveProperty("mmd");
});
