/**
 * Curves and points over two axes, each linear or logarithmic.
 */
import * as Plot from "@observablehq/plot";
import { drawPanel, labelled } from "./draw.js";
import { markedPoints } from "./marked-points.js";
import type { Style } from "./palette.js";
import { MARGIN_TOP, PANEL_OPTIONS, type Panel, type PanelOptions } from "./panel.js";
import type { MarkedPoint } from "./point.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

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

/** The area between two curves. */
export interface Band {
  readonly x: ArrayLike<number>;
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
  readonly style: Style;
}

/** Curves to be seen together. */
export interface CurvesOptions extends PanelOptions {
  readonly curves: readonly Curve[];
  /** Drawn translucent, below the curves. */
  readonly bands?: readonly Band[];
  /** Drawn over the curves. */
  readonly points?: readonly MarkedPoint[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xLog?: boolean;
  readonly yLog?: boolean;
  /** From and to; by default as far as there is anything. */
  readonly xDomain?: readonly [number, number];
  readonly yDomain?: readonly [number, number];
}

const KNOWN: KnownOptions<CurvesOptions> = {
  ...PANEL_OPTIONS,
  curves: true,
  bands: true,
  points: true,
  xLabel: true,
  yLabel: true,
  xLog: true,
  yLog: true,
  xDomain: true,
  yDomain: true,
};

/** Decades of an axis below which it has more labels than the powers of ten. */
const FEW_DECADES = 2.7;

/** A logarithmic axis; labels of all that a long one has would run into one another. */
function logarithmic(domain: readonly [number, number] | undefined): Plot.ScaleOptions {
  const few = domain !== undefined && Math.log10(domain[1] / domain[0]) < FEW_DECADES;
  return {
    type: "log",
    // Of fewer the library leaves out labels of its own choice.
    ...(few && { ticks: 30 }),
    tickFormat: (value: number): string => {
      const power = Math.log10(value);
      const whole = Math.round(power);
      const plain = String(Number(value.toPrecision(3)));
      if (Math.abs(power - whole) < 1e-9) {
        return whole >= 4 || whole <= -4 ? `1e${whole}` : plain;
      }
      const leading = Math.round(value / 10 ** Math.floor(power));
      return few && (leading === 2 || leading === 5) ? plain : "";
    },
  };
}

/**
 * Curves and points.
 *
 * @example curvesPanel({ curves: [{ x, y, style: styles.approximate }], xLabel: "data sets", yLabel: "seconds", xLog: true })
 */
export function curvesPanel(options: CurvesOptions): Panel {
  requireKnown("curvesPanel", options, KNOWN);
  const { curves, bands = [], points = [], xLabel, yLabel, xLog = false, yLog = false } = options;
  const scale = (
    label: string,
    log: boolean,
    domain: readonly [number, number] | undefined,
  ): Plot.ScaleOptions =>
    labelled(label, {
      ticks: 5,
      ...(log && logarithmic(domain)),
      ...(domain && { domain: [...domain] }),
    });
  return drawPanel(options, {
    marginLeft: 56,
    marginTop: MARGIN_TOP,
    marginBottom: 42,
    x: scale(xLabel, xLog, options.xDomain),
    y: scale(yLabel, yLog, options.yDomain),
    marks: [
      Plot.frame({ stroke: "#cccccc" }),
      ...bands.map(({ x, lower, upper, style }) =>
        Plot.areaY(
          Array.from({ length: x.length }, (_, i) => [x[i], lower[i], upper[i]]),
          { x: "0", y1: "1", y2: "2", fill: style.color, fillOpacity: 0.25 },
        ),
      ),
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
      ...markedPoints(points),
    ],
  });
}
