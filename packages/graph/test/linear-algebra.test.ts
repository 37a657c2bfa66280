import { describe, expect, test } from "vitest";
import { ShapeError } from "../src/errors.js";
import { gradient } from "../src/gradient.js";
import { hostTensor } from "../src/host-tensor.js";
import { constant, eye, input } from "../src/leaves.js";
import { programGraph } from "../src/program.js";
import { add, exp, mul } from "../src/operations/elementwise.js";
import {
  cholesky,
  choleskyFactors,
  choleskySolve,
  diagonal,
  logDeterminant,
  lowerTriangle,
  triangularInverse,
  triangularSolve,
} from "../src/operations/linear-algebra.js";
import { matmul } from "../src/operations/linear.js";
import { reshape } from "../src/operations/movement.js";
import { sum } from "../src/operations/reduction.js";
import type { Tensor } from "../src/tensor.js";
import { evaluate, gradientError, largestDifference, numbers, values } from "./evaluate.js";
import { eachRuntime } from "./harness.js";

/** Covariances exp(-|i - j| / range) of an autoregressive process: factor and determinant are known in closed form. */
function autoregressive(n: number, ranges: readonly number[]): Float64Array {
  return Float64Array.from({ length: ranges.length * n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n) % n, k % n];
    return Math.exp(-Math.abs(i - j) / (ranges[Math.floor(k / (n * n))] ?? 1));
  });
}

/** L of the above: ρ^(i-j), times √(1-ρ²) from the second column on. */
function autoregressiveFactor(n: number, range: number): Float64Array {
  const rho = Math.exp(-1 / range);
  return Float64Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return j > i ? 0 : rho ** (i - j) * (j === 0 ? 1 : Math.sqrt(1 - rho * rho));
  });
}

/** A well-conditioned triangular matrix, with NaN above the diagonal that must not be read. */
const triangular = (n: number): Float64Array =>
  numbers(n * n, 5).map((v, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return j > i ? Number.NaN : j === i ? 1.5 + v / 2 : v / n;
  });

/** A symmetric positive definite matrix from n² free numbers: X Xᵀ + 2 I. */
function positiveDefinite(x: Tensor): Tensor {
  const n = Number(x.shape.at(-1));
  return add(matmul(x, x, { transposeB: true }), mul(2, eye(n, x.dtype)));
}

describe("shapes", () => {
  test.each([
    ["a vector", [4]],
    ["a rectangle", [3, 4]],
  ])("%s is not factored", (_, shape) => {
    const message = `needs square float matrices, [..., n, n], but was given a: float32[${shape.join(", ")}]`;
    for (const operation of [cholesky, logDeterminant, triangularInverse]) {
      expect(() => operation(input("a", shape))).toThrow(ShapeError);
      expect(() => operation(input("a", shape))).toThrow(message);
    }
  });

  test("a dynamic size is refused, a dynamic batch is not", () => {
    expect(() => cholesky(input("a", ["n", "n"]))).toThrow("needs the size of axis 1");
    expect(cholesky(input("a", ["batch", 4, 4])).shape).toEqual(["batch", 4, 4]);
    expect(logDeterminant(input("a", ["batch", "draws", 4, 4])).shape).toEqual(["batch", "draws"]);
  });

  test("right-hand sides must have as many rows", () => {
    expect(() => triangularSolve(input("l", [4, 4]), input("b", [3, 1]))).toThrow(
      "triangularSolve: for matrices float32[4, 4] the right-hand sides must be float32[..., 4, m], but are float32[3, 1]",
    );
  });

  test("only what is asked for is computed", () => {
    const a = input("a", ["batch", 64, 64]);
    const { factor, inverse } = choleskyFactors(a);
    const nodes = (outputs: Readonly<Record<string, Tensor>>): number =>
      programGraph({ inputs: { a }, outputs }).nodes.length;
    expect(nodes({ factor })).toBeLessThan(nodes({ factor, inverse }));
    // Their cost is counted in nodes, so that they should not grow unnoticed.
    expect(nodes({ factor, inverse })).toBeLessThan(640);
    // The inverse of a factor is at hand.
    expect(nodes({ factor, known: triangularInverse(factor) })).toBe(nodes({ factor, inverse }));
    const general = triangularInverse(lowerTriangle(a));
    expect(nodes({ general })).toBeLessThan(80);
  });
});

