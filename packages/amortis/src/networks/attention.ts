/**
 * Multi-head attention over tokens: to each other, and to others.
 *
 *     A = softmax(Q Kᵀ / √d + log M) V,      Q, K, V = x W_Q, x W_K, x W_V,
 *
 * for each of several heads side by side, whose answers are joined and mapped once more (Vaswani et al. 2017, arXiv 1706.03762, section 3.2). Tokens
 * have no order but what they carry themselves: tokens in another order give the same answers in that order. M says which tokens are looked at.
 */
import {
  add,
  expandDims,
  glorotUniform,
  matmul,
  mul,
  reshape,
  softmax,
  split,
  sub,
  transpose,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import { dense } from "./mlp.js";

/** How tokens look at each other. */
export interface AttentionOptions {
  /** Heads side by side; they divide the width of a token. */
  readonly heads: number;
  /**
   * 1 where a token (second axis from last) looks at another (last axis), 0 where it does not: [n, n] for all rows, or [...L, n or 1, n] with sizes of one
   * where rows share it. By default all look at all. A token that may look at none gets what is in no token's interest: leave its answer alone.
   */
  readonly mask?: Tensor;
  /** How large the last map starts, as a share of the usual. */
  readonly gain?: number;
}

/** What is added where a token is not looked at: its share is then zero to the last bit. */
const NOT_SEEN = 1e9;

/**
 * Self-attention.
 *
 * @param tokens [...L, n, width]
 * @returns [...L, n, width]
 */
export function selfAttention(
  scope: Scope,
  tokens: Tensor,
  { heads, mask, gain = 1 }: AttentionOptions,
): Tensor {
  const [n = 1, width = 1] = tokens.shape.slice(-2);
  const rows = tokens.shape.slice(0, -2);
  const each = Number(width) / heads;
  const all = dense(scope.child("project"), tokens, 3 * Number(width), glorotUniform());
  const apart = swapped(reshape(all, [...rows, n, 3 * heads, each], tokens));
  const [query = apart, key = apart, value = apart] = split(apart, [heads, heads, heads], -3);
  const scores = matmul(mul(query, each ** -0.5), key, { transposeB: true });
  const seen = mask === undefined ? scores : add(scores, hiding(mask));
  const looked = swapped(matmul(softmax(seen, -1), value));
  const joined = reshape(looked, [...rows, n, width], tokens);
  return dense(scope.child("output"), joined, Number(width), glorotUniform(gain));
}

/**
 * Attention of some tokens to others (the cross-attention of set transformers and of encoders and decoders).
 *
 * @param queries [...L, q, width], the rows of which may be shared: sizes of one.
 * @param tokens [...L, n, width]; `mask` says which of them are looked at.
 * @returns [...L, q, width]
 */
export function crossAttention(
  scope: Scope,
  queries: Tensor,
  tokens: Tensor,
  { heads, mask, gain = 1 }: AttentionOptions,
): Tensor {
  const width = Number(tokens.shape.at(-1));
  const each = width / heads;
  const query = inHeads(dense(scope.child("query"), queries, width, glorotUniform()), heads);
  const both = dense(scope.child("project"), tokens, 2 * width, glorotUniform());
  const [key = both, value = both] = split(inHeads(both, 2 * heads), [heads, heads], -3);
  const scores = matmul(mul(query, each ** -0.5), key, { transposeB: true });
  const seen = mask === undefined ? scores : add(scores, hiding(mask));
  const looked = swapped(matmul(softmax(seen, -1), value));
  const joined = reshape(looked, [...looked.shape.slice(0, -2), width], looked);
  return dense(scope.child("output"), joined, width, glorotUniform(gain));
}

/** Tokens [...L, n, width] as heads [...L, heads, n, width / heads]. */
function inHeads(x: Tensor, heads: number): Tensor {
  const each = Number(x.shape.at(-1)) / heads;
  return swapped(reshape(x, [...x.shape.slice(0, -1), heads, each], x));
}

/** Tokens before heads [...L, n, heads, k] to heads before tokens, and back. */
function swapped(x: Tensor): Tensor {
  const axes = Array.from({ length: x.rank }, (_, axis) => axis);
  axes.splice(-3, 2, x.rank - 2, x.rank - 3);
  return transpose(x, axes);
}

/** What a mask adds to scores [...L, heads, n, n]. */
function hiding(mask: Tensor): Tensor {
  const added = mul(sub(mask, 1), NOT_SEEN);
  return mask.rank < 3 ? added : expandDims(added, -3);
}
