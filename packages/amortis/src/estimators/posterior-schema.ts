/**
 * What a file says of posteriors that were learned, and which programs it has for them.
 */
import type { BaseNoise } from "../densities/density.js";
import { object, optional } from "../schema/objects.js";
import { such, type ValueOf } from "../schema/schema.js";
import { flag, list, number, oneOf, whole } from "../schema/values.js";
import { count } from "./details.js";
import { drawingMembers } from "./drawing.js";
import type { ProgramShape } from "./kind-of-answer.js";
import { contextProgram, valueProgram } from "./programs.js";

/** Members of an ensemble, at most. */
const MOST_MEMBERS = 64;

const noiseSchema = object({ normal: count(), uniform: count() });

const binsSchema = such(
  object({ edges: list(number()), ratios: list(number({ least: 0 }), { least: 1 }) }),
  ({ edges, ratios }) => ratios.length === edges.length + 1,
  "must have one edge less than bins",
);

/** What a file says of posteriors. */
export const posteriorSchema = object({
  kind: oneOf("posterior"),
  /** Columns of base noise that one draw takes. */
  noise: noiseSchema,
  /** Said of draws without a density, such as a consistency model's. */
  withoutDensity: optional(flag),
  /** A correction of posteriors in unconstrained space: see `recalibrated`. */
  recalibration: optional(
    object({
      shift: list(number()),
      scale: list(number({ above: 0 })),
      pairs: whole({ least: 1 }),
      /** A flow that follows, and what it is told in: the gain in nats is cross-validated. */
      transport: optional(
        object({
          features: object({ mean: list(number()), sd: list(number({ above: 0 })) }),
          gain: number(),
          standardError: number(),
        }),
      ),
    }),
  ),
  /** Where posteriors are known to be too wide or too narrow. */
  calibration: optional(
    object({ parameters: list(object({ sd: binsSchema, mean: binsSchema }), { most: 1000 }) }),
  ),
  /** Of an ensemble: its members, each with a share of the draws and noise of its own. */
  members: optional(
    list(object({ weight: number({ least: 0, most: 1 }), noise: noiseSchema }), {
      least: 2,
      most: MOST_MEMBERS,
    }),
  ),
});

function sampleProgram(noise: BaseNoise): ProgramShape {
  return {
    inputs: {
      context: ["batch", "any"],
      ...(noise.normal > 0 && { normal: ["batch", "draws", noise.normal] }),
      ...(noise.uniform > 0 && { uniform: ["batch", "draws", noise.uniform] }),
    },
    outputs: { theta: ["batch", "draws", "parameters"] },
  };
}

/** The programs of a flow that recalibrates, which are there where the file says so. */
function transportShapes(there: boolean): Readonly<Record<string, ProgramShape>> {
  const inputs = { features: ["batch", "any"], residuals: ["batch", "draws", "any"] } as const;
  return {
    transport: { optional: !there, inputs, outputs: { moved: ["batch", "draws", "any"] } },
    transportBack: {
      optional: !there,
      inputs,
      outputs: { from: ["batch", "draws", "any"], logScale: ["batch", "draws"] },
    },
  };
}

/** Programs, and what they take and give. */
export function posteriorShapes(
  answers: ValueOf<typeof posteriorSchema>,
): Readonly<Record<string, ProgramShape>> {
  return {
    context: contextProgram,
    ...Object.fromEntries(
      drawingMembers(answers).map(({ program, noise }) => [program, sampleProgram(noise)]),
    ),
    ...(answers.withoutDensity !== true && { logDensity: valueProgram("logDensity") }),
    denoise: {
      optional: true,
      inputs: { context: ["batch", "any"], noisy: ["batch", "draws", "any"], level: [2] },
      outputs: { denoised: ["batch", "draws", "any"] },
    },
    ...transportShapes(answers.recalibration?.transport !== undefined),
  };
}
