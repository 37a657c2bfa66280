/** The programs of the engine's benchmark, by the key they are asked for. */
import { mlpProgram } from "./mlp.js";
import type { BenchProgram } from "./program.js";

export const programs: Readonly<Record<string, BenchProgram>> = {
  mlp: mlpProgram,
};
