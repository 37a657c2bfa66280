import { expect, it } from "vitest";
import {
  gemm,
  input,
  linear,
  loopOptions,
  matmul,
  productOperations,
  relu,
  sum,
  type Tensor,
} from "../src/index.js";

it("counts two operations for each multiplication and addition of a product", () => {
  const x = input("x", [7, 3]);
  const weight = input("w", [3, 5]);
  const hidden = relu(linear(x, weight, input("b", [5])));
  expect(productOperations([hidden])).toBe(2 * 7 * 3 * 5);
  const gram = matmul(hidden, hidden, { transposeA: true });
  expect(productOperations([gram])).toBe(2 * 7 * 3 * 5 + 2 * 5 * 7 * 5);
});

it("counts the products of the column layout, whichever factor is transposed", () => {
  const [weight, x, bias] = [input("w", [3, 5]), input("x", [3, 7]), input("b", [5, 1])];
  const hidden = gemm(weight, x, bias, { transposeA: true });
  expect(hidden.shape).toEqual([5, 7]);
  expect(productOperations([hidden])).toBe(2 * 7 * 3 * 5);
  const second = gemm(hidden, input("v", [2, 7]), input("c", [2]), { transposeB: true });
  expect(productOperations([second])).toBe(2 * 7 * 3 * 5 + 2 * 5 * 7 * 2);
});

it("gives small loops one thread, large ones the runtime's own number, and every one what was asked for", () => {
  // 2 · 1000 · 100 · width operations.
  const losses = (width: number): Tensor =>
    sum(matmul(input("x", [1000, 100]), input("w", [100, width])), { axes: [1] });
  expect(loopOptions(losses(400))).toEqual({ threads: 1 });
  expect(loopOptions(losses(600))).toEqual({});
  expect(loopOptions(losses(400), { threads: 2 })).toEqual({ threads: 2 });
});
