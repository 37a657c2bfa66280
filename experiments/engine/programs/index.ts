/** The programs of the engine's benchmark, by the key they are asked for. */
import { affineProgram } from "./affine.js";
import { cnnProgram } from "./cnn.js";
import { mlpProgram } from "./mlp.js";
import type { BenchProgram } from "./program.js";
import { deepSetProgram, graphProgram, setTransformerProgram } from "./sets.js";
import { splineProgram } from "./spline.js";

export const programs: Readonly<Record<string, BenchProgram>> = {
  mlp: mlpProgram,
  spline: splineProgram,
  affine: affineProgram,
  cnn32: cnnProgram(32),
  cnn128: cnnProgram(128),
  deepset: deepSetProgram,
  settransformer: setTransformerProgram,
  graph: graphProgram,
};
