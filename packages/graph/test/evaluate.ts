/** Values of tensors, and central differences, for tests. */
import { gradient } from "../src/gradient.js";
import { hostTensor, type HostTensor } from "../src/host-tensor.js";
import { mul } from "../src/operations/elementwise.js";
import { sum } from "../src/operations/reduction.js";
import { compile, type Feed } from "../src/program.js";
import type { Runtime } from "../src/runtimes/runtime.js";
import { isStatic } from "../src/shape.js";
import { constant } from "../src/leaves.js";
import type { Tensor } from "../src/tensor.js";

/** Values fed for inputs. */
export type Bindings = readonly (readonly [Tensor, Feed])[];

/** Runs a program of its own for the tensors. */
export async function evaluate(
  runtime: Runtime,
  bindings: Bindings,
  outputs: readonly Tensor[],
): Promise<readonly HostTensor[]> {
  const inputs = Object.fromEntries(
    bindings.map(([tensor], i) => [tensor.name ?? `x${i}`, tensor]),
  );
  const feeds = Object.fromEntries(
    bindings.map(([tensor, feed], i) => [tensor.name ?? `x${i}`, feed]),
  );
  const named = Object.fromEntries(outputs.map((tensor, i) => [`output${i}`, tensor]));
  const program = await compile({ inputs, outputs: named }, runtime);
  const results = await program.run(feeds);
  await program.release();
  return outputs.map((_, i) => results[`output${i}`] ?? hostTensor([], [0]));
}

/** Values of one tensor as plain numbers. */
export async function values(
  runtime: Runtime,
  bindings: Bindings,
  output: Tensor,
): Promise<readonly number[]> {
  const [result] = await evaluate(runtime, bindings, [output]);
  return Array.from(result?.data ?? [], Number);
}

/** Largest difference of two arrays' elements; NaN where one is NaN, infinite where lengths differ. */
export function largestDifference(a: ArrayLike<unknown>, b: ArrayLike<unknown>): number {
  let largest = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(Number(a[i]) - Number(b[i]));
    largest = Number.isNaN(difference) ? Number.NaN : Math.max(largest, difference);
  }
  return largest;
}

/** Pseudo-random numbers in [-1, 1), for data that should be nothing special. */
export function numbers(count: number, seed = 1): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/**
 * Largest difference between the gradient of Σ w y, for arbitrary weights w, and its central differences, relative to the
 * largest gradient. The input is float64 and of a static shape, and so is y.
 */
export async function gradientError(
  runtime: Runtime,
  x: Tensor,
  at: Float64Array,
  y: Tensor,
  step = 1e-6,
): Promise<number> {
  if (!isStatic(y.shape)) throw new Error("the shape must be static");
  const weights = constant(
    numbers(
      y.shape.reduce((a, b) => a * b, 1),
      7,
    ),
    y.shape,
    "float64",
  );
  const loss = sum(mul(y, weights));
  const [dx] = gradient(loss, [x]);
  if (dx === undefined) throw new Error("no gradient");
  const program = await compile({ inputs: { x }, outputs: { loss, dx } }, runtime);
  const given = Array.from((await program.run({ x: at })).dx.data, Number);
  let error = 0;
  for (const [i, g] of given.entries()) {
    const lossAt = async (h: number): Promise<number> => {
      const { loss: value } = await program.run({ x: at.with(i, (at[i] ?? 0) + h) });
      return Number(value.data[0]);
    };
    const difference = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
    error = Math.max(error, Math.abs(difference - g));
  }
  await program.release();
  // Where the gradient is zero throughout, the error itself.
  return error / (Math.max(...given.map(Math.abs)) || 1);
}
