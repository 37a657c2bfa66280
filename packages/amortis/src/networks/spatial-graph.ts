/**
 * Graph networks of irregular space: places that hear of their neighbours, by distance.
 *
 *     h_i ← a( W h_i + Σ_c V_c Σ_j w_c(d_ij) h_j / Σ_j w_c(d_ij) ),
 *
 * over the neighbours j of place i: the k nearest, those within a radius, or all. The weights are learned functions of distance, w_c(d) = exp(-(d / ℓ_c)²), or
 * indicators of distance classes (Sainsbury-Dale, Zammit-Mangion, Richards & Huser 2025, "Neural Bayes estimators for irregular spatial data using graph neural
 * networks", arXiv 2310.02600). Weighted means do not depend on how many places there are. Beside its numbers, a place begins with its own variogram, as experts
 * would look at it: log Σ_j w_c(d_ij) (z_i - z_j)² / Σ_j w_c(d_ij). Places then are pooled, whatever their order and number.
 */
import {
  add,
  cast,
  concat,
  constant,
  cumsum,
  div,
  exp,
  expandDims,
  gatherElements,
  glorotUniform,
  greater,
  InvalidArgumentError,
  lessEqual,
  log,
  logicalAnd,
  matmul,
  maximum,
  minimum,
  mul,
  neg,
  reshape,
  sort,
  split,
  square,
  sub,
  sum,
  transpose,
  where,
  zerosLike,
  type Initializer,
  type Named,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { presenceName } from "../data/standardization.js";
import { positive, whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { activate, activation } from "./activations.js";
import { oneSet, type Elements } from "./elements.js";
import { dense, mlp } from "./mlp.js";
import { networkSlot, type SummaryNetwork } from "./network.js";
import { layerNormalization } from "./normalization.js";
import { logCount, pool, POOLINGS } from "./pooling.js";

const settings = new Settings(
  "summary",
  "spatialGraph",
  z.strictObject({
    /** The array of locations, [n, coordinates]; all others are numbers at these places. */
    locations: z.string().default("s"),
    /** Neighbours of a place: the k nearest, those within a radius, both, or by default all. */
    neighbours: z
      .strictObject({ nearest: whole.exactOptional(), radius: positive.exactOptional() })
      .default({}),
    /** Functions of distance that are learned; or upper ends of distance classes, increasing. Distances are in standard deviations of the coordinates. */
    distances: z.union([whole, z.array(positive).min(1).readonly()]).default(6),
    /** Width of a place within. */
    width: whole.default(32),
    /** Rounds in which places hear of their neighbours. */
    layers: whole.default(2),
    activation: activation.default("silu"),
    /** Whether places begin with their variograms. */
    variogram: z.boolean().default(true),
    /** How places are pooled; of several ways, one after another. */
    pooling: z.array(z.enum(POOLINGS)).min(1).readonly().default(["mean", "max"]),
    /** ρ, from pooled places, and log n, to the summary. */
    rho: networkSlot.default(() => mlp({ hidden: [128], activation: "silu" })),
    /** Length of the summary. */
    outputs: whole.default(32),
  }),
);

/** Settings of a graph network of space. */
export type SpatialGraphOptions = z.input<typeof settings.schema>;

/** Shortest and longest scale at which learned functions begin, in standard deviations of the coordinates. */
const SCALES = [0.1, 1.5] as const;

/** Added where a sum of weights may be none, and under logarithms. */
const SMALL = 1e-5;

/** Farther than all places. */
const FAR = 1e30;

/**
 * A graph network of irregular space.
 *
 * @param options defaults: locations "s", all places are neighbours, six learned functions of distance, two rounds of width 32, variograms, a summary of 32 numbers.
 * @throws InvalidArgumentError where a setting is out of range; when applied, where there are no locations, or nothing at them.
 * @example
 * // data: { s: ["n", 2], z: ["n"] }
 * npe(field, { summary: spatialGraph({ neighbours: { nearest: 20 } }) })
 */
export function spatialGraph(options: SpatialGraphOptions = {}): SummaryNetwork {
  const resolved = settings.resolve(options);
  const { locations, neighbours, distances, width, layers, pooling, rho, outputs } = resolved;

  return {
    kind: settings.kind,
    apply: (scope, data) => {
      const { places, values } = apart(locations, data);
      const { there } = values;
      const squared = squaredDistances(places);
      const near = neighboursOf(squared, there, neighbours);
      const shares = normalized(edgeWeights(scope.child("edges"), squared, distances), near);
      const start = resolved.variogram
        ? concat([values.elements, variograms(shares, values.values)], -1)
        : values.elements;
      let h = dense(scope.child("start"), start, width, glorotUniform());
      for (let i = 0; i < layers; i++) {
        const layer = scope.child(`layer${i}`);
        const normal = layerNormalization(layer.child("normalization"), h);
        const heard = dense(layer.child("heard"), told(shares, normal), width, glorotUniform());
        const own = dense(layer.child("own"), normal, width, glorotUniform());
        h = add(h, activate(resolved.activation, add(own, heard)));
      }
      const last = layerNormalization(scope.child("last"), h);
      const parts = pooling.map((way) => pool(scope, way, last, there));
      if (resolved.variogram) parts.push(pool(scope, "mean", start, there));
      if (there !== undefined) parts.push(logCount(there));
      return rho.apply(scope.child("rho"), concat(parts, -1), outputs);
    },
    describe: () => settings.describe(resolved),
  };
}
spatialGraph.settings = settings;

/** Locations [batch, n, c], and what is there at them. */
function apart(
  locations: string,
  data: Named,
): { readonly places: Tensor; readonly values: Elements } {
  const { [locations]: places, ...others } = data;
  const rest = Object.entries(others).filter(([name]) => name !== presenceName(locations));
  if (places === undefined || places.rank !== 3 || rest.length === 0) {
    throw new InvalidArgumentError(
      `spatialGraph: needs locations "${locations}" [n, coordinates] and an array of numbers at them, but there are ${Object.keys(data).join(", ")}: name the locations in its settings`,
    );
  }
  return { places, values: oneSet(settings.kind, Object.fromEntries(rest)) };
}

/** [batch, n, n], coordinate by coordinate, so that near places lose no digits. */
function squaredDistances(places: Tensor): Tensor {
  const c = Number(places.shape[2]);
  const coordinates = split(
    places,
    Array.from({ length: c }, () => 1),
    -1,
  );
  return coordinates
    .map((x) => square(sub(x, transpose(x, [0, 2, 1]))))
    .reduce((total, part) => add(total, part));
}

/** 1 where place j (last axis) is a neighbour of place i, itself excepted, [batch, n, n]. */
function neighboursOf(
  squared: Tensor,
  there: Tensor | undefined,
  { nearest, radius }: { readonly nearest?: number; readonly radius?: number },
): Tensor {
  // Places that coincide are neighbours too, but a place is none of its own.
  const others = differentPlaces(squared);
  const known = there === undefined ? others : mul(others, transpose(there, [0, 2, 1]));
  let near = greater(known, 0);
  if (radius !== undefined) near = logicalAnd(near, lessEqual(squared, radius ** 2));
  if (nearest !== undefined) {
    const candidates = where(near, squared, FAR);
    near = logicalAnd(near, lessEqual(candidates, nearestOf(candidates, nearest)));
  }
  return cast(near, squared.dtype);
}

/** 1 but on the diagonal, [batch, n, n], for any n. */
function differentPlaces(squared: Tensor): Tensor {
  const ones = add(zerosLike(squared), 1);
  const rows = cumsum(ones, -2);
  const columns = cumsum(ones, -1);
  return cast(greater(square(sub(rows, columns)), 0), squared.dtype);
}

/** The k-th smallest along the last axis, [batch, n, 1]; the largest there is where there are fewer. */
function nearestOf(x: Tensor, k: number): Tensor {
  const size = sum(add(zerosLike(x), 1), { axes: [-1], keepDims: true });
  const last = cast(minimum(sub(size, 1), k - 1), "int64");
  return gatherElements(sort(x, -1), last, -1);
}

/** Weights by distance, [batch, C, n, n]. */
function edgeWeights(scope: Scope, squared: Tensor, distances: number | readonly number[]): Tensor {
  const of = expandDims(squared, 1);
  if (typeof distances !== "number") return classes(of, distances);
  const scales = scope.variable("scales", [distances, 1, 1], logScales);
  // exp(-(d / ℓ)²), ℓ = e^scale.
  return exp(neg(mul(of, exp(mul(scales, -2)))));
}

/** Logarithms of scales, evenly from the shortest to the longest. */
const logScales: Initializer = ([count = 1]) => {
  const [from, to] = [Math.log(SCALES[0]), Math.log(SCALES[1])];
  const step = (to - from) / Math.max(1, count - 1);
  return Float64Array.from({ length: count }, (_, i) => from + step * i);
};

/** 1 where a distance is within a class, from the end of the one before to its own. */
function classes(squared: Tensor, ends: readonly number[]): Tensor {
  const shape = [ends.length, 1, 1];
  const to = constant(
    ends.map((end) => end ** 2),
    shape,
  );
  const from = constant(
    ends.map((_, i) => (i === 0 ? -1 : (ends[i - 1] ?? 0) ** 2)),
    shape,
  );
  return cast(logicalAnd(greater(squared, from), lessEqual(squared, to)), squared.dtype);
}

/** Weights of neighbours as shares of their sum; where there is none, zero. */
function normalized(weights: Tensor, near: Tensor): Tensor {
  const own = mul(weights, expandDims(near, 1));
  return div(own, maximum(sum(own, { axes: [-1], keepDims: true }), SMALL));
}

/** What places hear, by each function of distance: of [batch, n, k], [batch, n, C k]. */
function told(shares: Tensor, h: Tensor): Tensor {
  const heard = transpose(matmul(shares, expandDims(h, 1)), [0, 2, 1, 3]);
  const [batch = 1, n = 1, c = 1, k = 1] = heard.shape;
  return reshape(heard, [batch, n, Number(c) * Number(k)]);
}

/** Logarithms of local variograms, [batch, n, C d]. */
function variograms(shares: Tensor, values: Tensor): Tensor {
  const z = expandDims(values, 1);
  const total = sum(shares, { axes: [-1], keepDims: true });
  const [first, second] = [matmul(shares, z), matmul(shares, square(z))];
  const spread = add(sub(mul(square(z), total), mul(mul(z, 2), first)), second);
  const logs = transpose(log(add(maximum(spread, 0), SMALL)), [0, 2, 1, 3]);
  const [batch = 1, n = 1, c = 1, d = 1] = logs.shape;
  return reshape(logs, [batch, n, Number(c) * Number(d)]);
}
