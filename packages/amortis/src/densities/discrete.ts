/**
 * Conditional distributions of one discrete number: categories, by a softmax, and counts, by a mixture of logistic distributions over cells.
 *
 * A count k ≥ 0 has the cell [√k, √(k + 1)] of a line on which Poisson counts have one spread, the first one reaching down to -∞:
 *
 *     P(k) = Σ_i π_i [F((√(k + 1) - μ_i) / s_i) - F((√k - μ_i) / s_i)],      F(x) = 1 / (1 + e⁻ˣ),
 *
 * which sums to one over all k (Salimans, Karpathy, Chen & Kingma 2017, arXiv 1701.05517, for pixels). Differences of F are taken in logarithms,
 * log [F(u) - F(l)] = log F(u) + log F(-l) + log(1 - e^(l - u)), where nothing cancels.
 */
import {
  add,
  cast,
  constant,
  div,
  equal,
  exp,
  floor,
  greater,
  log,
  logicalAnd,
  logSigmoid,
  logSoftmax,
  logSumExp,
  maximum,
  mul,
  neg,
  split,
  sqrt,
  sub,
  sum,
  tanh,
  where,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import type { Network } from "../networks/index.js";

/** What a discrete number is: whole numbers from 0 on, or one of these values. */
export const discreteKind = z.union([
  z.literal("counts"),
  z
    .array(z.number())
    .min(2)
    .max(1000)
    .refine((all) => new Set(all).size === all.length, { error: "must differ" })
    .readonly(),
]);

/** "counts", or the values there are. */
export type DiscreteKind = z.output<typeof discreteKind>;

/** Logistic distributions of a count. */
const COMPONENTS = 4;

/** |log s| stays below this. */
const LOG_SCALE_BOUND = 7;

/** Below this width of a cell 1 - e⁻ʷ is w, but for digits that single precision does not have. */
const NARROW = 1e-3;

/** The line on which a count lies: where it is standardised to. */
export interface CountLine {
  readonly mean: number;
  readonly sd: number;
}

/** What others see of a discrete number: an indicator of each category; a count on its line. [..., 1] to [..., m]. */
export function discreteSeen(value: Tensor, kind: DiscreteKind, line: CountLine): Tensor {
  if (kind !== "counts") return indicators(value, kind);
  const { location, scale } = lineOf(line);
  return div(sub(sqrt(maximum(value, 0)), location), scale);
}

/**
 * log P(value | context).
 *
 * @param value [..., 1], in its own units
 * @param context [..., k], whose other axes broadcast against those of `value`
 * @returns [..., 1]; -Infinity of what is none of the values, or no count
 */
export function discreteLogMass(
  scope: Scope,
  network: Network,
  kind: DiscreteKind,
  line: CountLine,
  value: Tensor,
  context: Tensor,
): Tensor {
  if (kind === "counts") return countLogMass(scope, network, line, value, context);
  const logits = logSoftmax(network.apply(scope, context, kind.length), -1);
  const marks = indicators(value, kind);
  const mass = sum(mul(marks, logits), { axes: [-1], keepDims: true });
  const known = greater(sum(marks, { axes: [-1], keepDims: true }), 0);
  return where(known, mass, -Infinity);
}

function indicators(value: Tensor, values: readonly number[]): Tensor {
  return cast(equal(value, constant(values, [values.length], value.dtype)), value.dtype);
}

/** Where √k is about, and how far it spreads. */
function lineOf({ mean, sd }: CountLine): { readonly location: number; readonly scale: number } {
  const location = Math.sqrt(Math.max(mean, 0) + 0.5);
  return { location, scale: Math.max(sd / (2 * location), 0.25) };
}

function countLogMass(
  scope: Scope,
  network: Network,
  line: CountLine,
  value: Tensor,
  context: Tensor,
): Tensor {
  const { location, scale } = lineOf(line);
  const raw = network.apply(scope, context, 3 * COMPONENTS);
  const [logits = raw, means = raw, free = raw] = split(
    raw,
    [COMPONENTS, COMPONENTS, COMPONENTS],
    -1,
  );
  // Components begin side by side, so that they differ.
  const start = Array.from({ length: COMPONENTS }, (_, i) => (2 * i + 1) / COMPONENTS - 1);
  const centers = add(means, constant(start, [COMPONENTS], raw.dtype));
  const logScale = mul(tanh(mul(sub(free, 1), 1 / LOG_SCALE_BOUND)), LOG_SCALE_BOUND);
  const rate = exp(neg(logScale));
  const k = maximum(value, 0);
  const [low, high] = [sqrt(k), sqrt(add(k, 1))];
  const edge = (root: Tensor): Tensor => mul(sub(div(sub(root, location), scale), centers), rate);
  // √(k + 1) - √k, without cancellation.
  const width = mul(div(1 / scale, add(low, high)), rate);
  const narrow = greater(NARROW, width);
  const cell = where(
    narrow,
    sub(log(width), mul(width, 0.5)),
    log(sub(1, exp(neg(where(narrow, 1, width))))),
  );
  const above = logSigmoid(edge(high));
  const inner = add(add(above, logSigmoid(neg(edge(low)))), cell);
  const each = add(logSoftmax(logits, -1), where(equal(value, 0), above, inner));
  const mass = logSumExp(each, { axes: [-1], keepDims: true });
  return where(isCount(value), mass, -Infinity);
}

/** Whether a number is whole and not negative. */
function isCount(value: Tensor): Tensor {
  return logicalAnd(greater(value, -0.5), equal(value, floor(value)));
}
