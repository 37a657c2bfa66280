/**
 * Settings that densities learned by regression share.
 */
import * as z from "zod";
import { modulatedResidual } from "../networks/index.js";
import { vectorFieldSlot } from "../networks/vector-field.js";
import { whole } from "../settings/fields.js";

/** What all of them have. */
export const regressionSettings = {
  /** The network. */
  field: vectorFieldSlot.default(() => modulatedResidual()),
  /** Times, or levels, and noises for each example of a minibatch. */
  draws: whole.default(4),
} as const;

/** How much more of the times are near the data: φ = π/2 · w^p, w uniform. 1 for all alike. */
export const emphasisSetting = z.number().min(1).max(4).default(2);

/** Steps from noise to draws, one evaluation of the network each. */
export const jumpsSetting = whole.max(64).default(2);
