/**
 * A Gaussian whose mean and precision are functions of the context.
 */
import { InvalidArgumentError, zerosInit } from "@amortis/graph";
import { fromColumns, toColumns } from "./columns.js";
import { conditioner, requireConditioner, type ConditionerOptions } from "./conditioner.js";
import type { ConditionalDensity } from "./density.js";
import {
  gaussianDraw,
  gaussianLogDensity,
  gaussianParameters,
  requireCovariance,
  type Covariance,
} from "./gaussian-columns.js";

/** Settings of a conditional Gaussian. */
export interface GaussianOptions extends Partial<ConditionerOptions> {
  readonly covariance?: Covariance;
}

/**
 * N(μ(context), Σ(context)), by the Cholesky factor of the precision.
 *
 * @param options defaults: full covariance, a network of two hidden layers of 64 with ReLU
 * @throws InvalidArgumentError where a setting is out of range.
 * @example npe(model, { density: gaussian({ covariance: "diagonal" }) })
 */
export function gaussian(options: GaussianOptions = {}): ConditionalDensity {
  const { covariance = "full", hidden = [64, 64], activation = "relu" } = options;
  const network = { hidden, activation };
  requireConditioner("gaussian", network);
  requireCovariance("gaussian", covariance);
  return {
    kind: "gaussian",
    noise: (d) => ({ normal: d, uniform: 0 }),
    logDensity: (scope, u, context) => {
      const columns = toColumns(u, "gaussian");
      const size = gaussianParameters(Number(columns.shape.at(-2)), covariance);
      const raw = conditioner(scope, network, [], toColumns(context, "gaussian"), size, zerosInit);
      return gaussianLogDensity(columns, raw, covariance);
    },
    sample: (scope, { normal }, context) => {
      if (normal === undefined) {
        throw new InvalidArgumentError("gaussian: sampling needs normal noise [..., d]");
      }
      const columns = toColumns(normal, "gaussian");
      const size = gaussianParameters(Number(columns.shape.at(-2)), covariance);
      const raw = conditioner(scope, network, [], toColumns(context, "gaussian"), size, zerosInit);
      return fromColumns(gaussianDraw(columns, raw, covariance));
    },
    describe: () => ({ kind: "gaussian", covariance, hidden: [...hidden], activation }),
  };
}
