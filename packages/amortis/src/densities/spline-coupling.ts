/**
 * Neural spline flow with coupling layers (Durkan, Bekasov, Murray & Papamakarios 2019, arXiv 1906.04032).
 *
 * The monotone functions of the coupling flow are rational-quadratic splines on [-bound, bound], the identity outside; before them comes a location and a scale.
 */
import * as z from "zod";
import { Settings } from "../settings/settings.js";
import { conditionerSettings } from "./conditioner.js";
import { coupling, couplingLayers } from "./coupling.js";
import type { ConditionalDensity } from "./density.js";
import { locationScaleBefore, locationScaleSetting } from "./location-scale.js";
import { mixingSetting } from "./mixing.js";
import { rationalQuadratic, splineBefore, splineSettings } from "./rational-quadratic.js";

const settings = new Settings(
  "density",
  "splineCoupling",
  z.strictObject({
    layers: couplingLayers,
    /** Linear maps between the layers. */
    mixing: mixingSetting.default("none"),
    ...conditionerSettings([96, 96]),
    ...splineSettings,
    ...locationScaleSetting,
  }),
  { before: { ...splineBefore, ...locationScaleBefore, mixing: "none" } },
);

/** Settings of a spline flow. */
export type SplineCouplingOptions = z.input<typeof settings.schema>;

/**
 * A rational-quadratic-spline coupling flow.
 *
 * @param options defaults: max(4, 2 ⌈log₂ d⌉) layers, 10 bins on [-5, 5] with mild knots, conditioners with two hidden layers of 96, after
 *   a location and a scale of each coordinate (`locationScale`)
 * @throws InvalidArgumentError where a setting is out of range.
 * @example npe(model, { density: splineCoupling({ layers: 8 }) })
 */
export function splineCoupling(options: SplineCouplingOptions = {}): ConditionalDensity {
  const resolved = settings.resolve(options);
  return {
    kind: settings.kind,
    ...coupling(rationalQuadratic(resolved), resolved, { fewestLayers: 4 }),
    describe: () => settings.describe(resolved),
  };
}
splineCoupling.settings = settings;
