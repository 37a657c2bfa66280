/**
 * Networks of sets: replicates, trials, any elements without order.
 *
 *     S(Z) = ρ( pool { φ(z_i) : i },  log n ),
 *
 * where φ sees one element at a time and the pooling is symmetric, so that the order of the elements cannot matter, and every continuous function of a set
 * can be written so (Zaheer et al. 2017, arXiv 1703.06114). A mean tells of the whole set and a maximum of its extremes; neither says how many elements
 * there are, so that ρ is told log n where that differs. Elements that are not there take no part; of an element that lacks a value φ is told which.
 */
import {
  concat,
  greater,
  InvalidArgumentError,
  div,
  log,
  max,
  maximum,
  mean,
  mul,
  reshape,
  sum,
  where,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import { z } from "zod";
import { presenceName } from "../data/standardization.js";
import { whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { mlp } from "./mlp.js";
import { networkSlot, type SummaryNetwork } from "./network.js";

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
      .array(z.enum(["mean", "max"]))
      .min(1)
      .refine((all) => new Set(all).size === all.length, { error: "must not name a way twice" })
      .readonly()
      .default(["mean", "max"]),
    /** ρ, from pooled features to the summary. */
    rho: networkSlot.default(() => mlp({ hidden: [128], activation: "silu" })),
    /** Length of the summary. */
    outputs: whole.default(32),
  }),
);

/** Settings of a network of sets. */
export type DeepSetOptions = z.input<typeof settings.schema>;

/** Below all features. */
const LEAST = -1e30;

/**
 * A summary network of sets: [n, ...shape], whose first axis are the elements; of [n], each is a number. Several sets are pooled each by itself, and
 * go into ρ together.
 *
 * @param options defaults: φ and ρ with one hidden layer of 128 and SiLU, 128 features pooled by mean and maximum, a summary of 32 numbers.
 * @throws InvalidArgumentError where a setting is out of range; when applied, where an array is a single number.
 * @example npe(model, { summary: deepSet({ pooling: ["mean"], features: 64 }) })
 */
export function deepSet(options: DeepSetOptions = {}): SummaryNetwork {
  const resolved = settings.resolve(options);
  const { phi, features, pooling, rho, outputs } = resolved;

  function pooled(scope: Scope, { elements, there }: Elements): readonly Tensor[] {
    const h = phi.apply(scope, elements, features);
    if (there === undefined) {
      return pooling.map((way) =>
        way === "mean" ? mean(h, { axes: [1] }) : max(h, { axes: [1] }),
      );
    }
    const count = sum(there, { axes: [1] });
    const largest = (): Tensor => max(where(greater(there, 0), h, LEAST), { axes: [1] });
    return [
      ...pooling.map((way) =>
        way === "mean"
          ? div(sum(mul(h, there), { axes: [1] }), maximum(count, 1))
          : where(greater(count, 0), largest(), 0),
      ),
      log(maximum(count, 1)),
    ];
  }

  return {
    kind: settings.kind,
    apply: (scope, data) => {
      const sets = setsOf(data);
      const parts = sets.flatMap(([name, elements]) =>
        pooled(scope.child("phi").child(name), elements),
      );
      return rho.apply(scope.child("rho"), concat(parts, -1), outputs);
    },
    describe: () => settings.describe(resolved),
  };
}
deepSet.settings = settings;

/** Elements [batch, n, d], and which of them are there, [batch, n, 1]; left out, all are. */
interface Elements {
  readonly elements: Tensor;
  readonly there?: Tensor;
}

/** All sets by name, without the indicators of what is there, which are with their sets. */
function setsOf(data: Readonly<Record<string, Tensor>>): readonly (readonly [string, Elements])[] {
  const indicators = new Set(Object.keys(data).map(presenceName));
  const sets = Object.entries(data)
    .filter(([name]) => !indicators.has(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (sets.length === 0) throw new InvalidArgumentError("deepSet: needs at least one data array");
  return sets.map(([name, array]) => [
    name,
    elementsOf(inElements(name, array), data[presenceName(name)]),
  ]);
}

function elementsOf(elements: Tensor, presence: Tensor | undefined): Elements {
  if (presence === undefined) return { elements };
  const present = reshape(presence, elements.shape);
  return {
    elements: concat([elements, present], -1),
    there: max(present, { axes: [2], keepDims: true }),
  };
}

function inElements(name: string, array: Tensor): Tensor {
  const [batch = 1, count, ...sizes] = array.shape;
  if (count === undefined) {
    throw new InvalidArgumentError(
      `deepSet: "${name}" should be [elements, ...shape], but is a single number; give it a network of its own with joinedSummary(...)`,
    );
  }
  return reshape(array, [batch, count, sizes.reduce<number>((n, size) => n * Number(size), 1)]);
}
