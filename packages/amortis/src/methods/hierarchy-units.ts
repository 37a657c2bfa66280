/**
 * What networks make of groups: a vector of each innermost group by what its data are, and of each group above it, and of all groups together, by the set of those within it.
 *
 *     s_j = S(Z_j),      s = G({ s_j : j })
 */
import {
  add,
  cast,
  concat,
  greater,
  max,
  mul,
  multiplyDims,
  reshape,
  slice,
  squeeze,
  type Named,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import { mayLack, type ArraySpecs } from "../data/array-spec.js";
import { presenceName } from "../data/standardization.js";
import type { SummaryNetwork } from "../networks/network.js";

/** Networks of groups. */
export interface GroupNetworks {
  /** S, of one innermost group. */
  readonly summary: SummaryNetwork;
  /** G, of a set of vectors, the array `units`. */
  readonly groups: SummaryNetwork;
}

/** Vectors of groups [..., groups, k], and which are there [..., groups, 1]. */
export interface Units {
  readonly vectors: Tensor;
  readonly there: Tensor;
}

/** The vector of each innermost group, [rows, k], of data [rows, ...shape] as networks see them. */
export function unitVectors({ summary }: GroupNetworks, scope: Scope, data: Named): Tensor {
  return summary.apply(scope.child("summary"), data);
}

/**
 * The vector of groups by those within them: [batch, groups, k] to [batch, k'].
 *
 * @param depth of the level within: 0 for the outermost, whose groups together are what tells of the globals.
 */
export function together(
  { groups }: GroupNetworks,
  scope: Scope,
  { vectors, there }: Units,
  depth: number,
): Tensor {
  // Of an element that is there all of its numbers are.
  const present = cast(greater(add(mul(vectors, 0), there), 0), vectors.dtype);
  return groups.apply(scope.child(`groups${depth}`), {
    units: mul(vectors, there),
    [presenceName("units")]: present,
  });
}

/** Vectors of the first group of each level, outermost first, each [batch, k]; and before them that of all groups together. */
export function firstVectors(
  networks: GroupNetworks,
  scope: Scope,
  data: Named,
  innermost: ArraySpecs,
  levels: number,
): readonly Tensor[] {
  const names = Object.keys(innermost);
  const [first] = names.flatMap((name) => data[name] ?? []);
  if (first === undefined) throw new TypeError("a model has data");
  const sizes = first.shape.slice(0, levels + 1);
  const rows = multiplyDims([...sizes]);
  const seen: Record<string, Tensor> = {};
  const presences: Tensor[] = [];
  for (const [name, spec] of Object.entries(innermost)) {
    const [array, present] = [data[name], data[presenceName(name)]];
    if (array === undefined || present === undefined) continue;
    seen[name] = reshape(array, [rows, ...spec.shape]);
    const marks = reshape(present, [rows, ...spec.shape]);
    if (mayLack(spec)) seen[presenceName(name)] = marks;
    presences.push(
      spec.shape.length === 0
        ? reshape(marks, [rows, 1])
        : max(reshape(marks, [rows, multiplyDims([...spec.shape])]), {
            axes: [-1],
            keepDims: true,
          }),
    );
  }
  let units: Units = {
    vectors: unitVectors(networks, scope, seen),
    there: max(concat(presences, -1), { axes: [-1], keepDims: true }),
  };
  const found: Tensor[] = [];
  for (let depth = levels - 1; depth >= 0; depth--) {
    const above = sizes.slice(0, depth + 1);
    const shaped = (x: Tensor): Tensor =>
      reshape(x, [multiplyDims([...above]), sizes[depth + 1] ?? 1, x.shape.at(-1) ?? 1]);
    const nested = { vectors: shaped(units.vectors), there: shaped(units.there) };
    found.unshift(firstOf(nested.vectors, above));
    units = {
      vectors: together(networks, scope, nested, depth),
      there: max(nested.there, { axes: [1] }),
    };
  }
  return [units.vectors, ...found];
}

/** Of vectors [batch * ..., groups, k], the first of each data set, [batch, k]. */
function firstOf(vectors: Tensor, above: readonly (number | string)[]): Tensor {
  const [batch = 1] = above;
  const within = multiplyDims([...above.slice(1), vectors.shape[1] ?? 1]);
  const all = reshape(vectors, [batch, within, vectors.shape.at(-1) ?? 1]);
  return squeeze(slice(all, 1, 0, 1), [1]);
}
