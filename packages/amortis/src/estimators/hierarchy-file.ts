/**
 * What files say of estimators of hierarchies, and the programs that they hold.
 */
import { arraySpecSchema, graphSizes, specsOf } from "../data/array-spec.js";
import { object, optional, record } from "../schema/objects.js";
import type { ValueOf } from "../schema/schema.js";
import { list, oneOf, text } from "../schema/values.js";
import { count } from "./contents.js";
import type { ProgramShape } from "./kind-of-answer.js";

/** What a method says of its answers. */
export const hierarchySchema = object({
  kind: oneOf("hierarchy"),
  /** What the data of one innermost group are. */
  data: record(arraySpecSchema),
  /** The globals, and each level, outermost first. */
  parts: list(
    object({
      name: text({ least: 1 }),
      /** Numbers of the parameters of one of its groups. */
      size: count(1),
      noise: object({ normal: count(), uniform: count() }),
      /** Groups within one of the level above, at most, of those that were simulated. */
      most: optional(count(1)),
    }),
    { least: 2, most: 16 },
  ),
});

/** The same, read. */
export type HierarchyAnswer = ValueOf<typeof hierarchySchema>;

/** The programs of a file: see `methods/hierarchy-programs.ts`. */
export function hierarchyProgramShapes({
  data,
  parts,
}: HierarchyAnswer): Record<string, ProgramShape> {
  const specs = Object.entries(specsOf(data));
  const sizes = specs.flatMap(([, { size }]) => (size === undefined ? [] : [size]));
  const arrays = specs.map(([name, spec]) => {
    const own = graphSizes(spec).map((size) => (typeof size === "number" ? size : "any"));
    return [name, ["batch", ...own]] as const;
  });
  const programs: Record<string, ProgramShape> = {
    unit: { inputs: Object.fromEntries(arrays), outputs: { unit: ["batch", "any"] }, sizes },
    denoise: {
      optional: true,
      inputs: { context: ["batch", "any"], noisy: ["batch", "draws", "any"], level: [2] },
      outputs: { denoised: ["batch", "draws", "any"] },
    },
  };
  for (let depth = 0; depth < parts.length - 1; depth++) {
    programs[`together${depth}`] = {
      inputs: { vectors: ["batch", "any", "any"], there: ["batch", "any", 1] },
      outputs: { unit: ["batch", "any"] },
      sizes: ["groups"],
    };
  }
  let above = 0;
  for (const [k, { size, noise }] of parts.entries()) {
    const inputs = {
      context: ["batch", "any"] as const,
      ...(k > 0 && { above: ["batch", "draws", above] as const }),
    };
    programs[`sample${k}`] = {
      inputs: {
        ...inputs,
        ...(noise.normal > 0 && { normal: ["batch", "draws", noise.normal] }),
        ...(noise.uniform > 0 && { uniform: ["batch", "draws", noise.uniform] }),
      },
      outputs: { theta: ["batch", "draws", size] },
    };
    programs[`logDensity${k}`] = {
      inputs: { ...inputs, theta: ["batch", "draws", size] },
      outputs: { logDensity: ["batch", "draws"] },
    };
    above += size;
  }
  return programs;
}
