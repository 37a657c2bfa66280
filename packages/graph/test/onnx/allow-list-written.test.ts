/**
 * Whatever the engine writes passes the check of programs from files.
 */
import { describe, expect, test } from "vitest";
import { gradient } from "../../src/gradient.js";
import { constant, input } from "../../src/leaves.js";
import { checkProgram, type ProgramContract } from "../../src/onnx/allow-list.js";
import { encodeModel } from "../../src/onnx/encode.js";
import { OPERATORS } from "../../src/onnx/operators.js";
import { cast } from "../../src/operations/comparison.js";
import { mul } from "../../src/operations/elementwise.js";
import { matmul } from "../../src/operations/linear.js";
import { softplus } from "../../src/operations/logistic.js";
import { expandDims, reshape } from "../../src/operations/movement.js";
import { logSumExp, sum } from "../../src/operations/reduction.js";
import { programGraph, type Named } from "../../src/program.js";
import type { Tensor } from "../../src/tensor.js";
import { CASES } from "../cases.js";
import golden from "../fixtures/golden.json" with { type: "json" };

/** What a program of tensors is for, as they say themselves. */
function contractOf(
  inputs: Named,
  outputs: Named,
  sizes: ProgramContract["sizes"] = {},
): ProgramContract {
  return { inputs, outputs, sizes };
}

function fromGolden([name, values]: (typeof golden)[number]): { inputs: Named; y: Tensor } {
  const list = (values as readonly { readonly shape: readonly number[] }[]).map(({ shape }, i) =>
    input(`x${i}`, shape, "float64"),
  );
  const y = CASES[name as string]?.(...list);
  if (y === undefined) throw new Error(`there is no case ${JSON.stringify(name)}`);
  return { inputs: Object.fromEntries(list.map((x) => [x.name ?? "", x])), y };
}

const written = new Set<string>();

/** Whether a program that the engine writes is, checked and written anew, the same. */
function isRewritten(inputs: Named, outputs: Named, sizes?: ProgramContract["sizes"]): boolean {
  const graph = programGraph({ inputs, outputs });
  for (const { op } of graph.nodes) written.add(op);
  const bytes = encodeModel(graph);
  const anew = checkProgram(bytes, contractOf(inputs, outputs, sizes));
  return anew.length === bytes.length && anew.every((byte, i) => byte === bytes[i]);
}

describe("what the engine writes passes", () => {
  test.each(golden.map((one) => [one[0] as string, one] as const))("%s", (_, one) => {
    const { inputs, y } = fromGolden(one);
    const all = Object.values(inputs);
    const outputs: Record<string, Tensor> = { y };
    if (y.dtype.startsWith("float")) {
      for (const [i, dx] of gradient(sum(y), all).entries()) outputs[`d${i}`] = dx;
    }
    expect(isRewritten(inputs, outputs)).toBe(true);
    // In the other precision other operators are written.
    const singles = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape }]) => [name, input(name, shape, "float32")]),
    );
    const doubles = Object.values(singles).map((x) => cast(x, "float64"));
    expect(isRewritten(singles, { y: CASES[one[0] as string]?.(...doubles) ?? y })).toBe(true);
  });

  test("single precision, with sizes of the call", () => {
    const context = input("context", ["batch", 5]);
    const theta = input("theta", ["batch", "draws", 5]);
    const both = mul(expandDims(context, 1), theta);
    const flat = reshape(both, ["batch*draws", 5]);
    const back = reshape(
      softplus(matmul(flat, constant(new Float32Array(20), [5, 4]))),
      ["batch", "draws", 4],
      theta,
    );
    const outputs = { y: logSumExp(back, { axes: [2] }), total: sum(back, { axes: [0, 1] }) };
    expect(isRewritten({ context, theta }, outputs, { batch: 2, draws: 3 })).toBe(true);
  });

  test("and nothing else is in the table but what earlier versions wrote", () => {
    const extra = Object.keys(OPERATORS).filter((name) => !written.has(name));
    // Of programs of training and of single precision, and of version 0.1.
    expect(extra).toEqual(expect.arrayContaining(["Sigmoid"]));
    const elsewhere = [
      "Size",
      "Erf",
      "HardSigmoid",
      "LayerNormalization",
      "LeakyRelu",
      "Gather",
      "Sigmoid",
    ];
    expect(extra.filter((name) => !elsewhere.includes(name))).toEqual([]);
  });
});
