/**
 * The line that training shows on a terminal, and where it does not.
 */
import { afterEach, expect, test, vi } from "vitest";
import { gaussian, npe, train } from "../../src/index.js";
import { conjugateNormal } from "../conjugate.js";

const { model } = conjugateNormal(2);
const quick = { simulations: 60, epochs: 1, seed: 1, workers: 0, threads: 1 };
const method = npe(model, { density: gaussian() });

const isTTY = Object.getOwnPropertyDescriptor(process.stderr, "isTTY");

/** All that goes to standard error while it is a terminal, or not. */
function listen(terminal: boolean): () => string {
  Object.defineProperty(process.stderr, "isTTY", { value: terminal, configurable: true });
  let text = "";
  vi.spyOn(process.stderr, "write").mockImplementation((part) => {
    text += String(part);
    return true;
  });
  return () => text;
}

afterEach(() => {
  vi.restoreAllMocks();
  if (isTTY === undefined) Reflect.deleteProperty(process.stderr, "isTTY");
  else Object.defineProperty(process.stderr, "isTTY", isTTY);
});

test("training shows a line on a terminal, which ends with what was done", async () => {
  const shown = listen(true);
  await (await train(method, quick)).release();
  expect(shown()).toContain("\r\u001B[2Ksimulating");
  expect(shown()).toMatch(/trained for 1 epoch, .* in .*\n$/);
});

test.each([
  ["where there is no terminal", false, {}],
  ["where it is not wished", true, { progress: false }],
  ["where someone else listens", true, { onProgress: () => {} }],
])("training shows nothing %s", async (_, terminal, options) => {
  const shown = listen(terminal);
  await (await train(method, { ...quick, ...options })).release();
  expect(shown()).toBe("");
});

test("answers of many data sets are the same with a report of how far they are", async () => {
  const estimator = await train(method, quick);
  const data = { y: Float32Array.from({ length: 600 }, (_, i) => Math.sin(i)) };
  const one = { y: data.y.slice(0, 2) };
  for (const [asked, samples] of [
    [data, 200],
    [one, 50_000],
  ] as const) {
    const size = asked.y.length / 2;
    const reports: number[] = [];
    const reported = await estimator.givenBatch(asked, {
      samples,
      onProgress: (done, total) => {
        expect(total).toBe(size);
        reports.push(done);
      },
    });
    expect(reports.length).toBeGreaterThan(2);
    expect(reports.every((done, i) => done > (reports[i - 1] ?? 0))).toBe(true);
    expect(reports.at(-1)).toBeCloseTo(size, 10);
    expect(reported.draws).toEqual((await estimator.givenBatch(asked, { samples })).draws);
  }
  await estimator.release();
});
