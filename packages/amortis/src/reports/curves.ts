/**
 * Curves and points over two axes, each linear or logarithmic.
 */
import * as Plot from "@observablehq/plot";
import type { Style } from "./palette.js";
import { drawPanel, labelled, type Panel, type PanelOptions } from "./panel.js";

/** A curve; without a style's line, points. */
export interface Curve {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly style: Style;
  /** Points instead of a line. */
  readonly points?: boolean;
  /** Opacity of points, 1 unless said. */
  readonly opacity?: number;
}

/** Curves to be seen together. */
export interface CurvesOptions extends PanelOptions {
  readonly curves: readonly Curve[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xLog?: boolean;
  readonly yLog?: boolean;
}

/** Labels of a logarithmic axis: more than the powers would run into one another. */
function powerOfTen(value: number): string {
  const power = Math.log10(value);
  if (Math.abs(power - Math.round(power)) > 1e-9) return "";
  return power >= 4 || power <= -4
    ? `1e${Math.round(power)}`
    : String(Number(value.toPrecision(3)));
}

/**
 * Curves and points.
 *
 * @example curvesPanel({ curves: [{ x, y, style: styles.approximate }], xLabel: "data sets", yLabel: "seconds", xLog: true })
 */
export function curvesPanel(options: CurvesOptions): Panel {
  const { curves, xLabel, yLabel, xLog = false, yLog = false } = options;
  const scale = (label: string, log: boolean): Plot.ScaleOptions =>
    labelled(label, { ticks: 5, ...(log && { type: "log", tickFormat: powerOfTen }) });
  return drawPanel(options, {
    marginLeft: 56,
    marginBottom: 42,
    x: scale(xLabel, xLog),
    y: scale(yLabel, yLog),
    marks: [
      Plot.frame({ stroke: "#cccccc" }),
      ...curves.map(({ x, y, style, points = false, opacity = 1 }) => {
        const pairs = Array.from({ length: x.length }, (_, i) => [x[i] ?? NaN, y[i] ?? NaN]);
        return points
          ? Plot.dot(pairs, { x: "0", y: "1", r: 2, fill: style.color, fillOpacity: opacity })
          : Plot.line(pairs, {
              stroke: style.color,
              strokeWidth: style.width ?? 1.8,
              ...(style.dash !== undefined && { strokeDasharray: style.dash }),
            });
      }),
    ],
  });
}
