/**
 * Special functions over the whole range of float32 against double precision: values and derivatives, infinities, NaN and denormal
 * numbers, on every runtime.
 */
import { describe, expect, test } from "vitest";
import { gradient } from "../src/gradient.js";
import { hostTensor } from "../src/host-tensor.js";
import { input } from "../src/leaves.js";
import { log } from "../src/operations/elementwise.js";
import { logSigmoid, sigmoid, softplus, tanh } from "../src/operations/logistic.js";
import { erf, gelu, normalCdf } from "../src/operations/normal.js";
import { sum } from "../src/operations/reduction.js";
import { values } from "./evaluate.js";
import { eachRuntime } from "./harness.js";
import { SPECIAL } from "./special/functions.js";
import { measure } from "./special/measure.js";
import * as reference from "./special/reference.js";

eachRuntime((runtime) => {
  test.each(SPECIAL.map((f) => [f.name, f] as const))(
    "%s is right to a few roundings, and so is its derivative",
    async (_, f) => {
      const { value, slope } = await measure(runtime, f);
      const small = [value.roundings <= f.roundings[0], slope.roundings <= f.roundings[1]];
      expect({ value, slope, small }).toMatchObject({ small: [true, true] });
    },
  );

  describe("the lower tail of the logistic function", () => {
    const x = input("x", ["n"]);
    const at = (value: number) => [[x, hostTensor([value], [1])]] as const;

    test("keeps a parameter that comes near zero", async () => {
      const [found = 0] = await values(runtime, at(-17), sigmoid(x));
      expect(found / 4.139937547e-8).toBeCloseTo(1, 6);
    });

    test("has its logarithm, with gradient one", async () => {
      expect(await values(runtime, at(-20), log(sigmoid(x)))).toEqual([-20]);
      const [slope = x] = gradient(sum(log(sigmoid(x))), [x]);
      expect(await values(runtime, at(-20), slope)).toEqual([1]);
      expect(await values(runtime, at(-1e30), log(sigmoid(x)))).toEqual([-Math.fround(1e30)]);
    });

    test("is the gradient of softplus", async () => {
      const [slope = x] = gradient(sum(softplus(x)), [x]);
      const [found = 0] = await values(runtime, at(-20), slope);
      expect(found / 2.0611536e-9).toBeCloseTo(1, 6);
    });
  });

  test("second derivatives of saturated functions are finite", async () => {
    const x = input("x", ["n"]);
    const far = [[x, hostTensor([-200, -90, -20, 20, 90, 200], [6])]] as const;
    for (const f of [sigmoid, tanh, softplus, gelu]) {
      const [slope = x] = gradient(sum(f(x)), [x]);
      const [second = x] = gradient(sum(slope), [x]);
      const found = await values(runtime, far, second);
      expect([f.name, found.every(Number.isFinite)]).toEqual([f.name, true]);
    }
  });

  test("double precision has its own accuracy in the tails", async () => {
    const x = input("x", ["n"], "float64");
    const at = Float64Array.from({ length: 301 }, (_, i) => (i - 150) / 4);
    const check = [
      ["sigmoid", sigmoid, reference.sigmoid],
      ["logSigmoid", logSigmoid, (v: number) => -reference.softplus(-v)],
      ["softplus", softplus, reference.softplus],
      ["normalCdf", normalCdf, reference.normalCdf],
      ["erf", erf, reference.erf],
    ] as const;
    for (const [name, f, exact] of check) {
      const found = await values(runtime, [[x, hostTensor(at, [at.length], "float64")]], f(x));
      const errors = found.map(
        (v, i) => Math.abs(v - exact(at[i] ?? 0)) / Math.abs(exact(at[i] ?? 0) || 1),
      );
      expect([name, Math.max(...errors) < 2e-13]).toEqual([name, true]);
    }
  });
});
