/**
 * Figures of how scores spread over test fields: densities on a logarithmic axis, on which their tails are seen.
 */
import { quantileOf } from "amortis/extend";
import { curvesPanel, figure, styles } from "amortis/figures";
import { kernelDensity } from "../../answers.js";
import type { GaussianResults, MethodResult } from "../../results.js";
import { BESIDE_EXACT, inRows, PANELS_A_ROW, type NamedFigure } from "./named.js";

/** Points of a density. */
const POINTS = 160;
/** No score is drawn below this, × 100: a point that is hit by chance says nothing. */
const SMALLEST = 0.01;
/** Of a Gaussian kernel beyond which nothing is lost, in decades. */
const MARGIN = 0.15;
const UNBOUNDED = [-Infinity, Infinity] as const;

interface ScoreKind {
  readonly name: string;
  readonly title: string;
  readonly label: string;
  readonly caption: string;
  readonly of: (method: MethodResult) => readonly number[];
}

const KINDS: readonly ScoreKind[] = [
  {
    name: "scores",
    title: "Densities of the CRPS",
    label: "100 × CRPS",
    caption:
      "Density of the continuous ranked probability score over test fields, by method, beside the exact posterior's: further left is better. A point estimator has no CRPS.",
    of: ({ fields }) => fields.crps ?? [],
  },
  {
    name: "interval-scores",
    title: "Densities of the interval score",
    label: "100 × interval score",
    caption:
      "Density of the interval score of 90 % intervals over test fields, by method, beside the exact posterior's: further left is better. The right tail is of intervals that miss.",
    of: ({ fields }) => fields.intervalScore,
  },
];

/** A figure a score. */
export function scoreDensities(results: GaussianResults): readonly NamedFigure[] {
  return KINDS.map((kind) => densities(kind, results));
}

function densities(
  { name, title, label, caption, of }: ScoreKind,
  { methods }: GaussianResults,
): NamedFigure {
  const logs = methods.map((method) => ({
    method,
    values: of(method).map((score) => Math.log10(Math.max(100 * score, SMALLEST))),
  }));
  const all = Float64Array.from(logs.flatMap(({ values }) => values)).toSorted();
  const [from, to] = [quantileOf(all, 0.002) - MARGIN, quantileOf(all, 1) + MARGIN];
  const grid = Array.from({ length: POINTS }, (_, i) => from + ((to - from) * i) / (POINTS - 1));
  const x = grid.map((log) => 10 ** log);
  const drawn = logs
    .filter(({ values }) => values.length > 0)
    .map(({ method, values }) => ({ method, y: kernelDensity(values, grid, UNBOUNDED) }));
  const top = 1.05 * Math.max(...drawn.flatMap(({ y }) => y));
  const exact = drawn.find(({ method }) => method.id === "exact");
  const panels = drawn
    .filter((curve) => curve !== exact)
    .map(({ method, y }) =>
      curvesPanel({
        title: method.label,
        curves: [
          { x, y, style: styles.approximate },
          ...(exact ? [{ x, y: exact.y, style: styles.exact }] : []),
        ],
        xLabel: label,
        yLabel: "density, per decade",
        xLog: true,
        xDomain: [10 ** from, 10 ** to],
        yDomain: [0, top],
        width: 270,
        height: 210,
      }),
    );
  return {
    name,
    caption,
    svg: figure({
      title,
      subtitle: "Gaussian process, one score a test field; further left is better",
      rows: inRows(panels, PANELS_A_ROW).map((row, i) => ({
        ...(i === 0 && { legend: BESIDE_EXACT }),
        panels: row,
      })),
    }),
  };
}
