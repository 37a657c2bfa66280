/**
 * Densities of one parameter, with the truth where it is known.
 */
import * as Plot from "@observablehq/plot";
import { drawPanel, labelled } from "./draw.js";
import { styles, type Style } from "./palette.js";
import { MARGIN_TOP, PANEL_OPTIONS, type Panel, type PanelOptions } from "./panel.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** One density. */
export interface DensityCurve {
  /** Points, increasing. */
  readonly x: ArrayLike<number>;
  /** Density at the points. */
  readonly density: ArrayLike<number>;
  readonly style: Style;
}

/** Densities to compare. */
export interface DensityOptions extends PanelOptions {
  readonly curves: readonly DensityCurve[];
  readonly truth?: number;
  /** What the axis is called, unit included. */
  readonly label?: string;
  readonly domain?: readonly [number, number];
}

const KNOWN: KnownOptions<DensityOptions> = {
  ...PANEL_OPTIONS,
  curves: true,
  truth: true,
  label: true,
  domain: true,
};

/**
 * Densities over one another.
 *
 * @example densityPanel({ curves: [{ x, density, style: styles.approximate }], truth: 0.2, label: "range" })
 */
export function densityPanel(options: DensityOptions): Panel {
  requireKnown("densityPanel", options, KNOWN);
  const { curves, truth, label = "parameter", domain } = options;
  return drawPanel(options, {
    marginLeft: 44,
    marginTop: MARGIN_TOP,
    marginBottom: 40,
    marginRight: 12,
    x: labelled(label, { ticks: 4, ...(domain && { domain: [...domain] }) }),
    y: labelled("density", { ticks: 4, nice: true, zero: true }),
    marks: [
      Plot.ruleY([0], { stroke: "#cccccc" }),
      ...(truth === undefined
        ? []
        : [
            Plot.ruleX([truth], {
              stroke: styles.truth.color,
              strokeDasharray: styles.truth.dash,
              strokeWidth: styles.truth.width,
            }),
          ]),
      ...curves.map(({ x, density, style }) =>
        Plot.line(
          Array.from({ length: x.length }, (_, i) => [
            x[i] ?? Number.NaN,
            density[i] ?? Number.NaN,
          ]),
          {
            stroke: style.color,
            strokeWidth: style.width ?? 1.5,
            ...(style.dash !== undefined && { strokeDasharray: style.dash }),
          },
        ),
      ),
    ],
  });
}
