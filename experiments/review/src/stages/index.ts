/**
 * All stages, in the order in which they run.
 */
import { simulateFields } from "../fields.js";
import type { Stage } from "../stage.js";
import {
  fklSplineStage,
  fklStage,
  nbeStage,
  ofGaussian,
  rkl1SplineStage,
  rkl1Stage,
} from "./direct.js";
import { costStage } from "./cost.js";
import { exactStage } from "./exact.js";
import { mcmcStage } from "./mcmc.js";
import { nreStage } from "./nre.js";
import { ratioStage } from "./ratio.js";
import { rkl3Stage } from "./rkl3.js";
import { rkl2Stage } from "./synthetic.js";

/** Simulates the fields that all networks of the first experiment are trained on. */
const fieldsStage: Stage = {
  name: "fields",
  title: "simulating Gaussian fields",
  settings: ({ gaussian }) => ofGaussian(gaussian),
  seconds: ({ gaussian }) => 2 + 1e-4 * (gaussian.training + gaussian.validation),
  run: async (context) => {
    const started = performance.now();
    await simulateFields(context);
    return { seconds: (performance.now() - started) / 1000 };
  },
};

/** All stages, in the order in which they run. */
export const STAGES: readonly Stage[] = [
  fieldsStage,
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
  ratioStage,
  costStage,
];
