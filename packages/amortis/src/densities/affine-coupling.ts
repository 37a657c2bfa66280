/**
 * Affine coupling flow, RealNVP (Dinh, Sohl-Dickstein & Bengio 2017, arXiv 1605.08803).
 *
 * The monotone functions of the coupling flow are affine.
 */
import * as z from "zod";
import { Settings } from "../settings/settings.js";
import { affine, affineSettings } from "./affine.js";
import { conditionerSettings } from "./conditioner.js";
import { coupling, couplingLayers } from "./coupling.js";
import type { ConditionalDensity } from "./density.js";
import { mixingSetting } from "./mixing.js";

const settings = new Settings(
  "density",
  "affineCoupling",
  z.strictObject({
    layers: couplingLayers,
    /** Linear maps between the layers. */
    mixing: mixingSetting.default("none"),
    ...conditionerSettings([128, 128]),
    ...affineSettings,
  }),
  { before: { mixing: "none" } },
);

/** Settings of an affine coupling flow. */
export type AffineCouplingOptions = z.input<typeof settings.schema>;

/**
 * An affine coupling flow.
 *
 * @param options defaults: max(6, 2 ⌈log₂ d⌉) layers, conditioners with two hidden layers of 128, scales within exp(±3)
 * @throws InvalidArgumentError where a setting is out of range.
 * @example npe(model, { density: affineCoupling({ layers: 4 }) })
 */
export function affineCoupling(options: AffineCouplingOptions = {}): ConditionalDensity {
  const resolved = settings.resolve(options);
  return {
    kind: settings.kind,
    ...coupling(affine(resolved), resolved, { fewestLayers: 6 }),
    describe: () => settings.describe(resolved),
  };
}
affineCoupling.settings = settings;
