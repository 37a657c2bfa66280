/**
 * Multi-head self-attention over tokens.
 *
 *     A = softmax(Q Kᵀ / √d + log M) V,      Q, K, V = x W_Q, x W_K, x W_V,
 *
 * for each of several heads side by side, whose answers are joined and mapped once more (Vaswani et al. 2017, arXiv 1706.03762, section 3.2). Tokens
 * have no order but what they carry themselves: tokens in another order give the same answers in that order. M says which tokens are looked at.
 */
import {
  add,
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
   * 1 where a token (second axis from last) looks at another (last axis), 0 where it does not: [n, n] for all rows, or [rows or 1, n or 1, n]. By default
   * all look at all. A token that may look at none gets what is in no token's interest: leave its answer alone.
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
 * @param tokens [rows, n, width]
 * @returns [rows, n, width]
 */
export function selfAttention(
  scope: Scope,
  tokens: Tensor,
  { heads, mask, gain = 1 }: AttentionOptions,
): Tensor {
  const [rows = 1, n = 1] = tokens.shape;
  const width = Number(tokens.shape.at(-1));
  const each = width / heads;
  const all = dense(scope.child("project"), tokens, 3 * width, glorotUniform());
  const apart = transpose(reshape(all, [rows, n, 3 * heads, each]), [0, 2, 1, 3]);
  const [query = apart, key = apart, value = apart] = split(apart, [heads, heads, heads], 1);
  const scores = matmul(mul(query, each ** -0.5), key, { transposeB: true });
  const seen = mask === undefined ? scores : add(scores, hiding(mask));
  const looked = transpose(matmul(softmax(seen, -1), value), [0, 2, 1, 3]);
  const joined = reshape(looked, [rows, n, width]);
  return dense(scope.child("output"), joined, width, glorotUniform(gain));
}

/** What a mask adds to scores [rows, heads, n, n]. */
function hiding(mask: Tensor): Tensor {
  const added = mul(sub(mask, 1), NOT_SEEN);
  if (mask.rank < 3) return added;
  const [rows = 1, from = 1, to = 1] = mask.shape;
  return reshape(added, [rows, 1, from, to]);
}
