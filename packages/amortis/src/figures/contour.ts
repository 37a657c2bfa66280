/**
 * Contours of a density of two parameters, with points among them.
 */
import * as Plot from "@observablehq/plot";
import { drawPanel, labelled } from "./draw.js";
import { markedPoints } from "./marked-points.js";
import type { Style } from "./palette.js";
import { edgesOf, MARGIN_TOP, PANEL_OPTIONS, type Panel, type PanelOptions } from "./panel.js";
import type { MarkedPoint } from "./point.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** A density over a regular grid. */
export interface ContourOptions extends PanelOptions {
  /** Midpoints of the columns and of the rows, equally far apart. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** [rows][columns], up to a constant factor. */
  readonly density: readonly (readonly number[])[];
  /** Shares of the mass that contours hold, 0.5 and 0.9 unless said. */
  readonly masses?: readonly number[];
  readonly style: Style;
  readonly points?: readonly MarkedPoint[];
  readonly xLabel: string;
  readonly yLabel: string;
}

const KNOWN: KnownOptions<ContourOptions> = {
  ...PANEL_OPTIONS,
  x: true,
  y: true,
  density: true,
  masses: true,
  style: true,
  points: true,
  xLabel: true,
  yLabel: true,
};

/**
 * The smallest regions that hold given shares of a density's mass.
 *
 * @example contourPanel({ x, y, density, style: styles.approximate, xLabel: "range", yLabel: "smoothness" })
 */
export function contourPanel(options: ContourOptions): Panel {
  requireKnown("contourPanel", options, KNOWN);
  const { x, y, density, masses = [0.5, 0.9], style, points = [], xLabel, yLabel } = options;
  const [left, right] = edgesOf(x);
  const [bottom, top] = edgesOf(y);
  const values = density.flat();
  return drawPanel(options, {
    marginLeft: 48,
    marginBottom: 42,
    marginTop: MARGIN_TOP,
    x: labelled(xLabel, { domain: [left, right], ticks: 5 }),
    y: labelled(yLabel, { domain: [bottom, top], ticks: 5 }),
    marks: [
      Plot.frame({ stroke: "#cccccc" }),
      Plot.contour(values, {
        width: x.length,
        height: y.length,
        x1: left,
        x2: right,
        y1: bottom,
        y2: top,
        thresholds: [...new Set(thresholdsOf(values, masses))].toSorted((a, b) => a - b),
        stroke: style.color,
        strokeWidth: style.width ?? 1.8,
      }),
      ...markedPoints(points),
    ],
  });
}

/** Densities above which there is each share of the mass. */
export function thresholdsOf(
  density: readonly number[],
  masses: readonly number[],
): readonly number[] {
  const sorted = density.toSorted((a, b) => b - a);
  const total = sorted.reduce((a, b) => a + b, 0);
  return masses.map((mass) => {
    let held = 0;
    return sorted.find((value) => (held += value) >= mass * total) ?? 0;
  });
}
