import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { nodeRuntime } from "@amortis/graph/node";
import { c2st, forestClassifier, mlpClassifier } from "../../src/diagnostics/index.js";
import { RandomState } from "../../src/random/index.js";

interface Golden {
  readonly name: string;
  readonly rows: readonly [number, number];
  readonly d: number;
  readonly shift: number;
  readonly scale: number;
  readonly mlp: readonly number[];
  readonly forest: readonly (readonly number[])[];
}

/** See c2st_golden.py. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the script
const golden = JSON.parse(
  readFileSync(new URL("../fixtures/c2st-golden.json", import.meta.url), "utf8"),
) as readonly Golden[];

/** The script's samples: normal numbers of NumPy, to two places. */
function samplesOf({ rows, d, shift, scale }: Golden): readonly [Float32Array, Float32Array] {
  const round = (value: number): number => Math.round(100 * value) / 100;
  return [
    Float32Array.from(new RandomState(1).normals(rows[0] * d), round),
    Float32Array.from(new RandomState(2).normals(rows[1] * d), (z) => round(z * scale + shift)),
  ];
}

describe.each(golden)("two samples that are $name", (one) => {
  const [reference, samples] = samplesOf(one);

  it("score what scikit-learn's perceptron scores, fold by fold", async () => {
    const classifier = mlpClassifier(nodeRuntime());
    const { accuracies, score, epochs } = await c2st(reference, samples, one.d, { classifier });
    await classifier.release();
    // The same random numbers in single precision: over hundreds of epochs rounding moves a few rows across the border.
    const rows = (one.rows[0] + one.rows[1]) / 5;
    for (const [k, accuracy] of accuracies.entries()) {
      expect(Math.abs(accuracy - (one.mlp[k] ?? Number.NaN)) * rows).toBeLessThan(5.5);
    }
    const expected = one.mlp.reduce((a, b) => a + b) / 5;
    expect(Math.abs(score - expected)).toBeLessThan(0.02);
    expect(Math.min(...epochs)).toBeGreaterThan(11);
  });

  it("score what scikit-learn's random forest scores, exactly", async () => {
    for (const [i, expected] of one.forest.entries()) {
      const { accuracies } = await c2st(reference, samples, one.d, {
        classifier: forestClassifier(),
        seed: i + 1,
      });
      expect(accuracies).toEqual(expected);
    }
  });
});

describe("the classifier two-sample test", () => {
  const classifier = mlpClassifier(nodeRuntime());
  afterAll(() => classifier.release());

  it("keeps samples apart that are, and sees none where there is no difference", async () => {
    const normals = (seed: number) => Float32Array.from(new RandomState(seed).normals(1_000));
    const far = normals(3).map((z) => z + 8);
    for (const one of [classifier, forestClassifier()]) {
      expect((await c2st(normals(4), far, 1, { classifier: one })).score).toBe(1);
      const { score } = await c2st(normals(4), normals(5), 1, { classifier: one });
      // 2,000 rows, each classified once: a standard error of 0.011, and a little more since folds share rows.
      expect(Math.abs(score - 0.5)).toBeLessThan(0.05);
    }
  });

  it("does not depend on the scale of the reference, nor mind a column that does not vary", async () => {
    const [x, y] = [new RandomState(6).normals(400), new RandomState(7).normals(400)];
    const score = async (scale: number, shift: number): Promise<number> => {
      const put = (values: Float64Array, at: number): Float32Array =>
        Float32Array.from({ length: 800 }, (_, i) =>
          i % 2 === 0 ? scale * ((values[i / 2] ?? 0) + at) + shift : 3,
        );
      return (await c2st(put(x, 0), put(y, 1), 2, { classifier: forestClassifier() })).score;
    };
    expect(await score(1, 0)).toBeGreaterThan(0.55);
    expect(Math.abs((await score(1024, 0)) - (await score(1, 0)))).toBe(0);
  });

  it("says what it cannot take", async () => {
    const rows = new Float32Array(20);
    const options = { classifier: forestClassifier() };
    await expect(c2st(rows, new Float32Array(19), 2, options)).rejects.toThrow(/rows of 2 columns/);
    await expect(c2st(rows, new Float32Array(20).fill(Number.NaN), 2, options)).rejects.toThrow(
      /samples must be finite, but row 0 holds NaN in column 0/,
    );
  });

  it("stops when it is told to", async () => {
    const rows = Float32Array.from(new RandomState(8).normals(400));
    const stop = new AbortController();
    const onFold = (): void => {
      stop.abort();
    };
    const options = { classifier, onFold, signal: stop.signal };
    await expect(c2st(rows, rows.slice(), 2, options)).rejects.toThrow(/abort/i);
  });
});
