/**
 * Answers are finite numbers, or an error: whatever the data and the weights.
 */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { DataError, FileError, load, type Estimator } from "../../src/index.js";
import { answerSheet } from "../../src/answers.js";
import { readContainer, writeContainer } from "../../src/files/container.js";

const folder = new URL("../golden-files/files/", import.meta.url);

/** A golden file, with each weight changed. */
async function withWeights(name: string, change: (weight: number) => number) {
  const bytes = new Uint8Array(await readFile(new URL(`${name}.amortis`, folder)));
  const { content, parts } = await readContainer(bytes, "amortis-estimator", 1, name);
  const weights = new Float32Array((parts["weights.bin"] ?? new Uint8Array()).slice().buffer);
  const changed = new Uint8Array(weights.map(change).buffer);
  return writeContainer("amortis-estimator", 1, {
    content,
    parts: { ...parts, "weights.bin": changed },
  });
}

/** The numbers of everything that an estimator answers to a data set and parameters. */
async function answersOf(fitted: Estimator, y: readonly number[]): Promise<readonly number[]> {
  const data = { y: [...y] };
  switch (fitted.kind) {
    case "posterior": {
      const posterior = await fitted.given(data, { samples: 10 });
      return [...posterior.draws, ...(await posterior.logDensities(Float32Array.of(0, 1)))];
    }
    case "point":
      return [
        Object.values(await fitted.estimate(data)),
        (await fitted.quantiles(data)).map(Object.values),
      ].flat(2);
    case "ratio":
      return [...(await fitted.logRatio(data, [0, 1]))];
    case "likelihood":
      return [
        ...(await fitted.logLikelihood(data, [0, 1])),
        ...(await fitted.bindingFunctions([0, 1])).mean,
      ];
    default:
      return [...(await answerSheet(fitted, data, { samples: 20 })).array];
  }
}

const KINDS = [
  "npe-gaussian",
  "npe-spline",
  "npe-mixture",
  "npe-expert-and-data",
  "nbe-squared",
  "nre",
  "synthetic-likelihood",
  "variational-graph",
  "summary-jensen-shannon",
] as const;

/** The answer, or the error in its place. */
async function outcome(bytes: Uint8Array, y: readonly number[]) {
  const fitted = await load(bytes);
  try {
    return await answersOf(fitted, y);
  } catch (error) {
    return error;
  } finally {
    await fitted.release();
  }
}

describe("answers that are not finite", () => {
  it.each(KINDS)("are errors, of data beyond everything: %s", async (name) => {
    const bytes = new Uint8Array(await readFile(new URL(`${name}.amortis`, folder)));
    for (const value of [1e20, 3e38, -3e38]) {
      // Far off, answers are as wild as the networks, but numbers. A logarithm may be that of zero.
      const found = await outcome(bytes, [value, -value, value, value]);
      const message = found instanceof DataError ? found.message : "";
      const numbers = found instanceof DataError ? [] : (found as readonly number[]);
      expect(message).toMatch(/^$|^data set 0: .* is (NaN|-?Infinity), which is no answer: /);
      expect(numbers.filter((x) => Number.isNaN(x) || x === Infinity)).toEqual([]);
    }
  });

  it.each(KINDS)("are errors, of weights that overflow: %s", async (name) => {
    const bytes = await withWeights(name, (weight) => Math.sign(weight) * 3e38);
    expect(await outcome(bytes, [0.5, 1, 1.5, 2])).toBeInstanceOf(DataError);
  });

  it.each([Number.NaN, Infinity])("are foreseen in a file whose weights are %d", async (weight) => {
    const bytes = await withWeights("npe-gaussian", () => weight);
    await expect(load(bytes)).rejects.toThrow(FileError);
    await expect(load(bytes)).rejects.toThrow(/some of its weights are no finite numbers/);
  });
});

describe("draws without number", () => {
  it("are refused before they take memory", async () => {
    const bytes = new Uint8Array(await readFile(new URL("npe-gaussian.amortis", folder)));
    const fitted = await load(bytes);
    if (fitted.kind !== "posterior") throw new TypeError("it is a posterior");
    const y = [0.5, 1, 1.5, 2];
    await expect(fitted.given({ y }, { samples: 1e12 })).rejects.toThrow(
      /^1000000000000 draws of 2 parameter\(s\) for 1 data set\(s\) are more than/,
    );
    const posterior = await fitted.given({ y }, { samples: 2 });
    await expect(posterior.sample(1e12)).rejects.toThrow(/ask for fewer draws/);
    await fitted.release();
  });
});
