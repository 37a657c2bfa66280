/**
 * Losses of point estimates, which decide what is estimated: the minimiser of the expected loss under the posterior.
 */
import {
  abs,
  cast,
  constant,
  expandDims,
  less,
  mean,
  mul,
  square,
  sub,
  tanh,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import type { Json } from "../json.js";

/**
 * A loss of estimates and parameters, both [batch, p] in units of the prior's standard deviation; returns [batch].
 *
 * One `of` probabilities is asked of each parameter by itself instead: of the probabilities of its values, [batch, values], and of marks [batch, values], 1 at the value that it had and 0 elsewhere.
 */
export interface EstimateLoss {
  (estimate: Tensor, parameters: Tensor): Tensor;
  /** What estimates are, where they are not values of parameters. Discrete parameters have probabilities of values. */
  readonly of?: "probabilities";
  /** What minimises it, in words: "mean". */
  readonly estimates?: string;
  /** What it is, for people and files; a loss without is "custom". */
  readonly describe?: () => Json;
}

/** The setting. */
export const lossFunction = z.custom<EstimateLoss>((value) => typeof value === "function");

/** (θ - θ̂)², averaged over parameters. */
export const squaredLoss: EstimateLoss = (estimate, parameters) =>
  mean(square(sub(estimate, parameters)), { axes: [-1] });

/** |θ - θ̂|, averaged over parameters. */
export const absoluteLoss: EstimateLoss = (estimate, parameters) =>
  mean(abs(sub(estimate, parameters)), { axes: [-1] });

/** tanh(|θ - θ̂| / κ), averaged over parameters. */
export function modeLoss(width: number): EstimateLoss {
  return (estimate, parameters) =>
    mean(tanh(mul(abs(sub(estimate, parameters)), 1 / width)), { axes: [-1] });
}

/**
 * Pinball loss of quantiles at several levels.
 *
 * @param quantiles [batch, levels, p]
 * @param parameters [batch, p]
 */
export function pinballLoss(
  quantiles: Tensor,
  parameters: Tensor,
  levels: readonly number[],
): Tensor {
  const difference = sub(expandDims(parameters, 1), quantiles);
  const below = cast(less(difference, 0), difference.dtype);
  const level = constant(
    levels.map((q) => [q]),
    [levels.length, 1],
    difference.dtype,
  );
  return mean(mul(difference, sub(level, below)), { axes: [-2, -1] });
}
