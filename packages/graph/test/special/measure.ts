/** What a runtime gives for special functions, against double precision. */
import { gradient } from "../../src/gradient.js";
import { hostTensor } from "../../src/host-tensor.js";
import { input } from "../../src/leaves.js";
import { sum } from "../../src/operations/reduction.js";
import { compile } from "../../src/program.js";
import type { Runtime } from "../../src/runtimes/runtime.js";
import { everyNumber, roundingsOff, type SpecialFunction } from "./functions.js";

/** The largest error of a value or derivative. */
export interface Worst {
  readonly at: number;
  readonly found: number;
  readonly exact: number;
  /** Infinite where NaN or an infinity is wrong. */
  readonly roundings: number;
}

/** A function's largest errors on a runtime. */
export interface Measured {
  readonly value: Worst;
  readonly slope: Worst;
}

/** Measures a function over every size of number. */
export async function measure(runtime: Runtime, f: SpecialFunction): Promise<Measured> {
  const x = input("x", ["n"]);
  const value = f.of(x);
  const [slope = x] = gradient(sum(value), [x]);
  const program = await compile({ inputs: { x }, outputs: { value, slope } }, runtime);
  const at = everyNumber();
  const results = await program.run({ x: hostTensor(at, [at.length]) });
  await program.release();
  return {
    value: worst(at, results.value.data, f.value, f, f.valueScale),
    slope: worst(at, results.slope.data, f.slope, f, f.scale),
  };
}

function worst(
  at: Float32Array,
  found: ArrayLike<number | bigint>,
  exact: (x: number) => number,
  { floor = 0 }: SpecialFunction,
  scale?: (x: number) => number,
): Worst {
  let result: Worst = { at: Number.NaN, found: 0, exact: 0, roundings: 0 };
  for (const [i, x] of at.entries()) {
    const [value, truth] = [Number(found[i]), exact(x)];
    const roundings = roundingsOff(value, truth, scale?.(x));
    if (!(roundings > result.roundings) || Math.abs(value - truth) <= floor) continue;
    result = { at: x, found: value, exact: truth, roundings };
  }
  return result;
}
