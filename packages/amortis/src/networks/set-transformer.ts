/**
 * Set transformers: elements that look at each other, by way of a few learned points.
 *
 *     H = B(I, X),   X ← B(X, H),      B(Q, K) = Q + A(Q, K) + r(Q + A(Q, K)),
 *
 * where A is attention and r a network of each token: m elements look at k inducing points I, which have looked at them, so that the cost goes by m k instead of
 * m² (Lee et al. 2019, arXiv 1810.00825, sections 3.1 and 3.2; normalisation goes before each part, as trains more easily). Elements then are pooled by
 * attention. Relations between elements, such as clusters, ties and distances, are seen where networks of elements one by one see none.
 */
import { add, concat, glorotUniform, transpose, type Scope, type Tensor } from "@amortis/graph";
import * as z from "zod";
import { whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { activate, activation } from "./activations.js";
import { crossAttention } from "./attention.js";
import { setsIn, type Elements } from "./elements.js";
import { dense, mlp } from "./mlp.js";
import { networkSlot, type SummaryNetwork } from "./network.js";
import { layerNormalization } from "./normalization.js";
import { logCount, pool } from "./pooling.js";
import { requireHeads } from "./transformer.js";

const settings = new Settings(
  "summary",
  "setTransformer",
  z.strictObject({
    /** Width of an element within. */
    width: whole.default(64),
    /** Rounds in which elements look at the inducing points. */
    blocks: whole.default(2),
    /** Heads of the attention, which divide the width. */
    heads: whole.default(4),
    /** Inducing points of each round. */
    points: whole.default(16),
    activation: activation.default("silu"),
    /** Whether all arrays are numbers of the same elements, side by side; else each is a set of its own. */
    join: z.boolean().default(false),
    /** ρ, from pooled elements, and log m, to the summary. */
    rho: networkSlot.default(() => mlp({ hidden: [128], activation: "silu" })),
    /** Length of the summary. */
    outputs: whole.default(32),
  }),
);

/** Settings of a set transformer. */
export type SetTransformerOptions = z.input<typeof settings.schema>;

/** The last map of a part starts this much smaller than usual. */
const LAST_GAIN = 0.1;

/**
 * A set transformer of sets [n, ...shape], or of several sets each by itself.
 *
 * @param options defaults: width 64, two rounds of four heads by 16 points, SiLU, a summary of 32 numbers.
 * @throws InvalidArgumentError where a setting is out of range, or the heads do not divide the width.
 * @example npe(model, { summary: setTransformer({ points: 32 }) })
 */
export function setTransformer(options: SetTransformerOptions = {}): SummaryNetwork {
  const resolved = settings.resolve(options);
  const { width, blocks, heads, points, join, rho, outputs } = resolved;
  requireHeads(settings.kind, width, heads);

  /** B(Q, K). */
  function block(scope: Scope, queries: Tensor, tokens: Tensor, mask?: Tensor): Tensor {
    const [q, k] = [queries, tokens].map((x, i) =>
      layerNormalization(scope.child(`normalization${i}`), x),
    );
    const looking = { heads, gain: LAST_GAIN, ...(mask && { mask }) };
    const looked = crossAttention(scope.child("attention"), q ?? queries, k ?? tokens, looking);
    const h = add(queries, looked);
    const normal = layerNormalization(scope.child("normalization"), h);
    const inner = dense(scope.child("inner"), normal, 2 * width, glorotUniform());
    const outer = activate(resolved.activation, inner);
    return add(h, dense(scope.child("outer"), outer, width, glorotUniform(LAST_GAIN)));
  }

  function pooled(scope: Scope, { elements, there }: Elements): readonly Tensor[] {
    // Which elements are looked at, [batch, 1, n].
    const mask = there && transpose(there, [0, 2, 1]);
    let x = dense(scope.child("elements"), elements, width, glorotUniform());
    for (let i = 0; i < blocks; i++) {
      const round = scope.child(`block${i}`);
      const seeds = round.variable("points", [1, points, width], glorotUniform());
      x = block(round.child("from"), x, block(round.child("to"), seeds, x, mask));
    }
    const last = layerNormalization(scope.child("last"), x);
    return [
      pool(scope, "attention", last, there),
      pool(scope, "mean", last, there),
      ...(there === undefined ? [] : [logCount(there)]),
    ];
  }

  return {
    kind: settings.kind,
    apply: (scope, data) => {
      const sets = setsIn(settings.kind, data, join);
      const parts = sets.flatMap(([name, set]) => pooled(scope.child("set").child(name), set));
      return rho.apply(scope.child("rho"), concat(parts, -1), outputs);
    },
    describe: () => settings.describe(resolved),
  };
}
setTransformer.settings = settings;
