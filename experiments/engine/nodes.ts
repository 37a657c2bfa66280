/**
 * What small nodes cost in onnxruntime-node inside a `Loop`, in microseconds a node.
 *
 *     npx tsx experiments/engine/nodes.ts [--runtime node|web] [--threads 1,2] [--only REGEX]
 *
 * A body holds a piece of graph 10 and then 50 times in a row; the difference of the two times, divided by 40, is what the piece
 * costs without the loop's own overhead; helpers of known cost (a Clip that keeps values ordinary, an Add that restores a shape)
 * are taken off. The minimum over several runs counts, since everything else on the machine only adds.
 */
import type { InferenceSession, Tensor } from "onnxruntime-common";
import { parseArgs } from "node:util";
import type { HostTensor } from "../../packages/graph/src/host-tensor.js";
import { loopModel } from "./loop-model.js";
import { alternatives, pieces } from "./pieces.js";
import type { Piece } from "./pieces.js";

const { values } = parseArgs({
  options: {
    runtime: { type: "string", default: "node" },
    threads: { type: "string", default: "1,2" },
    only: { type: "string", default: "" },
  },
});
const ort =
  values.runtime === "web" ? await import("onnxruntime-web") : await import("onnxruntime-node");
ort.env.logLevel = "fatal";
// The web runtime has one number of threads for all sessions.
ort.env.wasm.numThreads = 1;

const feedsOf = (
  feeds: Readonly<Record<string, HostTensor>>,
  n: number,
): Record<string, Tensor> => ({
  ...Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, data, shape }]) => [
      name,
      new ort.Tensor(dtype, data, shape),
    ]),
  ),
  n: new ort.Tensor("int64", BigInt64Array.of(BigInt(n)), []),
});

async function time(
  { shape, build }: Piece,
  copies: number,
  options: InferenceSession.SessionOptions,
): Promise<number> {
  const { model, feeds } = loopModel(shape, (b, x) => {
    let y = x;
    for (let k = 0; k < copies; k++) y = build(b, y);
    return y;
  });
  const session = await ort.InferenceSession.create(model, options);
  const once = async (n: number): Promise<number> => {
    const tensors = feedsOf(feeds, n);
    const start = performance.now();
    await session.run(tensors);
    return performance.now() - start;
  };
  await once(3);
  // About 15 ms a run, so that a run often fits between two of the machine's other duties.
  const n = Math.max(2, Math.min(2000, Math.round((15 * 10) / Math.max(0.01, await once(10)))));
  let best = Infinity;
  for (let k = 0; k < 12; k++) best = Math.min(best, await once(n));
  await session.release();
  return (best / n) * 1000;
}

const threads = values.runtime === "web" ? [1] : values.threads.split(",").map(Number);
const results = new Map<string, readonly number[]>();
const wanted = new RegExp(values.only);
const all = [...pieces, ...alternatives];
const chosen = all.filter(({ name }) => wanted.test(name));
const helpers = new Set<string>();
const need = ({ minus }: Piece): void => {
  for (const name of minus) {
    helpers.add(name);
    all.filter((p) => p.name === name).forEach(need);
  }
};
chosen.forEach(need);
for (const p of all.filter((p) => chosen.includes(p) || helpers.has(p.name))) {
  const costs: number[] = [];
  for (const [at, intraOpNumThreads] of threads.entries()) {
    const options = {
      intraOpNumThreads,
      graphOptimizationLevel: "all",
      logSeverityLevel: 4,
    } as const;
    const cost = ((await time(p, 50, options)) - (await time(p, 10, options))) / 40;
    costs.push(p.minus.reduce((rest, name) => rest - (results.get(name)?.[at] ?? 0), cost));
  }
  results.set(p.name, costs);
  console.log(`${p.name.padEnd(52)} ${costs.map((c) => c.toFixed(2).padStart(8)).join("")}`);
}
