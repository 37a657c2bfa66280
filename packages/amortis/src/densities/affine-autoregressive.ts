/**
 * Masked autoregressive flow (Papamakarios, Pavlakou & Murray 2017, arXiv 1705.07057).
 *
 * The monotone functions of the autoregressive flow are affine.
 */
import * as z from "zod";
import { Settings } from "../settings/settings.js";
import { affine, affineSettings } from "./affine.js";
import { autoregressive, autoregressiveLayers } from "./autoregressive.js";
import { conditionerSettings } from "./conditioner.js";
import type { ConditionalDensity } from "./density.js";
import { mixingSetting } from "./mixing.js";

const settings = new Settings(
  "density",
  "affineAutoregressive",
  z.strictObject({
    layers: autoregressiveLayers,
    mixing: mixingSetting.default("none"),
    ...conditionerSettings([64, 64]),
    ...affineSettings,
  }),
);

/** Settings of a masked autoregressive flow. */
export type AffineAutoregressiveOptions = z.input<typeof settings.schema>;

/**
 * A masked autoregressive flow.
 *
 * @param options defaults: 5 layers, nothing between them, networks with two hidden layers of 64, scales within exp(±3)
 * @throws InvalidArgumentError where a setting is out of range.
 * @example npe(model, { density: affineAutoregressive({ layers: 8 }) })
 */
export function affineAutoregressive(
  options: AffineAutoregressiveOptions = {},
): ConditionalDensity {
  const resolved = settings.resolve(options);
  return {
    kind: settings.kind,
    ...autoregressive(affine(resolved), resolved),
    describe: () => settings.describe(resolved),
  };
}
affineAutoregressive.settings = settings;
