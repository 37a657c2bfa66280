/**
 * Expert statistics of sets: what statisticians would look at, in the place of features that are learned, or beside them.
 *
 *     mean          of each number
 *     covariance    Σ (z_i - z̄)(z_i - z̄)ᵀ / (m - 1), its lower triangle; of one element, zero
 *     quantiles     of each number, between order statistics as R's and NumPy's default
 *     differences   mean of |a z_j - (1 - a) z_k|^b over elements, for each pair of numbers and a few learned a in (0, 1), b > 0: the power differences of
 *                   NeuralEstimators (Sainsbury-Dale, Zammit-Mangion & Huser 2024, arXiv 2208.12942)
 *     count         log m
 */
import {
  add,
  cast,
  concat,
  constant,
  div,
  exp,
  floor,
  gather,
  gatherElements,
  greater,
  log,
  matmul,
  maximum,
  mul,
  reshape,
  sigmoid,
  softplus,
  sort,
  square,
  sub,
  sum,
  where,
  zerosInit,
  zerosLike,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { Settings } from "../settings/settings.js";
import { setsIn, type Elements } from "./elements.js";
import type { SummaryNetwork } from "./network.js";
import { logCount } from "./pooling.js";

const settings = new Settings(
  "summary",
  "setStatistics",
  z.strictObject({
    mean: z.boolean().default(true),
    covariance: z.boolean().default(true),
    /** Levels of quantiles, within (0, 1). */
    quantiles: z.array(z.number().gt(0).lt(1)).readonly().default([]),
    /** Power differences that are learned, of each pair of numbers. */
    differences: z.int().min(0).default(0),
    /** Whether all arrays are numbers of the same elements, side by side; else each is a set of its own. */
    join: z.boolean().default(false),
  }),
);

/** Which statistics. */
export type SetStatisticsOptions = z.input<typeof settings.schema>;

/** Beyond all values: where those that are not there go in order. */
const BEYOND = 1e30;

/** Under the root of a difference's square, where its power has no slope. */
const SMALL = 1e-6;

/**
 * Expert statistics of sets [n, ...shape], or of several sets each by itself. What is not there takes no part.
 *
 * @param options defaults: mean and covariance, and log m where that varies.
 * @throws InvalidArgumentError where a setting is out of range.
 * @example
 * joinedSummary({ parts: [{ arrays: ["y"], network: deepSet() }, { arrays: ["y"], network: setStatistics({ quantiles: [0.1, 0.5, 0.9] }) }] })
 */
export function setStatistics(options: SetStatisticsOptions = {}): SummaryNetwork {
  const resolved = settings.resolve(options);
  const { mean, covariance, quantiles, differences, join } = resolved;

  function statistics(scope: Scope, { values, present, there }: Elements): readonly Tensor[] {
    const weights = present ?? add(zerosLike(values), 1);
    const count = maximum(sum(weights, { axes: [1], keepDims: true }), 1);
    const center = div(sum(mul(values, weights), { axes: [1], keepDims: true }), count);
    const d = Number(values.shape[2]);
    return [
      ...(mean ? [flat(center)] : []),
      ...(covariance ? [covariances(mul(sub(values, center), weights), weights)] : []),
      ...(quantiles.length > 0 ? [flat(quantilesOf(values, weights, quantiles))] : []),
      ...(differences > 0 && d > 1 ? [powers(scope, values, weights, differences)] : []),
      ...(there === undefined ? [] : [logCount(there)]),
    ];
  }

  return {
    kind: settings.kind,
    apply: (scope, data) => {
      const sets = setsIn(settings.kind, data, join);
      return concat(
        sets.flatMap(([name, set]) => statistics(scope.child(name), set)),
        -1,
      );
    },
    describe: () => settings.describe(resolved),
  };
}
setStatistics.settings = settings;

/** [batch, k, d] as [batch, k d]. */
function flat(x: Tensor): Tensor {
  const [batch = 1, k = 1, d = 1] = x.shape;
  return reshape(x, [batch, Number(k) * Number(d)]);
}

/** The lower triangle of the covariance: of deviations [batch, n, d], [batch, d (d + 1) / 2]. */
function covariances(deviations: Tensor, weights: Tensor): Tensor {
  const [batch = 1, , width = 1] = deviations.shape;
  const d = Number(width);
  const products = matmul(deviations, deviations, { transposeA: true });
  const pairs = matmul(weights, weights, { transposeA: true });
  const all = reshape(div(products, maximum(sub(pairs, 1), 1)), [batch, d * d]);
  const lower = pairsOf(d, true).map(([j, k]) => j * d + k);
  return gather(all, constant(lower, [lower.length], "int64"), 1);
}

/** Pairs of numbers, [later, earlier]. */
function pairsOf(d: number, equal: boolean): readonly (readonly [number, number])[] {
  return Array.from({ length: d }, (_, j) =>
    Array.from({ length: equal ? j + 1 : j }, (_, k) => [j, k] as const),
  ).flat();
}

/** Quantiles of each number, [batch, levels, d]; of no values, zero. */
function quantilesOf(values: Tensor, weights: Tensor, levels: readonly number[]): Tensor {
  const ordered = sort(where(greater(weights, 0), values, BEYOND), 1);
  const count = sum(weights, { axes: [1], keepDims: true });
  const last = maximum(sub(count, 1), 0);
  // [batch, levels, d]: the place between order statistics.
  const place = mul(last, constant(levels, [1, levels.length, 1]));
  const below = floor(place);
  const share = sub(place, below);
  const at = (places: Tensor): Tensor => gatherElements(ordered, cast(places, "int64"), 1);
  const [low, high] = [at(below), at(where(greater(share, 0), add(below, 1), below))];
  const found = add(low, mul(share, sub(high, low)));
  return where(greater(count, 0), found, 0);
}

/** Learned power differences, [batch, pairs · k]. */
function powers(scope: Scope, values: Tensor, weights: Tensor, k: number): Tensor {
  const pairs = pairsOf(Number(values.shape[2]), false);
  const column = (x: Tensor, places: readonly number[]): Tensor =>
    gather(x, constant(places, [places.length], "int64"), 2);
  const [first, second] = [pairs.map(([j]) => j), pairs.map(([, i]) => i)];
  const shares = mul(column(weights, first), column(weights, second));
  const count = maximum(sum(shares, { axes: [1] }), 1);
  return concat(
    Array.from({ length: k }, (_, i) => {
      const own = scope.child(`difference${i}`);
      // Begins at |x - y|² / 4, and at other powers: softplus(0.54) = 1.
      const a = sigmoid(own.variable("balance", [1], zerosInit));
      const b = add(softplus(add(own.variable("power", [1], zerosInit), 0.54)), 0.5 * i);
      const difference = sub(mul(column(values, first), a), mul(column(values, second), sub(1, a)));
      const power = exp(mul(log(add(square(difference), SMALL)), mul(b, 0.5)));
      return div(sum(mul(power, shares), { axes: [1] }), count);
    }),
    -1,
  );
}
