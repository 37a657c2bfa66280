/**
 * Residual network whose blocks are modulated by time and context: the usual vector field of densities over few numbers.
 *
 *     e = W a(A context + B τ̂ + b) + c;     h = D u + E e;     h ← h + V a((1 + s) ⊙ W a(h) + t)  for each block, with s and t linear in e,
 *
 * where τ̂ are the times and sines and cosines of them. Shifting and scaling layers by what they depend on (Perez et al. 2018, arXiv 1709.07871;
 * Peebles & Xie 2023, arXiv 2212.09748) costs nothing a draw: s and t are the same for all draws from one context at one time. Blocks begin near the
 * identity and the output near zero.
 */
import {
  add,
  concat,
  cos,
  glorotUniform,
  heNormal,
  matmul,
  mul,
  sin,
  split,
  type Initializer,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { activate, activation } from "./activations.js";
import { dense } from "./mlp.js";
import type { VectorField } from "./vector-field.js";

const settings = new Settings(
  "vectorField",
  "modulatedResidual",
  z.strictObject({
    /** Width of all layers. */
    width: whole.default(128),
    /** Blocks of two layers each. */
    blocks: whole.default(3),
    /** Length of what modulates them. */
    embedding: whole.default(32),
    activation: activation.default("silu"),
  }),
);

/** Settings of a modulated residual network. */
export type ModulatedResidualOptions = z.input<typeof settings.schema>;

/** Blocks' last layers, and the network's, start this much smaller than usual. */
const [BLOCK_GAIN, LAST_GAIN] = [0.3, 0.02];

/** Frequencies of sines and cosines of a time between 0 and 1, in half periods. */
const FREQUENCIES = [1, 2, 4];

/**
 * A residual network modulated by time and context.
 *
 * @param options defaults: three blocks of width 128, SiLU
 * @throws InvalidArgumentError where a setting is out of range.
 * @example npe(model, { density: flowMatching({ field: modulatedResidual({ width: 64, blocks: 4 }) }) })
 */
export function modulatedResidual(options: ModulatedResidualOptions = {}): VectorField {
  const resolved = settings.resolve(options);
  const { width, blocks, embedding: size, activation } = resolved;
  const act = (x: Tensor): Tensor => activate(activation, x);

  function block(scope: Scope, h: Tensor, e: Tensor): Tensor {
    const both = dense(scope.child("modulation"), e, 2 * width, glorotUniform());
    const [shift = e, scale = e] = split(both, [width, width], -1);
    const inner = dense(scope.child("first"), act(h), width, heNormal());
    const modulated = add(mul(inner, add(scale, 1)), shift);
    return add(h, dense(scope.child("second"), act(modulated), width, glorotUniform(BLOCK_GAIN)));
  }

  return {
    kind: settings.kind,
    apply: (scope, u, times, context) => {
      const e = embedding(scope, times, context, size, act);
      const start = dense(scope.child("start"), e, width, heNormal());
      let h = add(product(scope.child("input"), u, width, glorotUniform()), start);
      for (let i = 0; i < blocks; i++) h = block(scope.child(`block${i}`), h, e);
      return dense(scope.child("output"), act(h), Number(u.shape.at(-1)), glorotUniform(LAST_GAIN));
    },
    describe: () => settings.describe(resolved),
  };
}
modulatedResidual.settings = settings;

/** e: what the time and the context have to say, [..., size]. */
export function embedding(
  scope: Scope,
  times: Tensor,
  context: Tensor,
  size: number,
  act: (x: Tensor) => Tensor,
): Tensor {
  const ofContext = dense(scope.child("context"), context, 2 * size, heNormal());
  const ofTime = product(scope.child("time"), waves(times), 2 * size, glorotUniform());
  return dense(scope.child("embedding"), act(add(ofContext, ofTime)), size, heNormal());
}

/** A layer without a bias, where another one beside it has one. */
function product(scope: Scope, x: Tensor, width: number, initializer: Initializer): Tensor {
  return matmul(x, scope.variable("weight", [Number(x.shape.at(-1)), width], initializer));
}

/** Times, and their sines and cosines: [..., τ] to [..., 7 τ]. */
export function waves(times: Tensor): Tensor {
  const angles = FREQUENCIES.map((frequency) => mul(times, Math.PI * frequency));
  return concat([times, ...angles.flatMap((angle) => [sin(angle), cos(angle)])], -1);
}
