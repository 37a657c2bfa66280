/**
 * Which session options make a `Loop` of small nodes faster, and what the loop itself costs.
 *
 *     npx tsx experiments/engine/options.ts
 *
 * The body is a mixture of what a training step has: Gemm with ReLU, broadcasting, reductions, slices, masks, a flat update.
 */
import { InferenceSession, Tensor, env } from "onnxruntime-node";
import { hostTensor } from "../../packages/graph/src/host-tensor.js";
import type { HostTensor } from "../../packages/graph/src/host-tensor.js";
import type { Body } from "./loop-model.js";
import { loopModel, noise } from "./loop-model.js";

env.logLevel = "fatal";

type Loop = ReturnType<typeof loopModel>;

function mixture(b: Body, x: string): string {
  const feed = (shape: readonly number[]): string => b.feed(`w${shape.join("x")}`, noise(shape));
  const layer = b.op("Relu", [b.op("Gemm", [x, feed([50, 50]), feed([50])])]);
  const centred = b.op("Sub", [layer, b.op("ReduceMean", [layer, b.ints([1])], { keepdims: 1 })]);
  const left = b.op("Slice", [centred, b.ints([0]), b.ints([25]), b.ints([1])]);
  const right = b.op("Slice", [centred, b.ints([25]), b.ints([50]), b.ints([1])]);
  const coupled = b.op("Concat", [b.op("Mul", [left, b.op("Tanh", [right])]), right], { axis: 1 });
  const masked = b.op("Where", [b.op("Greater", [coupled, feed([])]), coupled, feed([256, 50])]);
  return b.op("Sigmoid", [
    b.op("Transpose", [b.op("Reshape", [masked, b.ints([50, 256])])], { perm: [1, 0] }),
  ]);
}

const body = loopModel([256, 50], (b, x) => {
  let y = x;
  for (let k = 0; k < 15; k++) y = mixture(b, y);
  return y;
});

async function time(
  { model, feeds }: Loop,
  options: InferenceSession.SessionOptions,
  n: number,
): Promise<number> {
  const session = await InferenceSession.create(model, { logSeverityLevel: 4, ...options });
  const once = async (steps: number): Promise<number> => {
    const given: Record<string, HostTensor> = { ...feeds, n: hostTensor([steps], [], "int64") };
    const tensors = Object.fromEntries(
      Object.entries(given).map(([name, { dtype, data, shape }]) => [
        name,
        new Tensor(dtype, data, shape),
      ]),
    );
    const start = performance.now();
    await session.run(tensors);
    return performance.now() - start;
  };
  await once(2);
  let best = Infinity;
  for (let k = 0; k < 15; k++) best = Math.min(best, await once(n));
  await session.release();
  return (best / n) * 1000;
}

const variants: readonly (readonly [string, InferenceSession.SessionOptions])[] = [
  ["all optimisations", {}],
  ["extended", { graphOptimizationLevel: "extended" }],
  ["basic", { graphOptimizationLevel: "basic" }],
  ["none", { graphOptimizationLevel: "disabled" }],
  ["no memory pattern", { enableMemPattern: false }],
  ["no arena", { enableCpuMemArena: false }],
  ["no arena, no pattern", { enableMemPattern: false, enableCpuMemArena: false }],
  ["no spinning", { extra: { session: { intra_op: { allow_spinning: "0" } } } }],
  ["spinning 50 us", { extra: { session: { intra_op: { spin_duration_us: "50" } } } }],
  ["spin back-off 8", { extra: { session: { intra_op: { spin_backoff_max: "8" } } } }],
  ["dynamic block base 4", { extra: { session: { dynamic_block_base: "4" } } }],
  ["environment allocators", { extra: { session: { use_env_allocators: "1" } } }],
  ["no prepacking", { extra: { session: { disable_prepacking: "1" } } }],
  ["parallel execution", { executionMode: "parallel", interOpNumThreads: 2 }],
];

console.log(`A body of ${15 * 13} nodes, us an iteration, by threads`);
for (const [name, options] of variants) {
  const costs: number[] = [];
  for (const intraOpNumThreads of [1, 2]) {
    costs.push(await time(body, { intraOpNumThreads, ...options }, 30));
  }
  console.log(`${name.padEnd(40)} ${costs.map((c) => c.toFixed(1).padStart(9)).join("")}`);
}

console.log("\nThe loop itself, one thread, us an iteration");
const one = { intraOpNumThreads: 1 } as const;
const empty = loopModel([30_000], (_, x) => x);
console.log(
  `empty body, 30,000 carried                ${(await time(empty, one, 1000)).toFixed(2)}`,
);
const small = loopModel([1], (b, x) => b.op("Neg", [x]));
console.log(
  `one Neg on [1]                            ${(await time(small, one, 1000)).toFixed(2)}`,
);
const large = loopModel([300_000], (b, x) => b.op("Neg", [x]));
console.log(
  `one Neg on 300,000                        ${(await time(large, one, 100)).toFixed(2)}`,
);
for (const outer of [10, 100]) {
  const many = loopModel([1], (b, x) => {
    let y = x;
    for (let k = 0; k < outer; k++) y = b.op("Add", [y, b.feed(`outer${k}`, hostTensor([1], [1]))]);
    return y;
  });
  console.log(
    `${outer} outer values, an Add each${" ".repeat(outer > 10 ? 14 : 15)}${(await time(many, one, 500)).toFixed(2)}`,
  );
}
