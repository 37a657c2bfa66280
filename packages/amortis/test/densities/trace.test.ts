import { add, compile, constant, input, matmul, mul, tanh, type Tensor } from "@amortis/graph";
import { expect, test } from "vitest";
import {
  randomDirections,
  traced,
  unitDirections,
  type Directions,
} from "../../src/densities/trace.js";
import { normals, runtime } from "./support.js";

const D = 3;
const [A, B] = [normals("A", [D, D]), normals("B", [D, D])];

/** x ↦ tanh(x A) B + x, whose Jacobian is known. */
function field(x: Tensor): Tensor {
  const [a, b] = [A, B].map(({ data }) => constant([...data].map(Number), [D, D]));
  return a && b ? add(matmul(tanh(matmul(x, a)), b), x) : mul(x, Number.NaN);
}

function expectedTrace(x: ArrayLike<number>): number {
  let trace = D;
  for (let h = 0; h < D; h++) {
    let inside = 0;
    for (let i = 0; i < D; i++) inside += (x[i] ?? 0) * Number(A.data[i * D + h]);
    for (let i = 0; i < D; i++) {
      trace += (1 - Math.tanh(inside) ** 2) * Number(A.data[i * D + h]) * Number(B.data[h * D + i]);
    }
  }
  return trace;
}

async function products(directions: Directions): Promise<Float32Array> {
  const x = input("x", ["batch", 2, D]);
  const { value, products: each } = traced(field, x, directions);
  const program = await compile(
    { inputs: { x }, outputs: { each, difference: add(value, mul(field(x), -1)) } },
    runtime,
  );
  const found = await program.run({ x: normals("x", [5, 2, D]) });
  await program.release();
  expect(
    Math.max(...Array.from([...found.difference.data], (v) => Math.abs(Number(v)))),
  ).toBeLessThan(1e-5);
  return Float32Array.from([...found.each.data], Number);
}

test("unit vectors give the trace itself, row by row", async () => {
  const found = await products(unitDirections(D));
  const { data } = normals("x", [5, 2, D]);
  for (let row = 0; row < 10; row++) {
    const trace = found.subarray(row * D, (row + 1) * D).reduce((a, b) => a + b, 0);
    const x = Array.from({ length: D }, (_, i) => Number(data[row * D + i]));
    expect(Math.abs(trace - expectedTrace(x))).toBeLessThan(1e-4);
  }
});

test("random signs estimate it without bias, within their standard error", async () => {
  const n = 400;
  const found = await products(randomDirections(n, D));
  const { data } = normals("x", [5, 2, D]);
  for (let row = 0; row < 10; row++) {
    const each = found.subarray(row * n, (row + 1) * n);
    const mean = each.reduce((a, b) => a + b, 0) / n;
    const variance = each.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1);
    const x = Array.from({ length: D }, (_, i) => Number(data[row * D + i]));
    // Four standard errors: once in 16,000, of ten that are far from independent.
    expect(Math.abs(mean - expectedTrace(x))).toBeLessThan(4 * Math.sqrt(variance / n));
  }
});
