/**
 * Whether data are like those of the model: p-values of summaries, in memory, with answers, and in files.
 */
import { describe, expect, it, test } from "vitest";
import { specsOf } from "../../src/data/array-spec.js";
import { DataSets } from "../../src/data/data-sets.js";
import { judge, type Judged } from "../../src/data/typicality.js";
import { describeUntypical } from "../../src/data/untypical.js";
import { learnTypicality } from "../../src/training/learn-typicality.js";
import { defineModel, load, loadPosterior, normal, npe, simulate, train } from "../../src/index.js";
import { answerSheet } from "../../src/answers.js";
import { stream } from "../../src/random/index.js";

/** Points about a circle of radius 5 in the first two of three numbers; the third is constant. */
function ring(n: number, seed: number): Float32Array {
  const random = stream("ring").split(seed);
  return Float32Array.from({ length: n }, () => 0).reduce(
    (all, _, i) => {
      const angle = 2 * Math.PI * random.uniform();
      const radius = 5 + 0.3 * random.normal();
      all.set([radius * Math.cos(angle), radius * Math.sin(angle), 2], 3 * i);
      return all;
    },
    new Float32Array(3 * n),
  );
}

/** Points of d independent standard normals. */
function cloud(n: number, d: number, seed: number): Float32Array {
  const random = stream("cloud").split(seed);
  return Float32Array.from({ length: n * d }, () => random.normal());
}

/** Summaries of data that are one number each, and always the same. */
function judged(summaries: Float32Array, d = 3): Judged {
  const size = summaries.length / d;
  const sets = new DataSets(specsOf({ x: [] }), size, { x: new Float32Array(size) });
  return { sets, summaries };
}

describe("summaries", () => {
  const known = learnTypicality(judged(ring(1000, 1)), judged(ring(500, 2)), 3);
  const pValues = (values: Float32Array) =>
    (known && judge(judged(values), known)?.pValues) ?? new Float64Array();

  it("of the model have p-values below α with probability α at most", () => {
    const found = pValues(ring(4000, 3));
    for (const level of [0.01, 0.05, 0.2]) {
      const share = found.filter((p) => p < level).length / 4000;
      // Of one set of 500 held out, the share varies by √(α / 500) itself.
      expect(share).toBeLessThan(level + 3 * Math.sqrt(level / 500 + level / 4000));
    }
  });

  it("far out are found by their distance from the middle, and those in the middle of a ring by their neighbours", () => {
    expect(pValues(Float32Array.of(20, 0, 2))[0]).toBeLessThan(0.005);
    expect(pValues(Float32Array.of(0, 0, 2))[0]).toBeLessThan(0.005);
    // A unit that never was on.
    expect(pValues(Float32Array.of(5, 0, 9))[0]).toBeLessThan(0.005);
    expect(pValues(Float32Array.of(5, 0, 2))[0]).toBeGreaterThan(0.05);
  });

  it("in the middle of all others are the most ordinary where these are dense there, and unusual where hardly one is", () => {
    const pValueOfMiddle = (d: number): number => {
      const learned = learnTypicality(judged(cloud(1000, d, 1), d), judged(cloud(500, d, 2), d), d);
      const middle = judged(new Float32Array(d), d);
      return (learned && judge(middle, learned)?.pValues[0]) ?? NaN;
    };
    // Nothing is nearer to the middle of one, two or three numbers than it is itself, and no data are more ordinary.
    expect(Math.min(pValueOfMiddle(1), pValueOfMiddle(2), pValueOfMiddle(3))).toBeGreaterThan(0.1);
    expect(pValueOfMiddle(30)).toBeLessThan(0.01);
  });

  it("are not judged by a few simulations", () => {
    expect(learnTypicality(judged(ring(100, 1)), judged(ring(5, 2)), 3)).toBeUndefined();
  });

  it("are warned of where there are more than chance has", () => {
    const all = (n: number, low: number) => ({
      pValues: Float64Array.from({ length: n }, (_, i) => (i < low ? 0.004 : 0.5)),
      by: () => "the summary",
    });
    expect(describeUntypical(all(1, 0), new Set())).toBeUndefined();
    expect(describeUntypical(all(1, 1), new Set())).toMatch(
      /unlike those of the model: by the summary, at most 0\.4 % of its own/,
    );
    expect(describeUntypical(all(1, 1), new Set([0]))).toBeUndefined();
    expect(describeUntypical(all(1000, 12), new Set())).toBeUndefined();
    // Replicates are far out together.
    expect(describeUntypical(all(10, 4), new Set(), true)).toBeUndefined();
    expect(describeUntypical(all(10, 5), new Set(), true)).toMatch(/^5 of 10 data sets/);
    expect(describeUntypical(all(1000, 40), new Set())).toMatch(
      /^40 of 1000 data sets are unlike .* where chance has 10: number 0 \(p = 0\.004, by the summary\); .* and 37 more/,
    );
  });
});

test("every answer says how typical its data are, also from a file, and data of another model are warned of", async () => {
  const model = defineModel({
    name: "typical",
    parameters: { mu: normal(0, 1) },
    data: { y: [8] },
    simulate: ({ mu }, random) => ({ y: Array.from({ length: 8 }, () => mu + random.normal()) }),
  });
  const trained = await train(npe(model, { members: 1 }), {
    simulations: 4000,
    epochs: 8,
    seed: 1,
    workers: 0,
    threads: 1,
    validation: 0.1,
    progress: false,
  });
  const warnings: string[] = [];
  const file = await trained.toBytes();
  const fitted = await loadPosterior(file, {
    model,
    onWarning: (message) => warnings.push(message),
  });
  const fresh = await simulate(model, { simulations: 1000, seed: "fresh", workers: 0 });
  const right = await fitted.givenBatch(fresh.data, { samples: 20 });
  const low = right.answers.filter(({ typicality = 0 }) => typicality < 0.05).length;
  // 50 ± 33: binomial, and of one set of 400 held out.
  expect(low).toBeLessThan(83);
  expect(warnings).toEqual([]);
  // The same range, and other correlations: signs that alternate, which no draw of the model has.
  const odd = { y: Float64Array.from([3.2, -3.2, 3.2, -3.2, 3.2, -3.2, 3.2, -3.2]) };
  const answer = await fitted.given(odd, { samples: 20 });
  expect(answer.typicality).toBeLessThan(0.01);
  expect(warnings.join()).toMatch(/the data are unlike those of the model|unlike that of anything/);
  expect(await fitted.typicality(odd)).toEqual(Float64Array.of(answer.typicality ?? NaN));
  const { document } = await answerSheet(fitted, odd, { samples: 20 });
  expect(document.datasets[0]?.typicality).toBe(answer.typicality);
  await fitted.release();
  await trained.release();
  await expect(load(file)).resolves.toBeDefined();
});
