/**
 * Tests of two samples: their false alarms, what they estimate, and exact p-values.
 */
import { describe, expect, it } from "vitest";
import {
  conformalC2st,
  energyTest,
  mmdTest,
  type Classifier,
} from "../../src/diagnostics/index.js";
import { stream } from "../../src/random/index.js";

describe("two samples", () => {
  const random = stream("two-samples");
  const sample = (n: number, d: number, scale = 1): Float32Array => {
    const values = new Float32Array(n * d);
    random.fillNormal(values);
    return values.map((x) => scale * x);
  };

  it("50 observed sets of a right model are rejected in 5 % of cases for 200 references, as BayesFlow 2.1's test is not", () => {
    const runs = 150;
    for (const test of [mmdTest, energyTest]) {
      let alarms = 0;
      for (let seed = 0; seed < runs; seed++) {
        const { pValue } = test(sample(200, 2), sample(50, 2), 2, { permutations: 39, seed });
        if (pValue <= 0.05) alarms++;
      }
      // 7.5 ± 8, three standard errors.
      expect(alarms).toBeLessThan(7.5 + 3 * Math.sqrt(runs * 0.05 * 0.95));
    }
  });

  it("of equal laws have an MMD² about zero, not -10, and of others are found", () => {
    const equal = Array.from(
      { length: 20 },
      () => mmdTest(sample(200, 2), sample(200, 2), 2, { permutations: 1 }).statistic,
    );
    for (const value of equal) expect(Math.abs(value)).toBeLessThan(0.02);
    expect(mmdTest(sample(200, 2), sample(50, 2, 2), 2, { permutations: 199 }).pValue).toBeLessThan(
      0.01,
    );
    expect(
      energyTest(sample(200, 2), sample(50, 2, 2), 2, { permutations: 199 }).pValue,
    ).toBeLessThan(0.01);
  });

  it("are told apart by a classifier with an exact p-value", async () => {
    // The distance from the middle, with noise: a poor classifier of two widths.
    const poor: Classifier = {
      name: "poor",
      classify: (_, test) => {
        const scores = Float64Array.from(
          { length: test.length / 2 },
          (__, i) => Math.hypot(test[2 * i] ?? 0, test[2 * i + 1] ?? 0) + 3 * random.normal(),
        );
        return Promise.resolve({ labels: Uint8Array.from(scores, () => 1), scores });
      },
      release: () => Promise.resolve(),
    };
    let alarms = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const { pValue } = await conformalC2st(sample(60, 2), sample(60, 2), 2, {
        classifier: poor,
        seed,
      });
      if (pValue < 0.05) alarms++;
    }
    expect(alarms).toBeLessThan(10 + 9.3);
    await expect(
      conformalC2st(sample(9, 2), sample(60, 2), 2, { classifier: poor }),
    ).rejects.toThrow(/at least 40 rows/);
    const wider = await conformalC2st(sample(3000, 2), sample(3000, 2, 1.3), 2, {
      classifier: poor,
    });
    expect(wider.pValue).toBeLessThan(0.01);
    // It is right hardly more often than chance.
    expect(wider.auc).toBeLessThan(0.6);
  });
});
