/**
 * A density as SVG text, and its numbers.
 */
import { densityPanel } from "amortis/figures";
import { short } from "../draw/format.js";
import { curve, marginal } from "../draw/marginals.js";
import type { Answer, FlatParameter } from "../protocol/types.js";

const SIZE = { width: 420, height: 180 } as const;

/** One parameter: its density over the prior's, mean and interval. */
export function pictureOf(
  flat: FlatParameter,
  k: number,
  answer: Answer,
  priorDraws: Float64Array,
): string {
  const p = answer.names.length;
  const asCurve = (draws: Float64Array, colour: string, dash?: string) => {
    const points = curve(marginal(draws, p, k), flat);
    return {
      x: points.map(({ x }) => x),
      density: points.map(({ y }) => y),
      style: { color: colour, width: 2, ...(dash !== undefined && { dash }) },
    };
  };
  const { content, width, height } = densityPanel({
    ...SIZE,
    curves: [
      asCurve(priorDraws, "var(--amortis-prior)", "3,3"),
      asCurve(answer.draws, "var(--amortis-posterior)"),
    ],
    label: flat.name,
    domain: [flat.from, flat.to],
  });
  const numbers = (["mean", "sd", "lower", "upper"] as const)
    .map((name) => {
      const value = answer[name][k] ?? Number.NaN;
      return `<span>${name} <data value="${value}" data-number="${name}">${short(value)}</data></span>`;
    })
    .join(" ");
  return `<figure data-density="${flat.name}"><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="density of ${flat.name}">${content}</svg><figcaption>${numbers}</figcaption></figure>`;
}
