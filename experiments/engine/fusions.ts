/**
 * What ONNX Runtime makes of common patterns inside a `Loop`: the operators left in the body after all optimisations.
 *
 *     npx tsx experiments/engine/fusions.ts
 */
import { fromBinary } from "@bufbuild/protobuf";
import { InferenceSession, env } from "onnxruntime-node";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostTensor } from "../../packages/graph/src/host-tensor.js";
import { ModelProtoSchema } from "../../packages/graph/test/onnx/generated/onnx_pb.js";
import type { Body } from "./loop-model.js";
import { loopModel, noise } from "./loop-model.js";

env.logLevel = "fatal";

const scalar = (b: Body, value: number): string => b.constant(`c${value}`, hostTensor([value], []));
const square = (b: Body): string => b.feed("W", noise([50, 50]));
const bias = (b: Body): string => b.feed("c", noise([50]));
const gemm = (b: Body, x: string): string => b.op("Gemm", [x, square(b), bias(b)]);
const activation = (op: string): Pattern => [`Gemm, ${op}`, (b, x) => b.op(op, [gemm(b, x)])];

type Pattern = readonly [
  name: string,
  build: (b: Body, x: string) => string,
  shape?: readonly number[],
];

const patterns: readonly Pattern[] = [
  ["MatMul, Add", (b, x) => b.op("Add", [b.op("MatMul", [x, square(b)]), bias(b)])],
  [
    "MatMul, Add of a batch",
    (b, x) => b.op("Add", [b.op("MatMul", [x, square(b)]), bias(b)]),
    [4, 50, 50],
  ],
  [
    "MatMul, Add, constant weights",
    (b, x) =>
      b.op("Add", [
        b.op("MatMul", [x, b.constant("W", noise([50, 50]))]),
        b.constant("c", noise([50])),
      ]),
  ],
  ...["Relu", "Tanh", "Sigmoid", "LeakyRelu", "Elu", "Gelu", "Softplus"].map(activation),
  [
    "MatMul, Add, Relu",
    (b, x) => b.op("Relu", [b.op("Add", [b.op("MatMul", [x, square(b)]), bias(b)])]),
  ],
  [
    "Transpose, MatMul",
    (b, x) => b.op("MatMul", [b.op("Transpose", [x], { perm: [1, 0] }), square(b)]),
  ],
  [
    "Transpose of W, MatMul",
    (b, x) => b.op("MatMul", [x, b.op("Transpose", [square(b)], { perm: [1, 0] })]),
  ],
  [
    "Transpose, MatMul of a batch",
    (b, x) =>
      b.op("MatMul", [
        b.op("Transpose", [x], { perm: [0, 2, 1] }),
        b.feed("v", noise([4, 50, 50])),
      ]),
    [4, 50, 50],
  ],
  [
    "Transpose, Gemm",
    (b, x) => b.op("Gemm", [b.op("Transpose", [x], { perm: [1, 0] }), square(b)]),
  ],
  ["Gemm, Transpose", (b, x) => b.op("Transpose", [gemm(b, x)], { perm: [1, 0] })],
  [
    "MatMul, Mul by a constant",
    (b, x) => b.op("Mul", [b.op("MatMul", [x, square(b)]), scalar(b, 0.5)]),
  ],
  [
    "Mul by a constant, MatMul",
    (b, x) => b.op("MatMul", [b.op("Mul", [x, scalar(b, 0.5)]), square(b)]),
  ],
  ["x sigmoid(x)", (b, x) => b.op("Mul", [x, b.op("Sigmoid", [x])])],
  [
    "x sigmoid(1.702 x)",
    (b, x) => b.op("Mul", [x, b.op("Sigmoid", [b.op("Mul", [x, scalar(b, 1.702)])])]),
  ],
  [
    "x (1 + erf(x / sqrt 2)) / 2",
    (b, x) =>
      b.op("Mul", [
        scalar(b, 0.5),
        b.op("Mul", [
          x,
          b.op("Add", [scalar(b, 1), b.op("Erf", [b.op("Div", [x, scalar(b, Math.SQRT2)])])]),
        ]),
      ]),
  ],
  ["Relu, Clip", (b, x) => b.op("Clip", [b.op("Relu", [x]), scalar(b, 0), scalar(b, 6)])],
  ["Add, Relu", (b, x) => b.op("Relu", [b.op("Add", [x, b.feed("f", noise([50, 50]))])])],
  [
    "Sub mean, Div sd (layer norm)",
    (b, x) => {
      const centred = b.op("Sub", [x, b.op("ReduceMean", [x, b.ints([-1])], { keepdims: 1 })]);
      const variance = b.op("ReduceMean", [b.op("Pow", [centred, scalar(b, 2)]), b.ints([-1])], {
        keepdims: 1,
      });
      const scaled = b.op("Div", [
        centred,
        b.op("Sqrt", [b.op("Add", [variance, scalar(b, 1e-5)])]),
      ]);
      return b.op("Add", [
        b.op("Mul", [scaled, b.constant("g", noise([50]))]),
        b.constant("h", noise([50])),
      ]);
    },
  ],
  [
    "Transpose, Transpose",
    (b, x) => b.op("Transpose", [b.op("Transpose", [x], { perm: [1, 0] })], { perm: [1, 0] }),
  ],
  [
    "Transpose, Relu, Transpose",
    (b, x) =>
      b.op("Transpose", [b.op("Relu", [b.op("Transpose", [x], { perm: [1, 0] })])], {
        perm: [1, 0],
      }),
  ],
  [
    "Reshape, Reshape",
    (b, x) => b.op("Reshape", [b.op("Reshape", [x, b.ints([-1])]), b.ints([50, 50])]),
  ],
  [
    "Unsqueeze, Squeeze",
    (b, x) => b.op("Squeeze", [b.op("Unsqueeze", [x, b.ints([0])]), b.ints([0])]),
  ],
  ["Expand to the same shape", (b, x) => b.op("Expand", [x, b.ints([50, 50])])],
  [
    "Expand of [1, 50], Mul",
    (b, x) => b.op("Mul", [x, b.op("Expand", [b.feed("r", noise([1, 50])), b.ints([50, 50])])]),
  ],
  ["Mul by 1, Add of 0", (b, x) => b.op("Add", [b.op("Mul", [x, scalar(b, 1)]), scalar(b, 0)])],
  ["Mul by 2, Mul by 3", (b, x) => b.op("Mul", [b.op("Mul", [x, scalar(b, 2)]), scalar(b, 3)])],
  ["Exp twice of the same, added", (b, x) => b.op("Add", [b.op("Exp", [x]), b.op("Exp", [x])])],
  ["Constants: Exp of c, Mul", (b, x) => b.op("Mul", [x, b.op("Exp", [scalar(b, 2)])])],
  [
    "Outer value: Exp of w, Mul",
    (b, x) => b.op("Mul", [x, b.op("Exp", [b.feed("f", noise([50, 50]))])]),
  ],
  ["Div by Sqrt", (b, x) => b.op("Div", [x, b.op("Sqrt", [b.feed("f", noise([50, 50]))])])],
  [
    "Slice, Slice, Concat of both halves",
    (b, x) =>
      b.op(
        "Concat",
        [
          b.op("Slice", [x, b.ints([0]), b.ints([25]), b.ints([1])]),
          b.op("Slice", [x, b.ints([25]), b.ints([50]), b.ints([1])]),
        ],
        { axis: 1 },
      ),
  ],
  [
    "Split, Concat of the same",
    (b, x) => b.op("Concat", b.ops("Split", [x, b.ints([25, 25])], 2, { axis: 1 }), { axis: 1 }),
  ],
  ["Cast to float", (b, x) => b.op("Cast", [x], { to: 1 })],
  [
    "Greater, Not, Where",
    (b, x) =>
      b.op("Where", [b.op("Not", [b.op("Greater", [x, scalar(b, 0.5)])]), x, scalar(b, 0.5)]),
  ],
  ["Pow 2", (b, x) => b.op("Pow", [x, scalar(b, 2)])],
  [
    "ReduceSum, Reshape",
    (b, x) =>
      b.op("Add", [
        x,
        b.op("Reshape", [b.op("ReduceSum", [x, b.ints([1])], { keepdims: 0 }), b.ints([50, 1])]),
      ]),
  ],
];

const folder = await mkdtemp(join(tmpdir(), "fusions-"));
for (const [name, build, shape = [50, 50]] of patterns) {
  const { model } = loopModel(shape, build);
  const path = join(folder, "optimized.onnx");
  const session = await InferenceSession.create(model, {
    graphOptimizationLevel: "extended",
    optimizedModelFilePath: path,
    logSeverityLevel: 4,
  });
  await session.release();
  const { graph } = fromBinary(ModelProtoSchema, await readFile(path));
  const list = (nodes: NonNullable<typeof graph>["node"]): string =>
    nodes
      .map(({ opType }) => opType)
      .filter((op) => op !== "Identity" && op !== "Loop")
      .join(", ") || "nothing";
  const outside = list(graph?.node ?? []);
  const body = graph?.node.find(({ opType }) => opType === "Loop")?.attribute[0]?.g;
  const hoisted = outside === "nothing" ? "" : `; outside the loop: ${outside}`;
  console.log(`${name.padEnd(38)} ${list(body?.node ?? [])}${hoisted}`);
}
await rm(folder, { recursive: true });
