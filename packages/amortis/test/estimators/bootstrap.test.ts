/**
 * The bootstrap, of estimators that are known: of means of normal replicates, and of means of an autoregression.
 */
import { describe, expect, it, test } from "vitest";
import {
  bootstrap,
  defineModel,
  discreteUniform,
  normal,
  series,
  stream,
} from "../../src/index.js";
import { matchData, type Estimating } from "../../src/extend.js";
import { presentRow } from "../../src/data/elements.js";
import { specsOf, type ArraySpecs } from "../../src/data/array-spec.js";

const replicates = defineModel({
  name: "replicates",
  parameters: { mu: normal(0, 10) },
  sizes: { m: discreteUniform(1, 60) },
  data: { y: ["m"] },
  simulate: ({ mu }, random, { m }) => ({
    y: Array.from({ length: m }, () => mu + random.normal()),
  }),
});

/** The sample mean. */
function means(dataSpecs: ArraySpecs): Estimating<(typeof replicates)["parameters"]> {
  return {
    dataSpecs,
    slots: replicates.prior.slots,
    estimateBatch: (data) => {
      const { data: sets } = matchData(dataSpecs, data);
      const mu = Float64Array.from({ length: sets.size }, (_, i) => {
        const y = presentRow(sets, i)["y"] ?? [];
        return Array.from(y).reduce((a, b) => a + b, 0) / y.length;
      });
      return Promise.resolve({ mu });
    },
  };
}

const estimator = means(replicates.dataSpecs);

function draw(m: number, seed: number): number[] {
  const random = stream(seed);
  return Array.from({ length: m }, () => 1 + random.normal());
}

describe("standard errors", () => {
  const m = 40;
  const y = draw(m, 1);
  const center = y.reduce((a, b) => a + b, 0) / m;
  const spread = Math.sqrt(y.reduce((total, v) => total + (v - center) ** 2, 0) / m);

  it("are those of closed forms", async () => {
    // Of 2,000 estimates, within 4 standard errors of 1.6 %.
    const parametric = await bootstrap(estimator, { y }, { model: replicates, resamples: 2000 });
    expect(Math.abs(parametric.sd().mu * Math.sqrt(m) - 1)).toBeLessThan(0.064);
    const elements = await bootstrap(estimator, { y }, { resamples: 2000 });
    expect(Math.abs((elements.sd().mu * Math.sqrt(m)) / spread - 1)).toBeLessThan(0.064);
    expect(elements.estimate().mu).toBeCloseTo(center, 12);
  });

  it("of dependent elements need blocks", async () => {
    // Of an autoregression of φ = 0.8, blocks of 30 say that the variance of a mean is 1 + 2 Σ_k (1 - k/30) φ^k = 7.7 times that of independent elements.
    const dataSpecs = specsOf({ y: series(400) });
    let ratio = 0;
    for (let i = 0; i < 12; i++) {
      const random = stream(200 + i);
      let value = 0;
      const y = Array.from({ length: 400 }, () => (value = 0.8 * value + random.normal()));
      const [single = Number.NaN, blocks = Number.NaN] = await Promise.all(
        [1, 30].map(async (block) => {
          const options = { kind: "blocks", block, resamples: 100, seed: i } as const;
          return (await bootstrap(means(dataSpecs), { y }, options)).sd().mu;
        }),
      );
      ratio += (blocks / single) ** 2 / 12;
    }
    // Such a ratio errs by √(4/3 · 30/400) = 32 % a series, and by 20 % for each 100 draws twice: in all by 12 %, and is short by 7 % as blocks are of 400.
    expect(Math.abs(ratio / 7.67 - 0.93)).toBeLessThan(0.48);
  });

  it("have intervals: of percentiles, and reflected about the estimate", async () => {
    const boot = await bootstrap(estimator, { y });
    const [lower, upper] = boot.interval(0.8).mu;
    const basic = boot.interval(0.8, "basic").mu;
    expect(lower).toBeLessThan(upper);
    expect(basic[0]).toBeCloseTo(2 * center - upper, 12);
    expect(basic[1]).toBeCloseTo(2 * center - lower, 12);
    expect(() => boot.interval(1)).toThrow("a level must be within (0, 1), but is 1");
  });
});

test("intervals hold the truth as often as they say", async () => {
  let [parametric, elements] = [0, 0];
  const sets = 200;
  for (let i = 0; i < sets; i++) {
    const y = draw(40, 100 + i);
    const options = { resamples: 200, seed: i };
    const holds = ([lower, upper]: readonly [number, number]): number =>
      lower < 1 && 1 < upper ? 1 : 0;
    const [one, other] = await Promise.all([
      bootstrap(estimator, { y }, { ...options, model: replicates }),
      bootstrap(estimator, { y }, options),
    ]);
    parametric += holds(one.interval(0.9).mu) / sets;
    elements += holds(other.interval(0.9).mu) / sets;
  }
  // Within three standard errors of 2.1 %; percentiles of 40 elements are short by about 1.3 % on average.
  expect(Math.abs(parametric - 0.9)).toBeLessThan(0.064);
  expect(Math.abs(elements - 0.887)).toBeLessThan(0.064);
});

test("what cannot be is refused", async () => {
  await expect(bootstrap(estimator, { y: [[1, 2], [3]] })).rejects.toThrow(
    "takes one data set, but 2 were given",
  );
  await expect(bootstrap(estimator, { y: [1, 2] }, { kind: "parametric" })).rejects.toThrow(
    "the parametric bootstrap draws data of the model",
  );
  await expect(bootstrap(estimator, { y: [1, 2] }, { kind: "blocks", block: 3 })).rejects.toThrow(
    "a block must have from 1 to 2 elements, but 3 were asked for",
  );
  const numbers = means(specsOf({ y: [3] }));
  await expect(bootstrap(numbers, { y: [1, 2, 3] })).rejects.toThrow(
    "must be in sets or series of one length, but there are none",
  );
});
