/**
 * Networks of sets: replicates, trials, any elements without order.
 *
 *     S(Z) = ρ( pool { φ(z_i) : i },  log n ),
 *
 * where φ sees one element at a time and the pooling is symmetric, so that the order of the elements cannot matter, and every continuous function of a set
 * can be written so (Zaheer et al. 2017, arXiv 1703.06114). A mean tells of the whole set and a maximum of its extremes; neither says how many elements
 * there are, so that ρ is told log n where that differs. Elements that are not there take no part; of an element that lacks a value φ is told which.
 */
import { concat, multiplyDims, reshape, transpose, type Scope, type Tensor } from "@amortis/graph";
import * as z from "zod";
import { whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { setsIn, type Elements } from "./elements.js";
import { mlp } from "./mlp.js";
import { networkSlot, summarySlot, type SummaryNetwork } from "./network.js";
import { logCount, pool, POOLINGS } from "./pooling.js";

const settings = new Settings(
  "summary",
  "deepSet",
  z.strictObject({
    /** φ, from an element to its features. */
    phi: networkSlot.default(() => mlp({ hidden: [128], activation: "silu" })),
    /** Features of each element, which are pooled. */
    features: whole.default(128),
    /** How features are pooled; of several ways, one after another. */
    pooling: z
      .array(z.enum(POOLINGS))
      .min(1)
      .refine((all) => new Set(all).size === all.length, { error: "must not name a way twice" })
      .readonly()
      .default(["mean", "max"]),
    /** What is made of each element before φ: a network of grids, for instance, where elements are fields. By default nothing. */
    each: summarySlot.optional(),
    /** Whether all arrays are numbers of the same elements, side by side; else each is a set of its own. */
    join: z.boolean().default(false),
    /** ρ, from pooled features to the summary. */
    rho: networkSlot.default(() => mlp({ hidden: [128], activation: "silu" })),
    /** Length of the summary. */
    outputs: whole.default(32),
  }),
  { before: { join: false } },
);

/** Settings of a network of sets. */
export type DeepSetOptions = z.input<typeof settings.schema>;

/**
 * A summary network of sets: [n, ...shape], whose first axis are the elements; of [n], each is a number. Several sets are pooled each by itself, and
 * go into ρ together; with `join`, they are numbers of the same elements.
 *
 * @param options defaults: φ and ρ with one hidden layer of 128 and SiLU, 128 features pooled by mean and maximum, a summary of 32 numbers.
 * @throws InvalidArgumentError where a setting is out of range; when applied, where an array is a single number.
 * @example npe(model, { summary: deepSet({ pooling: ["mean"], features: 64 }) })
 */
export function deepSet(options: DeepSetOptions = {}): SummaryNetwork {
  const resolved = settings.resolve(options);
  const { phi, features, pooling, each, join, rho, outputs } = resolved;

  function pooled(scope: Scope, set: Elements): readonly Tensor[] {
    const { there } = set;
    const seen = each === undefined ? set.elements : apart(scope.child("each"), each, set);
    const h = phi.apply(scope, seen, features);
    return [
      ...pooling.map((way) => pool(scope, way, h, there)),
      ...(there === undefined ? [] : [logCount(there)]),
    ];
  }

  return {
    kind: settings.kind,
    apply: (scope, data) => {
      const parts = setsIn(settings.kind, data, join).flatMap(([name, elements]) =>
        pooled(scope.child("phi").child(name), elements),
      );
      return rho.apply(scope.child("rho"), concat(parts, -1), outputs);
    },
    describe: () => settings.describe(resolved),
  };
}
deepSet.settings = settings;

/** Each element by a network of its own kind: [batch, n, d] to [batch, n, k]. */
function apart(
  scope: Scope,
  network: SummaryNetwork,
  { elements, shape, there }: Elements,
): Tensor {
  const [batch = 1, n = 1, d = 1] = elements.shape;
  const all = multiplyDims([batch, n]);
  // Values and indicators are channels of one element.
  const rows =
    shape === undefined
      ? reshape(elements, [all, d])
      : there === undefined
        ? reshape(elements, [all, ...shape])
        : transpose(reshape(elements, [all, 2, ...shape]), [0, ...shape.map((_, i) => i + 2), 1]);
  const found = network.apply(scope, { element: rows });
  return reshape(found, [batch, n, found.shape[1] ?? 1], elements);
}
