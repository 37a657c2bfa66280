/**
 * Predictive checks as a picture.
 */
import type { PredictiveCheck } from "../diagnostics/predictive-check.js";
import { curvesPanel } from "./curves.js";
import { figure } from "./figure.js";
import { histogramPanel } from "./histogram.js";
import { palette, styles } from "./palette.js";
import type { Panel } from "./panel.js";

const SIZE = { width: 290, height: 230 } as const;

/** Panels side by side. */
const ACROSS = 3;

/**
 * A panel for each discrepancy: its values for data that the model made, and that of the data in hand. Where it depends on θ, both against each other: points above the diagonal are
 * replicated data that are odder.
 *
 * @returns SVG, for Node and pages alike.
 * @example await saveFigure("check.svg", predictiveFigure(await predictiveCheck(line, { y }, { parameters, discrepancies })))
 */
export function predictiveFigure(
  checks: readonly PredictiveCheck[],
  title = "predictive checks",
): string {
  const panels = checks.map(panelOf);
  return figure({
    title,
    rows: Array.from({ length: Math.ceil(panels.length / ACROSS) }, (_, i) => ({
      ...(i === 0 && {
        legend: [
          { label: "data that the model makes", style: styles.approximate, mark: "area" as const },
          { label: "the data in hand", style: { color: palette.vermillion, width: 2.5 } },
        ],
      }),
      panels: panels.slice(i * ACROSS, (i + 1) * ACROSS),
    })),
  });
}

function panelOf({ name, observed, replicated, pValue }: PredictiveCheck): Panel {
  const title = `${name}: p = ${Number(pValue.toPrecision(2))}`;
  const [first = Number.NaN] = observed;
  if (observed.every((value) => value === first)) {
    return histogramPanel({ ...SIZE, title, values: replicated, truth: first, label: name });
  }
  const all = [...observed, ...replicated].filter(Number.isFinite);
  const ends = [
    all.reduce((a, b) => Math.min(a, b), Infinity),
    all.reduce((a, b) => Math.max(a, b), -Infinity),
  ] as const;
  return curvesPanel({
    ...SIZE,
    title,
    curves: [
      { x: ends, y: ends, style: { color: palette.vermillion, width: 2.5 } },
      { x: observed, y: replicated, style: styles.approximate, points: true, opacity: 0.4 },
    ],
    xLabel: `${name} of the data in hand`,
    yLabel: `${name} of data that the model makes`,
    xDomain: ends,
    yDomain: ends,
  });
}
