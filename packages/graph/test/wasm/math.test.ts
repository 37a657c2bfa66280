/** Elementary functions against double precision, over numbers of every size: denormals, infinities and NaN among them. */
import { describe, expect, test } from "vitest";
import type { V128 } from "../../src/wasm/encoder/expression.js";
import { ModuleBuilder } from "../../src/wasm/encoder/module.js";
import { f64, i32 } from "../../src/wasm/encoder/scalar.js";
import { v128 } from "../../src/wasm/encoder/vector.js";
import {
  callDouble,
  callPow,
  callPowSingle,
  callSingle,
  type UnaryFunction,
} from "../../src/wasm/math/library.js";
import { writeTables } from "../../src/wasm/math/tables.js";
import { everyNumber, roundingsOff, spacing } from "../special/functions.js";
import { erf, sigmoid } from "../special/reference.js";

const START = 1024;

function instantiate(module: ModuleBuilder, bytes: number) {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) + 1 });
  writeTables(memory);
  const code = new WebAssembly.Module(module.finish());
  const { exports } = new WebAssembly.Instance(code, { env: { memory } });
  return { memory, run: exports["run"] as (n: number) => void };
}

/** A function of four numbers, of an array. */
function inSingle(of: (module: ModuleBuilder, x: V128) => V128, x: Float32Array): Float32Array {
  const module = new ModuleBuilder();
  module.export(
    "run",
    module.define(["i32"], undefined, (f, [end]) =>
      f.for(i32.const(START), end, 16, (at) => f.do(v128.store(at, of(module, v128.load(at))))),
    ),
  );
  const { memory, run } = instantiate(module, START + 4 * x.length);
  const floats = new Float32Array(memory.buffer, START, x.length);
  floats.set(x);
  run(START + 4 * x.length);
  return floats;
}

function inDouble(
  of: (module: ModuleBuilder, x: ReturnType<typeof f64.const>) => ReturnType<typeof f64.const>,
  x: Float64Array,
): Float64Array {
  const module = new ModuleBuilder();
  module.export(
    "run",
    module.define(["i32"], undefined, (f, [end]) =>
      f.for(i32.const(START), end, 8, (at) => f.do(f64.store(at, of(module, f64.load(at))))),
    ),
  );
  const { memory, run } = instantiate(module, START + 8 * x.length);
  const numbers = new Float64Array(memory.buffer, START, x.length);
  numbers.set(x);
  run(START + 8 * x.length);
  return numbers;
}

const FUNCTIONS: readonly (readonly [UnaryFunction, (x: number) => number])[] = [
  ["exp", Math.exp],
  ["log", Math.log],
  ["tanh", Math.tanh],
  ["sigmoid", sigmoid],
  ["erf", erf],
  ["sin", Math.sin],
  ["cos", Math.cos],
];

/** Numbers of every size, and a fine grid of where functions bend. */
function singles(): Float32Array {
  const fine = Float32Array.from({ length: 400_000 }, (_, i) => (i - 200_000) * 5.3e-4);
  const every = everyNumber();
  const all = new Float32Array(4 * Math.ceil((fine.length + every.length) / 4));
  all.set(every);
  all.set(fine, every.length);
  return all;
}

describe.each(FUNCTIONS)("%s", (name, exact) => {
  test("is right to two units in the last place of float32", () => {
    const x = singles();
    const found = inSingle((module, given) => callSingle(module, name, given), x);
    let worst = { at: 0, roundings: 0 };
    for (const [i, at] of x.entries()) {
      const roundings = roundingsOff(found[i] ?? 0, exact(at));
      if (roundings > worst.roundings) worst = { at, roundings };
    }
    expect(worst.roundings, `at ${worst.at}`).toBeLessThanOrEqual(2);
  });

  test.runIf(name !== "erf")("is right to a few roundings of float64", () => {
    const x = Float64Array.from([
      ...Array.from({ length: 4_000 }, (_, i) => (i - 2_000) * 0.0171),
      ...Array.from({ length: 600 }, (_, i) => 1.37 * 2 ** (i - 300)),
      0,
      -0,
      Infinity,
      -Infinity,
      Number.NaN,
      1e-310,
      -710,
      745,
      5e-324,
      1.7e308,
    ]);
    const found = inDouble((module, given) => callDouble(module, name, given), x);
    for (const [i, at] of x.entries()) {
      const value = found[i] ?? 0;
      const truth = exact(at);
      if (Object.is(value, truth) || value === truth) continue;
      // Math's own are right to a rounding; what is reduced from far away loses a few bits where the result is small.
      const off = Math.abs(value - truth) / Math.max(Math.abs(truth), 5e-324 * 2 ** 52);
      expect(off, `${name}(${at}) is ${value}, not ${truth}`).toBeLessThan(4 * 2 ** -52);
    }
  });
});

test("what lies between zero and a whole turn is reduced by as many digits of π as numbers have", () => {
  // The float32 nearest to a multiple of π/2, by the continued fraction of π.
  const x = Float32Array.of(16367173 * 2 ** 72, 12390330 * 2 ** 60, 3.4028234663852886e38, -1e30);
  const found = inSingle((module, given) => callSingle(module, "sin", given), x);
  for (const [i, at] of x.entries()) {
    expect(Math.abs((found[i] ?? 0) - Math.sin(at))).toBeLessThanOrEqual(spacing(Math.sin(at)));
  }
});

test("powers are those of IEEE 754, special numbers included", () => {
  const numbers = [0, -0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 1e-30, Infinity, -Infinity, Number.NaN];
  for (const exponent of [...numbers, 7, -7, 1 / 3, 40]) {
    const x = Float64Array.from(numbers);
    const found = inDouble((module, given) => callPow(module, given, f64.const(exponent)), x);
    for (const [i, at] of x.entries()) {
      // JavaScript's 1^NaN and (±1)^±∞ are NaN, against IEEE 754 and C.
      const one = at === 1 || (at === -1 && Math.abs(exponent) === Infinity);
      const truth = one ? 1 : at ** exponent;
      const value = found[i] ?? 0;
      if (Object.is(value, truth)) continue;
      expect(Math.abs(value / truth - 1), `${at}^${exponent}: ${value}`).toBeLessThan(1e-13);
    }
  }
});

test("powers of float32 go by double precision", () => {
  const x = everyNumber();
  const padded = new Float32Array(4 * Math.ceil(x.length / 4));
  padded.set(x);
  const cube = new Uint8Array(Float32Array.of(3, 3, 3, 3).buffer);
  const found = inSingle((module, given) => callPowSingle(module, given, v128.const(cube)), padded);
  for (const [i, at] of padded.entries()) {
    expect(roundingsOff(found[i] ?? 0, at ** 3), `at ${at}`).toBeLessThanOrEqual(1);
  }
});
