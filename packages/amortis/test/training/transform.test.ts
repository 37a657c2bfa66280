import { mean, sum } from "@amortis/graph";
import { expect, test } from "vitest";
import {
  expertSummary,
  gaussian,
  joinTransforms,
  keepData,
  load,
  npe,
  rawSummary,
  train,
} from "../../src/index.js";
import { transformedShapes } from "../../src/extend.js";
import { conjugateNormal } from "../conjugate.js";

const { model: conjugate, fresh } = conjugateNormal(4);

const total = expertSummary(conjugate, "total", 1, ({ y }) =>
  sum(y, { axes: [1], keepDims: true }),
);

test("a transform replaces the data, in training and in answers, from its file too", async () => {
  // The total is sufficient: y ~ N(5 theta', ...), posterior N(total / 5, 1 / 5).
  const method = npe(conjugate, { transform: total, summary: rawSummary(), density: gaussian() });
  const settings = { simulations: 6000, epochs: 10, seed: 4, workers: 0, threads: 1 };
  const fitted = await train(method, settings);
  // The total has variance 16 + 4 under the prior predictive: the standardisation is of it, not of y.
  expect(Object.keys(fitted.details.standardization.data)).toEqual(["total"]);
  expect(fitted.details.standardization.data["total"]?.sd[0]).toBeCloseTo(Math.sqrt(20), 0);
  const { y, exactMeans } = await fresh(100);
  const posteriors = await fitted.givenBatch({ y }, { samples: 1000 });
  const means = posteriors.mean().theta;
  const squares = exactMeans.map((mean, i) => ((means[i] ?? 0) - mean) ** 2);
  // The Monte Carlo error of a mean of 1,000 draws is 0.014; the rest is training.
  expect(Math.sqrt(squares.reduce((a, b) => a + b, 0) / 100)).toBeLessThan(0.06);
  const loaded = await load(await fitted.toBytes(), { model: conjugate });
  if (loaded.kind !== "posterior") throw new Error("npe answers with posteriors");
  const again = await loaded.givenBatch({ y }, { samples: 1000 });
  // Large calls of what was trained here are native code's, whose last digits differ.
  for (const [i, draw] of again.draws.entries()) {
    expect(Math.abs(draw - (posteriors.draws[i] ?? Number.NaN))).toBeLessThan(1e-5);
  }
  await fitted.release();
  await loaded.release();
});

test("transforms join", () => {
  const both = joinTransforms(keepData(), total);
  expect(transformedShapes(conjugate.dataShapes, both)).toEqual({ y: [4], total: [1] });
  expect(() => transformedShapes(conjugate.dataShapes, joinTransforms(total, total))).toThrow(
    'two of them make an array "total"',
  );
  expect(() => transformedShapes(conjugate.dataShapes, keepData(["x"]))).toThrow(
    'there is no data array "x"; there are y',
  );
  const wrong = expertSummary(conjugate, "wrong", 2, ({ y }) => mean(y, { axes: [1] }));
  expect(() => transformedShapes(conjugate.dataShapes, wrong)).toThrow(
    'expertSummary "wrong" should be [batch, 2], but its operations give [batch]',
  );
});
