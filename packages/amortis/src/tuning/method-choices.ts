/**
 * What is varied of each method, beside its training.
 */
import type { DataSpec } from "../data/array-spec.js";
import type { Stream } from "../random/index.js";
import { drawDensity } from "./density-choices.js";
import { drawSettings, type Choices, type Plain } from "./plain.js";
import { drawSummary } from "./summary-choices.js";

const hidden = [
  [64, 64],
  [128, 128],
  [128, 128, 128],
  [256, 256],
];
const activation = ["relu", "silu", "tanh"];

/** By method, settings with plain values. */
export const methodChoices: Readonly<Record<string, Choices>> = {
  npe: { trend: ["none"], members: [1, 2, 4] },
  nre: { hidden, activation, negatives: [1, 2, 8, 16], members: [3] },
  "synthetic-likelihood": {
    members: [3],
    network: hidden.flatMap((widths) => [
      { kind: "mlp", hidden: widths, activation: "relu" },
      { kind: "mlp", hidden: widths, activation: "silu" },
    ]),
  },
};

/** Methods that have summary networks, and those that have densities. */
const SUMMARISING: readonly string[] = ["npe", "nre", "variational"];
const DENSE: readonly string[] = ["npe", "variational"];

/** Settings of a method; those that are not drawn are left to their defaults. */
export function drawMethod(random: Stream, method: string, data: DataSpec): Plain {
  const density =
    DENSE.includes(method) && random.uniform() < 0.6 ? drawDensity(random) : undefined;
  const summary =
    SUMMARISING.includes(method) && random.uniform() < 0.3 ? drawSummary(random, data) : undefined;
  return {
    ...(summary && { summary }),
    ...(density && { density }),
    ...drawSettings(random, methodChoices[method] ?? {}),
  };
}
