/**
 * Neural spline flow with autoregressive layers (Durkan, Bekasov, Murray & Papamakarios 2019, arXiv 1906.04032).
 *
 * The monotone functions of the autoregressive flow are rational-quadratic splines on [-bound, bound], the identity outside; before them comes a location and a scale.
 */
import * as z from "zod";
import { Settings } from "../settings/settings.js";
import { autoregressive, autoregressiveLayers } from "./autoregressive.js";
import { conditionerSettings } from "./conditioner.js";
import type { ConditionalDensity } from "./density.js";
import { locationScaleBefore, locationScaleSetting } from "./location-scale.js";
import { mixingSetting } from "./mixing.js";
import { rationalQuadratic, splineSettings } from "./rational-quadratic.js";

const settings = new Settings(
  "density",
  "splineAutoregressive",
  z.strictObject({
    layers: autoregressiveLayers,
    mixing: mixingSetting.default("none"),
    ...conditionerSettings([64, 64]),
    ...splineSettings,
    ...locationScaleSetting,
  }),
  { before: locationScaleBefore },
);

/** Settings of a spline autoregressive flow. */
export type SplineAutoregressiveOptions = z.input<typeof settings.schema>;

/**
 * A rational-quadratic-spline autoregressive flow.
 *
 * @param options defaults: 5 layers, nothing between them, networks with two hidden layers of 64, 10 bins on [-5, 5] with mild knots,
 *   after a location and a scale of each coordinate (`locationScale`)
 * @throws InvalidArgumentError where a setting is out of range.
 * @example npe(model, { density: splineAutoregressive({ layers: 8 }) })
 */
export function splineAutoregressive(
  options: SplineAutoregressiveOptions = {},
): ConditionalDensity {
  const resolved = settings.resolve(options);
  return {
    kind: settings.kind,
    ...autoregressive(rationalQuadratic(resolved), resolved),
    describe: () => settings.describe(resolved),
  };
}
splineAutoregressive.settings = settings;
