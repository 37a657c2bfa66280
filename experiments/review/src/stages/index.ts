/**
 * All stages, in the order in which they run.
 */
import { gaussianFields, maxStableFields } from "../fields.js";
import type { Stage } from "../stage.js";
import { fklSplineStage, fklStage, nbeStage, rkl1SplineStage, rkl1Stage } from "./direct.js";
import { costStage } from "./cost.js";
import { exactStage } from "./exact.js";
import { maxStableStage } from "./max-stable.js";
import { mcmcStage } from "./mcmc.js";
import { nreStage } from "./nre.js";
import { ratioStage } from "./ratio.js";
import { rkl3Stage } from "./rkl3.js";
import { rkl2Stage } from "./synthetic.js";

/** All stages, in the order in which they run. */
export const STAGES: readonly Stage[] = [
  gaussianFields.stage("fields", "simulating Gaussian fields", 1e-4),
  exactStage,
  fklStage,
  fklSplineStage,
  nbeStage,
  mcmcStage,
  nreStage,
  rkl1Stage,
  rkl1SplineStage,
  rkl2Stage,
  rkl3Stage,
  maxStableFields.stage("max-stable-fields", "simulating max-stable fields", 1.1e-3),
  maxStableStage,
  ratioStage,
  costStage,
];