eachRuntime((runtime) => {
  describe("cholesky", () => {
    test.each([1, 2, 3, 8, 16, 17, 33, 50])("is exact to rounding, n = %i", async (n) => {
      const ranges = [0.5, 3];
      const given = autoregressive(n, ranges);
      for (const [dtype, tolerance] of [
        ["float32", 2e-6],
        ["float64", 1e-14],
      ] as const) {
        const a = input("a", ["batch", n, n], dtype);
        const { factor, inverse } = choleskyFactors(a);
        const outputs = [factor, matmul(inverse, factor), logDeterminant(a)];
        const [l, product, determinant] = await evaluate(
          runtime,
          [[a, hostTensor(given, [2, n, n], dtype)]],
          outputs,
        );
        const expected = ranges.flatMap((range) => [...autoregressiveFactor(n, range)]);
        expect(largestDifference(Array.from(l?.data ?? [], Number), expected)).toBeLessThan(
          tolerance,
        );
        const identities = ranges.flatMap(() => [...autoregressive(n, [1e-9])]);
        expect(largestDifference(Array.from(product?.data ?? [], Number), identities)).toBeLessThan(
          3 * tolerance,
        );
        for (const [i, range] of ranges.entries()) {
          const closed = (n - 1) * Math.log(1 - Math.exp(-2 / range));
          expect(Math.abs(Number(determinant?.data[i]) - closed)).toBeLessThan(n * tolerance);
        }
      }
    });

    test("takes any leading axes", async () => {
      const n = 20;
      const ranges = [1, 2, 3, 4, 5, 6];
      const a = input("a", ["batch", "draws", n, n], "float64");
      const feed = hostTensor(autoregressive(n, ranges), [2, 3, n, n], "float64");
      const [l] = await evaluate(runtime, [[a, feed]], [cholesky(a)]);
      expect(l?.shape).toEqual([2, 3, n, n]);
      const expected = ranges.flatMap((range) => [...autoregressiveFactor(n, range)]);
      expect(largestDifference(Array.from(l?.data ?? [], Number), expected)).toBeLessThan(1e-14);
    });

    test("loses no more than conditioning takes", async () => {
      // A smooth covariance on a line, with a nugget of 1e-4: its condition number is near 3e5.
      const n = 60;
      const smooth = Float64Array.from({ length: n * n }, (_, k) => {
        const [i, j] = [Math.floor(k / n), k % n];
        return Math.exp(-((i - j) ** 2) / 200) + (i === j ? 1e-4 : 0);
      });
      const b = numbers(n);
      const results: number[][] = [];
      for (const dtype of ["float32", "float64"] as const) {
        const a = input("a", [n, n], dtype);
        const factor = cholesky(a);
        const outputs = [
          matmul(factor, factor, { transposeB: true }),
          triangularSolve(factor, constant(b, [n, 1], dtype)),
          logDeterminant(a),
        ];
        const bindings = [[a, hostTensor(smooth, [n, n], dtype)]] as const;
        const found = await evaluate(runtime, bindings, outputs);
        results.push(...found.map(({ data }) => Array.from(data, Number)));
      }
      const [
        product = [],
        solved = [],
        determinant = [],
        product64 = [],
        solved64 = [],
        determinant64 = [],
      ] = results;
      expect(largestDifference(product64, smooth)).toBeLessThan(1e-15);
      expect(largestDifference(product, smooth)).toBeLessThan(5e-7);
      // The condition number times float32's rounding is 2e-2.
      const scale = Math.max(...solved64.map(Math.abs));
      expect(largestDifference(solved, solved64) / scale).toBeLessThan(1e-2);
      expect(Math.abs((determinant[0] ?? 0) / (determinant64[0] ?? 0) - 1)).toBeLessThan(1e-3);
    });

    test("gives NaN where a matrix is not positive definite, and only there", async () => {
      const n = 20;
      const indefinite = autoregressive(n, [2, 2]);
      indefinite[7 * n + 7] = -1;
      const a = input("a", ["batch", n, n]);
      const feed = hostTensor(indefinite, [2, n, n]);
      const [l, determinant] = await evaluate(
        runtime,
        [[a, feed]],
        [diagonal(cholesky(a)), logDeterminant(a)],
      );
      const bad = Array.from(l?.data ?? [], Number).slice(0, n);
      expect(bad.some(Number.isNaN)).toBe(true);
      expect(
        Array.from(l?.data ?? [], Number)
          .slice(n)
          .some(Number.isNaN),
      ).toBe(false);
      expect(determinant?.data[0]).toBeNaN();
      expect(determinant?.data[1]).toBeCloseTo(19 * Math.log(1 - Math.exp(-1)), 4);
      // Singular: the last pivot is exactly zero.
      const singular = input("s", [2, 2]);
      expect(await values(runtime, [[singular, [1, 1, 1, 1]]], logDeterminant(singular))).toEqual([
        expect.toSatisfy((value: number) => Number.isNaN(value) || value === -Infinity),
      ]);
    });

    test.each([1, 2, 5, 18])("has the gradient of central differences, n = %i", async (n) => {
      const x = input("x", [2, n, n], "float64");
      const a = positiveDefinite(x);
      const { factor, inverse } = choleskyFactors(a);
      const at = numbers(2 * n * n);
      expect(await gradientError(runtime, x, at, factor)).toBeLessThan(1e-7);
      expect(await gradientError(runtime, x, at, inverse)).toBeLessThan(1e-7);
      expect(await gradientError(runtime, x, at, logDeterminant(a))).toBeLessThan(1e-7);
    });

    test("has second derivatives", async () => {
      const n = 4;
      const x = input("x", [n, n], "float64");
      const a = positiveDefinite(x);
      const { factor, inverse } = choleskyFactors(a);
      const at = numbers(n * n, 3);
      for (const y of [sum(exp(factor)), sum(exp(inverse)), exp(mul(0.1, logDeterminant(a)))]) {
        const [dx = x] = gradient(y, [x]);
        expect(await gradientError(runtime, x, at, dx)).toBeLessThan(1e-6);
      }
    });

    test("its inverse has gradients in the factor, as of any triangular matrix", async () => {
      const n = 5;
      const a = input("a", [n, n], "float64");
      const l = input("l", [n, n], "float64");
      const factor = cholesky(a);
      const given = autoregressive(n, [2]);
      // First and second derivatives in L of a function of L and L⁻¹, for L from a factorisation and for L on its own.
      const derivatives = (leaf: Tensor): readonly Tensor[] => {
        const y = sum(mul(leaf, exp(mul(0.3, triangularInverse(leaf)))));
        const [first = leaf] = gradient(y, [leaf]);
        const [second = leaf] = gradient(sum(exp(mul(0.1, first))), [leaf]);
        return [first, second];
      };
      const found = await evaluate(runtime, [[a, given]], derivatives(factor));
      const bindings = [[l, autoregressiveFactor(n, 2)]] as const;
      const expected = await evaluate(runtime, bindings, derivatives(l));
      for (const [i, { data }] of expected.entries()) {
        expect(Math.max(...Array.from(data, Number).map(Math.abs))).toBeGreaterThan(0.01);
        expect(largestDifference(found[i]?.data ?? [], data)).toBeLessThan(1e-13);
      }
      // And so in A, through the factor.
      const x = input("x", [n, n], "float64");
      const inverse = triangularInverse(cholesky(positiveDefinite(x)));
      expect(await gradientError(runtime, x, numbers(n * n), inverse)).toBeLessThan(1e-7);
    });

    test("the gradient in A is symmetric: the log-determinant's is the inverse", async () => {
      const n = 5;
      const a = input("a", [n, n], "float64");
      const given = autoregressive(n, [2]);
      const [da = a] = gradient(logDeterminant(a), [a]);
      const inverse = choleskySolve(cholesky(a), eye(n, "float64"));
      const [g, expected] = await evaluate(runtime, [[a, given]], [da, inverse]);
      expect(
        largestDifference(
          Array.from(g?.data ?? [], Number),
          Array.from(expected?.data ?? [], Number),
        ),
      ).toBeLessThan(1e-14);
    });
  });

  describe("triangular matrices", () => {
    test.each([1, 2, 3, 8, 9, 16, 21, 40])("are inverted, n = %i", async (n) => {
      const l = input("l", [n, n], "float64");
      const product = matmul(triangularInverse(l), lowerTriangle(l));
      const found = await values(runtime, [[l, triangular(n)]], product);
      expect(largestDifference(found, autoregressive(n, [1e-9]))).toBeLessThan(1e-14);
    });

    test.each([
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ])("are solved, transpose %s, upper %s", async (transpose, upper) => {
      const n = 11;
      const matrix = triangular(n).map((v) => (Number.isNaN(v) ? 0 : v));
      const l = input("l", ["batch", n, n], "float64");
      const b = input("b", [n, 3], "float64");
      const given = upper
        ? matrix.map((_, k) => matrix[(k % n) * n + Math.floor(k / n)] ?? 0)
        : matrix;
      const x = triangularSolve(l, b, { transpose, upper });
      expect(x.shape).toEqual(["batch", n, 3]);
      const right = numbers(3 * n, 8);
      const back = matmul(l, x, { transposeA: transpose });
      const found = await values(
        runtime,
        [
          [l, hostTensor(given, [1, n, n], "float64")],
          [b, right],
        ],
        back,
      );
      expect(largestDifference(found, right)).toBeLessThan(1e-14);
    });

    test("have the gradients of central differences", async () => {
      const n = 9;
      const at = triangular(n).map((v) => (Number.isNaN(v) ? 0 : v));
      const l = input("l", [n, n], "float64");
      const b = constant(numbers(2 * n * 3, 8), [2, n, 3], "float64");
      const ys = [
        triangularInverse(l),
        triangularSolve(l, b),
        triangularSolve(l, b, { transpose: true }),
        triangularSolve(lowerTriangle(l), b, { upper: true }),
        diagonal(triangularInverse(l)),
      ];
      for (const y of ys) {
        expect(await gradientError(runtime, l, at, y)).toBeLessThan(1e-7);
        const [dl = l] = gradient(sum(mul(y, y)), [l]);
        expect(await gradientError(runtime, l, at, dl)).toBeLessThan(1e-6);
      }
      // The right-hand side is broadcast against the batch of matrices.
      const x = input("x", [n, 1], "float64");
      const ls = reshape(constant(Float64Array.of(...at, ...at), [2, n, n], "float64"), [2, n, n]);
      for (const transpose of [false, true]) {
        const y = triangularSolve(ls, x, { transpose });
        expect(await gradientError(runtime, x, numbers(n), y)).toBeLessThan(1e-7);
      }
    });

    test("a Gaussian log-density is differentiated in its covariance", async () => {
      const n = 6;
      const x = input("x", [n, n], "float64");
      const factor = cholesky(positiveDefinite(x));
      const b = constant(numbers(n, 2), [n, 1], "float64");
      const whitened = triangularSolve(factor, b);
      const density = add(sum(mul(whitened, whitened)), logDeterminant(positiveDefinite(x)));
      expect(await gradientError(runtime, x, numbers(n * n, 4), density)).toBeLessThan(1e-7);
      const solved = choleskySolve(factor, b);
      expect(await gradientError(runtime, x, numbers(n * n, 4), solved)).toBeLessThan(1e-7);
    });
  });
});
