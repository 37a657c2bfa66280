/**
 * Densities that contestants may have in the place of the default.
 */
import type { Stream } from "../random/index.js";
import { drawSettings, pick, type Choices, type Plain } from "./plain.js";

const network: Choices = {
  hidden: [
    [48, 48],
    [96, 96],
    [128, 128],
    [64, 64, 64],
  ],
  activation: ["relu", "silu"],
};
const mixing = ["permutation", "rotation", "lu"];

/** By kind, what is varied of it. */
export const densityChoices: Readonly<Record<string, Choices>> = {
  splineCoupling: { ...network, layers: [2, 4, 6, 8, 12], bins: [6, 8, 16], mixing },
  splineAutoregressive: { ...network, layers: [2, 3, 5, 8], bins: [6, 8, 16], mixing },
  affineAutoregressive: { ...network, layers: [3, 5, 8], mixing },
  affineCoupling: { ...network, layers: [4, 6, 8, 12], mixing },
  gaussianMixture: { ...network, components: [2, 4, 8, 16] },
  gaussian: network,
};

/** Flows first: they are right for more posteriors. */
const KINDS = [
  "splineCoupling",
  "splineCoupling",
  "splineAutoregressive",
  "splineAutoregressive",
  "affineAutoregressive",
  "affineCoupling",
  "gaussianMixture",
  "gaussian",
] as const;

/** A density. */
export function drawDensity(random: Stream): Plain {
  const kind = pick(random, KINDS);
  return { kind, ...drawSettings(random, densityChoices[kind] ?? {}) };
}
