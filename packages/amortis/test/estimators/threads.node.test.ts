/** Answers of many draws, which several threads make, and for which another runtime may be there. */
import { wasmRuntime } from "@amortis/graph/wasm";
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

it("are those of the runtime for large calls, where there is one, and small ones are not", async () => {
  const large = wasmRuntime();
  const names: number[] = [];
  const largeRuntime = {
    ...large,
    createSession: async (...given: Parameters<typeof large.createSession>) => {
      names.push(given[0].length);
      return large.createSession(...given);
    },
  };
  const estimator = await load(bytes, { model, largeRuntime });
  if (estimator.kind !== "posterior") throw new Error("a posterior is expected");
  const data = { y: [0.5, 2] };
  const few = await estimator.given(data, { samples: 1_000, seed: 3 });
  expect(names).toHaveLength(0);
  const many = await estimator.given(data, { samples: 20_000, seed: 3 });
  // One session a network that draws.
  expect(names.length).toBeGreaterThan(0);
  expect(few.draws).toHaveLength(1_000);
  expect(many.draws).toHaveLength(20_000);
  await estimator.release();
});

it("of what was trained here agree with those of its file, of any number", async () => {
  const data = { y: Array.from({ length: 40 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]) };
  const [here, file] = [fitted, await on(1)];
  for (const samples of [10, 1_000]) {
    const [a, b] = [
      await here.givenBatch(data, { samples, seed: 4 }),
      await file.givenBatch(data, { samples, seed: 4 }),
    ];
    const off = a.draws.map((value, i) => Math.abs(value - (b.draws[i] ?? Number.NaN)));
    expect(Math.max(...off)).toBeLessThan(1e-4);
  }
});

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
