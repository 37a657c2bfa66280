/** Answers of many draws, which several threads make. */
import { expect, it } from "vitest";
import {
  load,
  npe,
  rawSummary,
  splineCoupling,
  train,
  type PosteriorEstimator,
} from "../../src/index.js";
import { conjugateNormal } from "../conjugate.js";
import { quick } from "../training/quick.js";

const { model } = conjugateNormal(2);
const density = splineCoupling({ layers: 1, hidden: [4] });
const fitted = await train(npe(model, { summary: rawSummary(), density, members: 2 }), {
  ...quick,
  simulations: 200,
  epochs: 1,
});
const bytes = await fitted.toBytes();

async function on(threads: number): Promise<PosteriorEstimator> {
  const loaded = await load(bytes, { model, threads });
  if (loaded.kind !== "posterior") throw new Error("a posterior is expected");
  return loaded;
}

it("are the same on one thread as on several, with reports up to the whole", async () => {
  const data = {
    y: [
      [0.5, 2],
      [-1, 0],
      [3, 3],
    ],
  };
  // A thread pays from half a million draws on.
  const asked = { samples: 500_000, seed: 3 };
  const expected = await (await on(1)).givenBatch(data, asked);
  const reports: number[] = [];
  const several = await on(3);
  const found = await several.givenBatch(data, {
    ...asked,
    onProgress: (done) => reports.push(done),
  });
  expect(Buffer.compare(bytesOf(found.draws), bytesOf(expected.draws))).toBe(0);
  expect(reports.every((done, i) => done > (reports[i - 1] ?? 0))).toBe(true);
  expect(reports.at(-1)).toBeCloseTo(3, 10);
  await several.release();
});

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
