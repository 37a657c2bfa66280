/**
 * Posteriors carried along a flow that was learned from real data sets with known parameters, against those of the real simulator in closed form.
 */
import { expect, test } from "vitest";
import { gaussian, load, npe, rawSummary, simulate, train } from "../../src/index.js";
import { stream } from "../../src/random/index.js";
import { conjugateNormal } from "../conjugate.js";

const { model } = conjugateNormal(4);
const networks = { summary: rawSummary(), density: gaussian(), members: 1 } as const;
const brief = { workers: 0, threads: 1, batch: 32, onWarning: () => {} } as const;

/** What really makes the data: y_i ~ N(θ + θ² / 2, 1), where the model believes N(θ, 1). */
function real(size: number, seed: string) {
  const random = stream(seed);
  const parameters = Float64Array.from({ length: size }, () => random.normal());
  const y = Float64Array.from({ length: 4 * size }, (_, at) => {
    const theta = parameters[Math.floor(at / 4)] ?? 0;
    return theta + theta ** 2 / 2 + random.normal();
  });
  return { data: { y }, parameters };
}

/** log p(θ | y) of the real simulator, on a grid. */
function exact(theta: number, y: Float64Array): number {
  const log = (t: number): number =>
    -(t ** 2) / 2 - y.reduce((total, x) => total + (x - t - t ** 2 / 2) ** 2 / 2, 0);
  const grid = Array.from({ length: 4001 }, (_, i) => log(-5 + i / 400));
  const most = Math.max(...grid);
  const sum = grid.reduce((total, value) => total + Math.exp(value - most), 0) / 400;
  return log(theta) - most - Math.log(sum);
}

test("a simulator that is wrong from place to place is put right by a flow, better than by two numbers, and the file knows it", async () => {
  const estimator = await train(npe(model, networks), {
    ...brief,
    simulations: 2000,
    epochs: 6,
    learningRate: 3e-3,
  });
  const pairs = real(200, "few");
  const moments = await estimator.recalibrated(pairs);
  const flow = await estimator.recalibrated(pairs, { by: "transport" });
  const fresh = real(300, "many");
  const scoreOf = async (one: typeof estimator): Promise<number> => {
    const batch = await one.givenBatch(fresh.data, { samples: 10 });
    const values = await batch.logDensity(fresh.parameters);
    return values.reduce((a, b) => a + b, 0) / values.length;
  };
  const best =
    fresh.parameters.reduce(
      (total, theta, i) => total + exact(theta, fresh.data.y.subarray(4 * i, 4 * i + 4)),
      0,
    ) / 300;
  const [plain, two, carried] = [
    await scoreOf(estimator),
    await scoreOf(moments),
    await scoreOf(flow),
  ];
  // A mean of 300 log densities has a standard error of 0.05, and differences of the same data sets less.
  expect(two).toBeGreaterThan(plain + 0.3);
  expect(carried).toBeGreaterThan(two + 0.1);
  expect(carried).toBeLessThan(best + 0.1);

  const one = { y: [[1, 0.5, 1.5, 1]] };
  const posterior = await flow.givenBatch(one, { samples: 4000 });
  // Densities integrate to one, and draws are theirs: mean and mass of the density on a grid beside those of the draws.
  const grid = Float64Array.from({ length: 801 }, (_, i) => -4 + i / 100);
  const density = (await posterior.logDensity(grid)).map(Math.exp);
  const mass = density.reduce((a, b) => a + b, 0) / 100;
  const mean = density.reduce((total, f, i) => total + f * (grid[i] ?? 0), 0) / 100 / mass;
  expect(Math.abs(mass - 1)).toBeLessThan(0.01);
  const first = (values: Float64Array): number => values.at(0) ?? Number.NaN;
  const [drawn, sd] = [first(posterior.mean().theta), first(posterior.sd().theta)];
  // Four standard errors of 4,000 draws.
  expect(Math.abs(drawn - mean)).toBeLessThan((4 * sd) / 63);

  const again = await load(await flow.toBytes(), { model });
  if (again.kind !== "posterior") throw new TypeError("it answers with posteriors");
  expect((await again.givenBatch(one, { samples: 50 })).draws).toEqual(
    (await flow.givenBatch(one, { samples: 50 })).draws,
  );
  // Another correction takes its place, and leaves nothing of it.
  const back = await flow.recalibrated(pairs);
  expect(back.contents.weights).toEqual(estimator.contents.weights);
  expect(back.details.programs).toEqual(estimator.details.programs);
  await Promise.all([estimator, moments, flow, again, back].map((each) => each.release()));
});

test("where two numbers say all, there is no flow, and few pairs are refused one", async () => {
  const warnings: string[] = [];
  const estimator = await train(npe(model, networks), {
    ...brief,
    simulations: 1000,
    epochs: 6,
    learningRate: 3e-3,
    onWarning: (message) => warnings.push(message),
  });
  const held = await simulate(model, { simulations: 200, seed: "held out", workers: 0 });
  const better = await estimator.recalibrated(held, { by: "transport" });
  expect(better.details.programs).toEqual(estimator.details.programs);
  expect(warnings.join(" ")).toContain("no more of those left out");
  await expect(estimator.recalibrated(real(20, "few"), { by: "transport" })).rejects.toThrow(
    /30 data sets .* or more, but there are 20/,
  );
  await Promise.all([estimator, better].map((each) => each.release()));
});
