/**
 * Gated residual network.
 *
 *     h = W x + b;     h ← h + dropout(V a(W a(h) + b) + c) ⊙ σ(...)  for each block;     y = W a(h) + b,
 *
 * where a gated linear unit lets each block open and close parts of what it adds (Dauphin et al. 2017, arXiv 1612.08083), around activations before the
 * layers (He et al. 2016, arXiv 1603.05027), as in the conditioners of neural spline flows (Durkan et al. 2019, arXiv 1906.04032). Gates begin half
 * open and what they let through near zero, so that many blocks train as easily as few.
 */
import {
  add,
  glorotUniform,
  heNormal,
  mul,
  sigmoid,
  split,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { share, whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { activate, activation } from "./activations.js";
import { dense } from "./mlp.js";
import type { Network, SummaryNetwork } from "./network.js";
import { dropout } from "./normalization.js";
import { flattenData, withNetwork } from "./summary.js";

const settings = new Settings(
  "network",
  "gatedResidual",
  z.strictObject({
    /** Width of all layers. */
    width: whole.default(128),
    /** Blocks of two layers each. */
    blocks: whole.default(2),
    activation: activation.default("silu"),
    /** Share of units within a block set to zero at each training step. */
    dropout: share.default(0),
  }),
);

/** Settings of a gated residual network. */
export type GatedResidualOptions = z.input<typeof settings.schema>;

/** The last layer of a block starts this much smaller than usual. */
const LAST_GAIN = 0.1;

/**
 * A gated residual network.
 *
 * @param options defaults: two blocks of width 128, SiLU, no dropout
 * @throws InvalidArgumentError where a setting is out of range.
 * @example nbe(field, { head: gatedResidual({ width: 64, blocks: 3 }) })
 */
export function gatedResidual(options: GatedResidualOptions = {}): Network {
  const resolved = settings.resolve(options);
  const { width, blocks, activation } = resolved;

  function block(scope: Scope, h: Tensor): Tensor {
    const inner = dense(scope.child("first"), activate(activation, h), width, heNormal());
    const kept = dropout(scope, activate(activation, inner), resolved.dropout);
    const both = dense(scope.child("second"), kept, 2 * width, glorotUniform(LAST_GAIN));
    const [value = both, gate = both] = split(both, [width, width], -1);
    return add(h, mul(value, sigmoid(gate)));
  }

  return {
    kind: settings.kind,
    apply: (scope, x, outputs) => {
      let h = dense(scope.child("input"), x, width, glorotUniform());
      for (let i = 0; i < blocks; i++) h = block(scope.child(`block${i}`), h);
      return dense(scope.child("output"), activate(activation, h), outputs, glorotUniform());
    },
    describe: () => settings.describe(resolved),
  };
}
gatedResidual.settings = settings;

const summarySettings = new Settings(
  "summary",
  "gatedResidualSummary",
  z.strictObject({
    /** Length of the summary. */
    outputs: whole.default(32),
    ...settings.schema.shape,
  }),
  { alias: "gatedResidual", before: settings.before, fromFile: withNetwork },
);

/** Settings of a summary by a gated residual network. */
export type GatedResidualSummaryOptions = z.input<typeof summarySettings.schema>;

/**
 * A gated residual network of all data, flattened and joined.
 *
 * @param options defaults: two blocks of width 128, a summary of 32 numbers
 * @example npe(model, { summary: gatedResidualSummary({ blocks: 4 }) })
 */
export function gatedResidualSummary(options: GatedResidualSummaryOptions = {}): SummaryNetwork {
  const { outputs, ...rest } = summarySettings.resolve(options);
  const network = gatedResidual(rest);
  return {
    kind: summarySettings.kind,
    apply: (scope, data) => network.apply(scope, flattenData(data), outputs),
    describe: () => summarySettings.describe({ outputs, network }),
  };
}
gatedResidualSummary.settings = summarySettings;
