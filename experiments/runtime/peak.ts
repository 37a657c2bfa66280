/**
 * Matrix products of the engine's own runtime beside what the machine's plain SIMD does at most, in this process: prints one JSON line. Run by
 * runtime.ts.
 */
import { encodeModel, hostTensor, type OnnxGraph } from "@amortis/graph";
import { f32x4, v128 } from "../../packages/graph/src/wasm/encoder/vector.js";
import { ModuleBuilder } from "../../packages/graph/src/wasm/encoder/module.js";
import { runtimeOf } from "./runtimes.js";

/** Rows, inner size and columns. */
const PRODUCTS = [
  [256, 256, 128],
  [256, 128, 128],
  [512, 512, 512],
  [8192, 576, 64],
] as const;

/** Sums that are under way at once: as many as registers hold and more than the latency of one hides. */
const SUMS = 8;
const TURNS = 1_000_000;

/** Most multiplications and additions a second of vectors that stay in registers, in GFLOP/s. */
function peak(): number {
  const module = new ModuleBuilder();
  module.export(
    "run",
    module.define(["i32", "i32"], undefined, (f, [turns, at]) => {
      const [x, y] = [f.let(v128.load(at)), f.let(v128.load(at, 16))];
      const sums = Array.from({ length: SUMS }, (_, i) => f.let(v128.load(at, 32 + 16 * i)));
      f.repeat(() => {
        for (const sum of sums) f.set(sum, f32x4.add(sum, f32x4.mul(x, y)));
        f.increase(turns, -1);
      }, turns);
      for (const [i, sum] of sums.entries()) f.do(v128.store(at, sum, 32 + 16 * i));
    }),
  );
  const memory = new WebAssembly.Memory({ initial: 1 });
  const code = new WebAssembly.Module(module.finish());
  const { exports } = new WebAssembly.Instance(code, { env: { memory } });
  const run = exports["run"] as (turns: number, at: number) => void;
  for (let i = 0; i < 200; i++) run(10_000, 1024);
  const seconds = Array.from({ length: 9 }, () => {
    const started = performance.now();
    run(TURNS, 1024);
    return (performance.now() - started) / 1e3;
  });
  return (SUMS * 8 * TURNS) / Math.min(...seconds) / 1e9;
}

async function product([m, k, n]: (typeof PRODUCTS)[number]): Promise<number> {
  const graph: OnnxGraph = {
    name: "product",
    nodes: [{ op: "MatMul", inputs: ["a", "b"], outputs: ["c"], attributes: {} }],
    inputs: [
      { name: "a", dtype: "float32", shape: [m, k] },
      { name: "b", dtype: "float32", shape: [k, n] },
    ],
    outputs: [{ name: "c", dtype: "float32", shape: [m, n] }],
    initializers: [],
  };
  const session = await (await runtimeOf("own")).createSession(encodeModel(graph));
  const feed = (rows: number, columns: number) =>
    hostTensor(
      Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i)),
      [rows, columns],
    );
  const feeds = { a: feed(m, k), b: feed(k, n) };
  const times: number[] = [];
  const started = performance.now();
  while (times.length < 20 || performance.now() - started < 600) {
    const before = performance.now();
    await session.run(feeds);
    times.push(performance.now() - before);
  }
  // The first are by code that is not optimised yet.
  return (2 * m * k * n) / Math.min(...times) / 1e6;
}

const products: Record<string, number> = {};
for (const sizes of PRODUCTS) products[sizes.join("×")] = await product(sizes);
console.log(JSON.stringify({ peak: peak(), products }));
