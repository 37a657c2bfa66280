/**
 * Independent Student t distributions, whose locations, scales and degrees of freedom ν are functions of the context: a diagonal Gaussian with learned
 * tails. It is learned by maximum likelihood (Lange, Little & Taylor 1989, "Robust statistical modeling using the t distribution"):
 *
 *     log q(u) = Σ log Γ((ν+1)/2) - log Γ(ν/2) - ½ log νπ + s - (ν+1)/2 · log(1 + w²/ν),      w = exp(s) (u - μ).
 *
 * A draw takes two uniform numbers a coordinate (Bailey 1994, "Polar generation of random variates with the t-distribution"), and is exact:
 *
 *     w = √(ν (U^(-2/ν) - 1)) · cos 2πV.
 *
 * ν lies above 2, where variances exist, and below 102, where nobody tells the tails from a Gaussian's.
 */
import {
  add,
  cos,
  div,
  exp,
  expm1,
  InvalidArgumentError,
  log,
  log1p,
  mul,
  neg,
  sigmoid,
  split,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { Settings } from "../settings/settings.js";
import { fromColumns, toColumns } from "./columns.js";
import { conditioner, conditionerSettings } from "./conditioner.js";
import type { ConditionalDensity } from "./density.js";

const settings = new Settings("density", "studentT", z.strictObject(conditionerSettings([64, 64])));

/** Settings of a conditional Student t distribution. */
export type StudentTOptions = z.input<typeof settings.schema>;

/** |s| stays below this. */
const LOG_SCALE_BOUND = 10;

/** Bounds of ν: the least, and the length of its range. */
const [LEAST, RANGE] = [2, 100];

/** Uniform numbers are held away from zero, whose t would be infinite. */
const SMALLEST = 1e-7;

interface Parameters {
  readonly mean: Tensor;
  /** -log of the scale. */
  readonly logScale: Tensor;
  readonly freedom: Tensor;
}

/**
 * Independent Student t distributions.
 *
 * @param options defaults: a network of two hidden layers of 64 with ReLU
 * @throws InvalidArgumentError where a setting is out of range.
 * @example npe(model, { density: studentT() })
 */
export function studentT(options: StudentTOptions = {}): ConditionalDensity {
  const resolved = settings.resolve(options);
  const parameters = (scope: Scope, context: Tensor, d: number): Parameters => {
    const raw = conditioner(scope, resolved, [], toColumns(context, "studentT"), 3 * d);
    const [mean = raw, free = raw, tails = raw] = split(raw, [d, d, d], -2);
    return {
      mean,
      logScale: mul(tanh(mul(free, 1 / LOG_SCALE_BOUND)), LOG_SCALE_BOUND),
      // Begins at ν of about 12.
      freedom: add(mul(sigmoid(sub(tails, 2.2)), RANGE), LEAST),
    };
  };
  return {
    kind: settings.kind,
    noise: (d) => ({ normal: 0, uniform: 2 * d }),
    logDensity: (scope, u, context) => {
      const columns = toColumns(u, "studentT");
      const { mean, logScale, freedom } = parameters(scope, context, Number(columns.shape.at(-2)));
      const w = mul(sub(columns, mean), exp(logScale));
      const half = mul(add(freedom, 1), 0.5);
      const tail = mul(half, log1p(div(square(w), freedom)));
      const norm = sub(logGammaStep(freedom), mul(log(mul(freedom, Math.PI)), 0.5));
      return sum(sub(add(norm, logScale), tail), { axes: [-2] });
    },
    sample: (scope, { uniform }, context) => {
      if (uniform === undefined) {
        throw new InvalidArgumentError("studentT: sampling needs uniform noise [..., 2d]");
      }
      const columns = toColumns(uniform, "studentT");
      const d = Number(columns.shape.at(-2)) / 2;
      const [radius = columns, angle = columns] = split(columns, [d, d], -2);
      const { mean, logScale, freedom } = parameters(scope, context, d);
      // U^(-2/ν) - 1 without cancellation.
      const inside = add(mul(radius, 1 - SMALLEST), SMALLEST);
      const squared = mul(freedom, expm1(div(mul(log(inside), -2), freedom)));
      const w = mul(sqrt(squared), cos(mul(angle, 2 * Math.PI)));
      return fromColumns(add(mean, mul(w, exp(neg(logScale)))));
    },
    describe: () => settings.describe(resolved),
  };
}
studentT.settings = settings;

/**
 * log Γ((ν + 1)/2) - log Γ(ν/2) for ν ≥ 2, with y = ν/2 + 3 after three steps of the recurrence: the difference itself is expanded, so that nothing
 * cancels (Tricomi & Erdélyi 1951), with an error below 1e-7.
 */
function logGammaStep(freedom: Tensor): Tensor {
  const x = mul(freedom, 0.5);
  let steps: Tensor = mul(x, 0);
  for (let k = 0; k < 3; k++) steps = add(steps, log(div(add(x, k), add(x, k + 0.5))));
  // log Γ(y + ½) - log Γ(y) = ½ log y - 1/(8y) + 1/(192y³) - 1/(640y⁵) + ...
  const inverse = div(1, add(x, 3));
  const cube = mul(inverse, square(inverse));
  const series = add(mul(inverse, -1 / 8), mul(cube, sub(1 / 192, mul(square(inverse), 1 / 640))));
  return add(steps, sub(series, mul(log(inverse), 0.5)));
}
