import { expect, it } from "vitest";
import { input, linear, matmul, productOperations, relu } from "../src/index.js";

it("counts two operations for each multiplication and addition of a product", () => {
  const x = input("x", [7, 3]);
  const weight = input("w", [3, 5]);
  const hidden = relu(linear(x, weight, input("b", [5])));
  expect(productOperations([hidden])).toBe(2 * 7 * 3 * 5);
  const gram = matmul(hidden, hidden, { transposeA: true });
  expect(productOperations([gram])).toBe(2 * 7 * 3 * 5 + 2 * 5 * 7 * 5);
});
