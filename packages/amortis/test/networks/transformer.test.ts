/**
 * Attention against its formula in plain numbers, and what transformers must keep: the order of tokens, and masks.
 */
import {
  compile,
  constant,
  gradient,
  input,
  mul,
  Scope,
  sum,
  Variables,
  type HostTensor,
  type Tensor,
} from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { expect, test } from "vitest";
import { selfAttention } from "../../src/networks/attention.js";
import { transformer } from "../../src/networks/index.js";
import { stream } from "../../src/random/index.js";

const N = 3;
const WIDTH = 4;

function normals(count: number, seed: string): Float32Array {
  const values = new Float32Array(count);
  stream(seed).fillNormal(values);
  return values;
}

function numbersOf(tensor: HostTensor | undefined): number[] {
  const { data } = tensor ?? { data: new Float32Array() };
  return Array.from({ length: data.length }, (_, i) => Number(data[i]));
}

/** The formula, one row of tokens, in double precision. */
function reference(
  x: ArrayLike<number>,
  weights: Float32Array,
  mask: readonly (readonly number[])[],
  heads: number,
): number[] {
  const at = (start: number, columns: number, i: number, j: number): number =>
    weights[start + i * columns + j] ?? 0;
  const map = (row: readonly number[], start: number, columns: number): number[] =>
    Array.from({ length: columns }, (_, j) =>
      row.reduce(
        (total, value, i) => total + value * at(start, columns, i, j),
        weights[start + row.length * columns + j] ?? 0,
      ),
    );
  const rows = Array.from({ length: N }, (_, i) => Array.from(x).slice(i * WIDTH, (i + 1) * WIDTH));
  const projected = rows.map((row) => map(row, 0, 3 * WIDTH));
  const each = WIDTH / heads;
  const joined = rows.map((_, i) =>
    Array.from({ length: heads }, (__, head) => {
      const part = (j: number, which: number): number[] =>
        (projected[j] ?? []).slice(which * WIDTH + head * each, which * WIDTH + (head + 1) * each);
      const scores = rows.map((___, j) =>
        mask[i]?.[j] === 0
          ? 0
          : Math.exp(
              part(i, 0).reduce((t, q, k) => t + q * (part(j, 1)[k] ?? 0), 0) / Math.sqrt(each),
            ),
      );
      const total = scores.reduce((a, b) => a + b, 0);
      return Array.from({ length: each }, (___, k) =>
        scores.reduce((t, score, j) => t + (score / total) * (part(j, 2)[k] ?? 0), 0),
      );
    }).flat(),
  );
  return joined.flatMap((row) => map(row, 3 * WIDTH * (WIDTH + 1), WIDTH));
}

test("attention is its formula, and so is its gradient", async () => {
  const variables = new Variables();
  const x = input("x", ["batch", N, WIDTH]);
  const mask = [
    [1, 1, 0],
    [1, 1, 1],
    [0, 1, 1],
  ];
  const y = selfAttention(Scope.root(variables, "inference"), x, {
    heads: 2,
    mask: constant(mask),
  });
  const direction = normals(N * WIDTH, "direction");
  const loss = sum(mul(y, constant(direction, [1, N, WIDTH])));
  const leaves = [x, ...variables.entries.map(({ tensor }) => tensor)];
  const gradients = gradient(loss, leaves);
  const outputs: Record<string, Tensor> = { y };
  for (const [i, g] of gradients.entries()) outputs[`g${i}`] = g;
  const weights = normals(variables.size, "weights");
  const program = await compile({ inputs: { x }, outputs, variables, weights }, nodeRuntime());
  const values = normals(N * WIDTH, "tokens");
  const found = await program.run({ x: values });
  const expected = reference(values, weights, mask, 2);
  for (const [i, value] of numbersOf(found["y"]).entries()) {
    expect(value).toBeCloseTo(expected[i] ?? 0, 4);
  }
  // Central differences of the formula in double precision.
  const lossOf = (x: ArrayLike<number>, w: Float32Array): number =>
    reference(x, w, mask, 2).reduce((t, value, i) => t + value * (direction[i] ?? 0), 0);
  const h = 2 ** -8;
  const slope = (move: (step: number) => number): number => (move(h) - move(-h)) / (2 * h);
  const ofInput = Array.from(values, (value, i) =>
    slope((step) => lossOf(values.with(i, value + step), weights)),
  );
  const ofWeights = Array.from(weights, (value, i) =>
    slope((step) => lossOf(values, weights.with(i, value + step))),
  );
  const all = gradients.flatMap((_, i) => numbersOf(found[`g${i}`]));
  expect(all.length).toBe(ofInput.length + ofWeights.length);
  for (const [i, exact] of [...ofInput, ...ofWeights].entries()) {
    // Third derivatives times h² / 6 are below 1e-3 here.
    expect(Math.abs((all[i] ?? 0) - exact)).toBeLessThan(2e-3 * (1 + Math.abs(exact)));
  }
  await program.release();
});

/** A small transformer of one row, with a condition and a mask of tokens that are looked at. */
async function small() {
  const variables = new Variables();
  const network = transformer({ width: 8, blocks: 2, heads: 2 });
  const x = input("x", ["batch", N, 8]);
  const mask = input("mask", ["batch", 1, N]);
  const condition = input("condition", ["batch", 1, 2]);
  const y = network.apply(Scope.root(variables, "inference"), x, { mask, condition });
  const weights = normals(variables.size, "weights").map((value) => value / 2);
  const program = await compile(
    { inputs: { x, mask, condition }, outputs: { y }, variables, weights },
    nodeRuntime(),
  );
  const run = async (
    tokens: Float32Array,
    seen: readonly number[] = [1, 1, 1],
    c: readonly number[] = [0.3, -1],
  ): Promise<number[]> => {
    const { y: out } = await program.run({ x: tokens, mask: [...seen], condition: [...c] });
    return Array.from(out.data, Number);
  };
  return { run, release: () => program.release() };
}

test("tokens in another order give the same answers in that order", async () => {
  const { run, release } = await small();
  const tokens = normals(N * 8, "tokens");
  const order = [2, 0, 1];
  const moved = Float32Array.from(order.flatMap((i) => [...tokens.subarray(i * 8, (i + 1) * 8)]));
  const [one, other] = [await run(tokens), await run(moved)];
  for (const [place, i] of order.entries()) {
    for (let k = 0; k < 8; k++) expect(other[place * 8 + k]).toBeCloseTo(one[i * 8 + k] ?? 0, 5);
  }
  await release();
});

test("a token that is not looked at has no influence on the others; a condition has on all", async () => {
  const { run, release } = await small();
  const tokens = normals(N * 8, "tokens");
  const changed = tokens.map((value, i) => (i >= 16 ? 100 * value : value));
  const [one, other] = [await run(tokens, [1, 1, 0]), await run(changed, [1, 1, 0])];
  expect(other.slice(0, 16)).toEqual(one.slice(0, 16));
  expect(other.slice(16)).not.toEqual(one.slice(16));
  expect((await run(changed)).slice(0, 16)).not.toEqual((await run(tokens)).slice(0, 16));
  const conditioned = await run(tokens, [1, 1, 0], [0.3, 1]);
  for (let i = 0; i < N; i++) expect(conditioned[i * 8]).not.toBe(one[i * 8]);
  await release();
});

test("heads must divide the width", () => {
  expect(() => transformer({ width: 10, heads: 4 })).toThrow("4 heads do not divide 10");
  expect(transformer({ blocks: 2 }).describe()).toMatchObject({ kind: "transformer", blocks: 2 });
});
