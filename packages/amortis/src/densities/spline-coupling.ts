/**
 * Neural spline flow with coupling layers (Durkan, Bekasov, Murray & Papamakarios 2019, arXiv 1906.04032).
 *
 * The monotone functions of the coupling flow are rational-quadratic splines on [-bound, bound], the identity outside.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { ConditionalDensity } from "./density.js";
import { coupling, type CouplingOptions } from "./coupling.js";
import { splineParameters } from "./spline-bins.js";
import { spline, splineInverse } from "./spline.js";

/** Settings of a spline flow. */
export interface SplineCouplingOptions extends Partial<CouplingOptions> {
  /** Bins of each spline. */
  readonly bins?: number;
  /** Splines act within [-bound, bound], in units of the standardised parameters. */
  readonly bound?: number;
}

/**
 * A rational-quadratic-spline coupling flow.
 *
 * @param options defaults: max(4, 2 ⌈log₂ d⌉) layers, 10 bins on [-5, 5], conditioners with two hidden layers of 96
 * @throws InvalidArgumentError where a setting is out of range.
 * @example npe(model, { density: splineCoupling({ layers: 8 }) })
 */
export function splineCoupling(options: SplineCouplingOptions = {}): ConditionalDensity {
  const { layers, bins = 10, hidden = [96, 96], activation = "relu", bound = 5 } = options;
  if (!Number.isInteger(bins) || bins < 2) {
    throw new InvalidArgumentError(`splineCoupling: bins must be an integer above 1, not ${bins}`);
  }
  if (!(bound > 0 && Number.isFinite(bound))) {
    throw new InvalidArgumentError(`splineCoupling: bound must be positive, not ${bound}`);
  }
  return coupling(
    {
      kind: "splineCoupling",
      settings: { bins, bound },
      parameters: splineParameters(bins),
      fewestLayers: 4,
      forward: (x, raw) => spline(x, raw, { bins, bound }),
      inverse: (y, raw) => splineInverse(y, raw, { bins, bound }).value,
    },
    { ...(layers !== undefined && { layers }), hidden, activation },
  );
}
