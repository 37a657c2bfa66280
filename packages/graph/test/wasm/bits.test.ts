/**
 * The bits of the engine's own runtime: what is written down here is what Node gave, and every engine of WebAssembly must give. A change of kernels may change
 * them, and then all of them anew.
 */
import { expect, test } from "vitest";
import { gradient } from "../../src/gradient.js";
import { hostTensor, type HostTensor } from "../../src/host-tensor.js";
import { constant, input } from "../../src/leaves.js";
import { cast } from "../../src/operations/comparison.js";
import { add, mul, sub } from "../../src/operations/elementwise.js";
import { cholesky } from "../../src/operations/linear-algebra.js";
import { matmul } from "../../src/operations/linear.js";
import { transpose } from "../../src/operations/movement.js";
import { mean, sum } from "../../src/operations/reduction.js";
import { softmax } from "../../src/operations/softmax.js";
import { tanh } from "../../src/operations/logistic.js";
import { compile, type Named } from "../../src/program.js";
import { wasmRuntime } from "../../src/runtimes/wasm.js";
import { numbers } from "../evaluate.js";
import { everyNumber, SPECIAL } from "../special/functions.js";

/** FNV-1a over the bytes of tensors in the order of their names; of NaN, whose bits WebAssembly leaves open, that it is. */
function digest(results: Readonly<Record<string, HostTensor>>): string {
  let hash = 0x811c9dc5;
  for (const name of Object.keys(results).toSorted()) {
    const data = results[name]?.data ?? new Float32Array();
    const plain = data.map(((x: number | bigint) => (Number.isNaN(x) ? 0 : x)) as never);
    for (const byte of new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength)) {
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

async function digestOf<I extends Named>(
  inputs: I,
  feeds: Readonly<Record<keyof I, HostTensor>>,
  outputs: Named,
): Promise<string> {
  const program = await compile({ inputs, outputs }, wasmRuntime());
  const results = await program.run(feeds);
  await program.release();
  return digest(results);
}

test("functions of numbers of every size, and their derivatives", async () => {
  const x = input("x", ["n"]);
  const outputs = SPECIAL.map(({ of }, i) => [`value${i}`, of(x)] as const);
  const slopes = outputs.map(([, y], i) => [`slope${i}`, gradient(sum(y), [x])[0] ?? y] as const);
  const at = everyNumber();
  const feeds = { x: hostTensor(at, [at.length]) };
  const all = Object.fromEntries([...outputs, ...slopes]);
  expect(await digestOf({ x }, feeds, all)).toBe("4fbf8834");
});

test("functions in double precision", async () => {
  const x = input("x", ["n"], "float64");
  const at = Float64Array.from(everyNumber());
  const all = Object.fromEntries(SPECIAL.map(({ of }, i) => [`value${i}`, of(x)]));
  expect(await digestOf({ x }, { x: hostTensor(at, [at.length], "float64") }, all)).toBe(
    "0c82d21a",
  );
});

test("products with long sums, means, softmax, and their derivatives", async () => {
  const [rows, inner, columns] = [37, 700, 19];
  const a = input("a", [rows, inner]);
  const b = input("b", [inner, columns]);
  const c = tanh(matmul(a, b));
  const loss = mean(mul(softmax(c), c));
  const [da = a, db = b] = gradient(loss, [a, b]);
  const feeds = {
    a: hostTensor(Float32Array.from(numbers(rows * inner)), [rows, inner]),
    b: hostTensor(Float32Array.from(numbers(inner * columns, 5)), [inner, columns]),
  };
  expect(await digestOf({ a, b }, feeds, { c, loss, da, db })).toBe("d39c3898");
});

test("factors of matrices, in both precisions", async () => {
  const n = 40;
  const x = input("x", [3, n, n]);
  const identity = constant(
    Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? n : 0)),
    [n, n],
  );
  const matrix = add(matmul(x, transpose(x, [0, 2, 1])), identity);
  const factor = cholesky(matrix);
  const double = cholesky(cast(matrix, "float64"));
  const feeds = { x: hostTensor(Float32Array.from(numbers(3 * n * n)), [3, n, n]) };
  const rest = sub(cast(factor, "float64"), double);
  expect(await digestOf({ x }, feeds, { factor, double, rest })).toBe("b6c93364");
});
