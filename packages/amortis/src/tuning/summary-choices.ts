/**
 * Summary networks that contestants may have in the place of the default: of the same sort, which suits what the arrays are.
 */
import type { DataSpec } from "../data/array-spec.js";
import { defaultSummary } from "../networks/index.js";
import type { Stream } from "../random/index.js";
import { drawSettings, pick, type Choices, type Plain } from "./plain.js";

const layers = [[64], [128], [128, 128], [256, 256]];
const numbers: Choices = { hidden: layers, activation: ["relu", "silu"], outputs: [16, 32, 64] };

/** By the kind of the default, the kinds that do the same and what is varied of each. */
export const summaryChoices: Readonly<Record<string, Readonly<Record<string, Choices>>>> = {
  mlpSummary: {
    raw: {},
    mlp: numbers,
    gatedResidual: { width: [64, 128], blocks: [1, 2, 4], outputs: [16, 32, 64] },
  },
  cnn: {
    cnn: {
      filters: [
        [16, 32],
        [32, 64],
        [64, 128],
        [32, 64, 128],
      ],
      kernel: [3, 5],
      pooling: ["max", "average"],
      globalAverage: [true],
      dense: [[32], [64], [128], [128, 64]],
    },
  },
  deepSet: {
    deepSet: {
      features: [32, 64, 128, 256],
      pooling: [["mean"], ["max"], ["mean", "max"]],
      outputs: [16, 32, 64],
    },
  },
};

/** A summary network for such data; undefined where the default is of a sort that is not varied. */
export function drawSummary(random: Stream, data: DataSpec): Plain | undefined {
  const usual = defaultSummary(data).describe();
  const { kind, series } = Object(usual) as { readonly kind?: string; readonly series?: boolean };
  const kinds = Object.entries(summaryChoices[kind ?? ""] ?? {});
  const [first, ...others] = kinds;
  if (first === undefined) return undefined;
  const [chosen, choices] = pick(random, [first, ...others]);
  const drawn = drawSettings(random, choices);
  return { kind: chosen, ...(series === true && { series }), ...drawn };
}
