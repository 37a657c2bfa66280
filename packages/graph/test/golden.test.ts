/**
 * Every operation's values and gradients against PyTorch's (fixtures/golden.py), and its first and second derivatives against central differences.
 */
import { describe, expect, test } from "vitest";
import { gradient } from "../src/gradient.js";
import { constant, input } from "../src/leaves.js";
import * as comparison from "../src/operations/comparison.js";
import * as convolution from "../src/operations/convolution.js";
import * as elementwise from "../src/operations/elementwise.js";
import * as gemm from "../src/operations/gemm.js";
import * as indexing from "../src/operations/indexing.js";
import * as linearAlgebra from "../src/operations/linear-algebra.js";
import * as linear from "../src/operations/linear.js";
import * as logistic from "../src/operations/logistic.js";
import * as movement from "../src/operations/movement.js";
import * as normal from "../src/operations/normal.js";
import * as normalization from "../src/operations/normalization.js";
import * as reduction from "../src/operations/reduction.js";
import * as softmax from "../src/operations/softmax.js";
import type { Tensor } from "../src/tensor.js";
import { CASES } from "./cases.js";
import { evaluate, gradientError, largestDifference } from "./evaluate.js";
import golden from "./fixtures/golden.json" with { type: "json" };
import { eachRuntime } from "./harness.js";

const { cast } = comparison;
const { add, mul } = elementwise;
const { sum } = reduction;

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

type Golden = readonly [
  name: string,
  inputs: readonly Values[],
  output: Values,
  gradients: readonly Values[] | null,
];

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON has no tuples
const all = golden as unknown as readonly Golden[];

const families = [
  comparison,
  convolution,
  elementwise,
  gemm,
  indexing,
  linearAlgebra,
  linear,
  logistic,
  movement,
  normal,
  normalization,
  reduction,
  softmax,
];

/** What these modules export beside operations. */
const HELPERS = ["binaryType", "pair", "elementCount"];

test("every operation has golden values", () => {
  const operations = families
    .flatMap((family) => Object.entries(family))
    .filter(([name, value]) => typeof value === "function" && !HELPERS.includes(name))
    .map(([name]) => name);
  const known = new Set(all.map(([name]) => name.split("/")[0]));
  expect(operations.filter((name) => !known.has(name))).toEqual([]);
  expect(all.map(([name]) => name).toSorted()).toEqual(Object.keys(CASES).toSorted());
});

function leaves(inputs: readonly Values[]): readonly Tensor[] {
  return inputs.map(({ shape }, i) => input(`x${i}`, shape, "float64"));
}

/** Σ w y with w_i = cos(1 + i), as in golden.py. */
function weighted(y: Tensor): Tensor {
  const size = y.shape.reduce<number>((n, dim) => n * Number(dim), 1);
  const weights = Float64Array.from({ length: size }, (_, i) => Math.cos(1 + i));
  return sum(mul(y, constant(weights, y.shape.map(Number), "float64")));
}

/** A case as a function of one of its inputs, the others held where they are. */
function partial(
  [name, inputs]: Golden,
  operand: number,
): { x: Tensor; at: Float64Array; y: Tensor } {
  const held = inputs.map(({ data, shape }) => constant(Float64Array.from(data), shape, "float64"));
  const { shape, data } = inputs[operand] ?? missing(name);
  const x = input("x", shape, "float64");
  const y = CASES[name]?.(...held.with(operand, x)) ?? missing(name);
  return { x, at: Float64Array.from(data), y };
}

function missing(name: string): never {
  throw new Error(`there is no case ${name}, or it has no such input`);
}

eachRuntime((runtime) => {
  describe("values and gradients are PyTorch's:", () => {
    test.each(all.map((one) => [one[0], one] as const))("%s", async (name, one) => {
      const [, inputs, output, gradients] = one;
      const x = leaves(inputs);
      const y = CASES[name]?.(...x) ?? missing(name);
      expect(y.shape).toEqual(output.shape);
      const outputs = [cast(y, "float64")];
      if (gradients !== null) outputs.push(...gradient(weighted(y), x));
      const bindings = x.map((tensor, i) => [tensor, inputs[i]?.data ?? []] as const);
      const results = await evaluate(runtime, bindings, outputs);
      for (const [i, expected] of [output, ...(gradients ?? [])].entries()) {
        const scale = Math.max(1, ...expected.data.map(Math.abs));
        const given = results[i]?.data ?? [];
        // Numbers of the fixture have 13 digits.
        expect([i, largestDifference(Array.from(given, Number), expected.data) / scale]).toEqual([
          i,
          expect.closeTo(0, 11),
        ]);
      }
    });
  });

  // In double precision, in each operand. Operations whose derivative jumps are included: the fixture is away from their kinks.
  const operands = all.flatMap((one) =>
    one[3] === null ? [] : one[1].map((_, i) => [`${one[0]} in operand ${i + 1}`, one, i] as const),
  );

  describe("first derivatives are those of central differences:", () => {
    test.each(operands)("%s", async (_, one, operand) => {
      const { x, at, y } = partial(one, operand);
      // A step of 1e-6 leaves an error of 1e-9 and the rounding of values, which reach a thousand.
      expect(await gradientError(runtime, x, at, y)).toBeLessThan(5e-7);
    });
  });

  describe("second derivatives are those of central differences:", () => {
    test.each(operands)("%s", async (_, one, operand) => {
      const { x, at, y } = partial(one, operand);
      const [slope = y] = gradient(weighted(add(y, mul(y, y))), [x]);
      expect(await gradientError(runtime, x, at, slope)).toBeLessThan(1e-5);
    });
  });
});
