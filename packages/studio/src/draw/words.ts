/**
 * What a posterior says, and whether it can be trusted here, in a line of plain words each.
 */
import type { Answer, Card } from "../protocol/types.js";
import { percent, short } from "./format.js";

/** p-values below which data are said to be odd, and unlike the model's. */
export const ODD = 0.05;
export const UNLIKE = 0.01;

/** The light of the misspecification check. */
export type Light = "good" | "odd" | "bad" | "unknown";

/** The light for an answer. */
export function lightOf({ typicality }: Pick<Answer, "typicality">): Light {
  if (typicality === undefined) return "unknown";
  if (typicality < UNLIKE) return "bad";
  return typicality < ODD ? "odd" : "good";
}

/** "range is about 0.21: between 0.13 and 0.35 with probability 90 %." */
export function saying({ names, mean, lower, upper }: Answer, level: number): string {
  const parts = names.map(
    (name, k) =>
      `${name} is about ${short(mean[k] ?? NaN)}, between ${short(lower[k] ?? NaN)} and ${short(upper[k] ?? NaN)}`,
  );
  const shown = parts.length > 4 ? [...parts.slice(0, 3), `${parts.length - 3} more`] : parts;
  return `With probability ${percent(level)} each: ${shown.join("; ")}.`;
}

const BY_LIGHT: Readonly<Record<Light, (p: string) => string>> = {
  good: (p) =>
    `The data look like those it learned from (p = ${p}), so the answer is as good as its calibration.`,
  odd: (p) =>
    `The data are odd for this model (p = ${p}): look again before relying on the answer.`,
  bad: (p) => `The data are unlike anything it learned from (p = ${p}): do not trust this answer.`,
  unknown: () => "Nothing in this estimator tells whether the data are like those it learned from.",
};

/** Whether the answer can be trusted, and why. */
export function trust(answer: Answer, replicates: number): string {
  const light = lightOf(answer);
  const { typicality = NaN, k, warnings } = answer;
  const words = [BY_LIGHT[light](short(typicality))];
  if (k !== undefined) words.push(`Reweighted to another prior: Pareto k ${short(k)}.`);
  if (replicates > 1) words.push(`${replicates} data sets answered together: their errors add up.`);
  if (warnings.length > 0 && light !== "bad") words.push(...warnings.slice(0, 1));
  return words.join(" ");
}

/** How much narrower than the prior the posterior is, as "9 times narrower than the prior". */
export function contraction(card: Card, answer: Answer, k: number): string {
  const p = card.flat.length;
  const draws = card.priorDraws.filter((_, i) => i % p === k);
  const mean = draws.reduce((a, b) => a + b, 0) / draws.length;
  const sd = Math.sqrt(draws.reduce((a, b) => a + (b - mean) ** 2, 0) / (draws.length - 1));
  const times = sd / (answer.sd[k] ?? NaN);
  return times >= 1.5
    ? `${short(times)} times narrower than the prior`
    : "hardly narrower than the prior";
}
