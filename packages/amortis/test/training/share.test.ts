import { nodeRuntime } from "@amortis/graph/node";
import { expect, it } from "vitest";
import { shareOf } from "../../src/training/members.js";

const runtime = nodeRuntime();
const small = { runtime, threads: 8, exampleBytes: 1e6, options: {} };

it("members are trained side by side on the processors there are", () => {
  expect(shareOf(4, small)).toEqual({ width: 4, threads: 2 });
  expect(shareOf(4, { ...small, threads: 3 })).toEqual({ width: 3, threads: 1 });
  expect(shareOf(4, { ...small, threads: 1 })).toEqual({ width: 1, threads: 1 });
  expect(shareOf(1, small)).toEqual({ width: 1, threads: 8 });
});

it("one after another with a checkpoint, or where the runtime has no threads", () => {
  expect(shareOf(4, { ...small, options: { checkpoint: "c" } }).width).toBe(1);
  const without = { name: "without", createSession: () => Promise.reject(new Error("unused")) };
  expect(shareOf(4, { ...small, runtime: without }).width).toBe(1);
});

it("as many as have room for the examples, of which each thread has its own", () => {
  expect(shareOf(4, { ...small, exampleBytes: 2 ** 27 })).toEqual({ width: 2, threads: 4 });
  expect(shareOf(4, { ...small, exampleBytes: 2 ** 28 + 1 })).toEqual({ width: 1, threads: 8 });
});
