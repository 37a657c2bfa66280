/**
 * A Gaussian whose mean and precision are functions of the context.
 */
import { InvalidArgumentError } from "@amortis/graph";
import * as z from "zod";
import { Settings } from "../settings/settings.js";
import { fromColumns, toColumns } from "./columns.js";
import { conditioner, conditionerSettings } from "./conditioner.js";
import type { ConditionalDensity } from "./density.js";
import {
  covarianceSetting,
  gaussianDraw,
  gaussianLogDensity,
  gaussianParameters,
} from "./gaussian-columns.js";

const settings = new Settings(
  "density",
  "gaussian",
  z.strictObject({
    covariance: covarianceSetting.default("full"),
    ...conditionerSettings([64, 64]),
  }),
);

/** Settings of a conditional Gaussian. */
export type GaussianOptions = z.input<typeof settings.schema>;

/**
 * N(μ(context), Σ(context)), by the Cholesky factor of the precision.
 *
 * It lies in unconstrained space, where a bound of the prior is infinitely far away: a posterior that is cut off at a bound, and much narrower than the prior, has a long tail there that no
 * Gaussian has, and comes out too wide, two to four times where its mode is at the bound (docs/densities.md). It has one mode. Elsewhere take `splineCoupling` or the method's default.
 *
 * @param options defaults: full covariance, a network of two hidden layers of 64 with ReLU
 * @throws InvalidArgumentError where a setting is out of range.
 * @example npe(model, { density: gaussian({ covariance: "diagonal" }) })
 */
export function gaussian(options: GaussianOptions = {}): ConditionalDensity {
  const resolved = settings.resolve(options);
  const { covariance, ...network } = resolved;
  return {
    kind: settings.kind,
    noise: (d) => ({ normal: d, uniform: 0 }),
    logDensity: (scope, u, context) => {
      const columns = toColumns(u, "gaussian");
      const size = gaussianParameters(Number(columns.shape.at(-2)), covariance);
      const raw = conditioner(scope, network, [], toColumns(context, "gaussian"), size);
      return gaussianLogDensity(columns, raw, covariance);
    },
    sample: (scope, { normal }, context) => {
      if (normal === undefined) {
        throw new InvalidArgumentError("gaussian: sampling needs normal noise [..., d]");
      }
      const columns = toColumns(normal, "gaussian");
      const size = gaussianParameters(Number(columns.shape.at(-2)), covariance);
      const raw = conditioner(scope, network, [], toColumns(context, "gaussian"), size);
      return fromColumns(gaussianDraw(columns, raw, covariance));
    },
    describe: () => settings.describe(resolved),
  };
}
gaussian.settings = settings;
