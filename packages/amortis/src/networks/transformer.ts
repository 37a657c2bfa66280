/**
 * Transformer: blocks of self-attention and of a network of each token by itself.
 *
 *     x ← x + attention(norm(x)),      x ← x + V a(U norm(x) + b) + c,      y = norm(x) at the end,
 *
 * with the normalisation before each part (Xiong et al. 2020, arXiv 2002.04745), so that many blocks train as few do. A condition that all tokens share,
 * the time of a flow for instance, scales and shifts what each part sees, norm(x) (1 + γ(c)) + β(c), and begins with little influence (Peebles & Xie 2023,
 * arXiv 2212.09748).
 */
import {
  add,
  glorotUniform,
  heNormal,
  InvalidArgumentError,
  mul,
  split,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { share, whole } from "../settings/fields.js";
import { Settings, slot } from "../settings/settings.js";
import type { Json } from "../json.js";
import { activate, activation } from "./activations.js";
import { selfAttention } from "./attention.js";
import { dense } from "./mlp.js";
import { dropout, layerNormalization } from "./normalization.js";

/** What tokens are mapped with. */
export interface TokensInput {
  /** Which tokens are looked at: see `AttentionOptions`. */
  readonly mask?: Tensor;
  /** What all tokens of a row share, [...M, 1, k], with sizes of one where rows share it. */
  readonly condition?: Tensor;
}

/** From tokens to tokens. */
export interface TokenNetwork {
  readonly kind: string;
  /** Width of a token. */
  readonly width: number;
  /** Tokens [...L, n, width] to tokens [...L, n, width]. */
  apply(scope: Scope, tokens: Tensor, input?: TokensInput): Tensor;
  /** What it is, for people and files. */
  describe(): Json;
}

/** A setting that is a network of tokens. */
export const tokensSlot = slot<TokenNetwork>(
  "tokens",
  "a network of tokens, such as transformer()",
);

const settings = new Settings(
  "tokens",
  "transformer",
  z.strictObject({
    /** Width of a token. */
    width: whole.default(64),
    /** Blocks of attention and of a network of each token. */
    blocks: whole.default(4),
    /** Heads of the attention, which divide the width. */
    heads: whole.default(4),
    /** Width of the hidden layer of each token's network, in widths of a token. */
    expansion: whole.default(3),
    activation: activation.default("silu"),
    /** Share of hidden units of the tokens' networks set to zero at each training step. */
    dropout: share.default(0),
  }),
);

/** Settings of a transformer. */
export type TransformerOptions = z.input<typeof settings.schema>;

/** The last map of a part starts this much smaller than usual. */
const LAST_GAIN = 0.1;

/**
 * A transformer.
 *
 * @param options defaults: four blocks of width 64 with four heads, SiLU, no dropout
 * @throws InvalidArgumentError where a setting is out of range, or the heads do not divide the width.
 * @example anyToAny(model, { network: transformer({ width: 32, blocks: 3 }) })
 */
export function transformer(options: TransformerOptions = {}): TokenNetwork {
  const resolved = settings.resolve(options);
  const { width, blocks, heads, expansion } = resolved;
  requireHeads("transformer", width, heads);

  function block(scope: Scope, x: Tensor, { mask, condition }: TokensInput): Tensor {
    const first = conditioned(scope.child("first"), x, condition);
    const looking = { heads, gain: LAST_GAIN, ...(mask && { mask }) };
    const h = add(x, selfAttention(scope.child("attention"), first, looking));
    const second = conditioned(scope.child("second"), h, condition);
    const inner = dense(scope.child("inner"), second, expansion * width, heNormal());
    const kept = dropout(scope, activate(resolved.activation, inner), resolved.dropout);
    return add(h, dense(scope.child("outer"), kept, width, glorotUniform(LAST_GAIN)));
  }

  return {
    kind: settings.kind,
    width,
    apply: (scope, tokens, input = {}) => {
      let x = tokens;
      for (let i = 0; i < blocks; i++) x = block(scope.child(`block${i}`), x, input);
      return conditioned(scope.child("last"), x, input.condition);
    },
    describe: () => settings.describe(resolved),
  };
}
transformer.settings = settings;

/** @throws InvalidArgumentError where heads do not divide a width. */
export function requireHeads(what: string, width: number, heads: number): void {
  if (width % heads === 0) return;
  throw new InvalidArgumentError(
    `${what}: the width must be a multiple of the heads, but ${heads} heads do not divide ${width}`,
  );
}

/** norm(x), scaled and shifted by the condition where there is one. */
function conditioned(scope: Scope, x: Tensor, condition: Tensor | undefined): Tensor {
  const normal = layerNormalization(scope.child("normalization"), x);
  if (condition === undefined) return normal;
  const width = Number(x.shape.at(-1));
  const both = dense(scope.child("condition"), condition, 2 * width, glorotUniform(LAST_GAIN));
  const [scale = both, shift = both] = split(both, [width, width], -1);
  return add(mul(normal, add(scale, 1)), shift);
}
