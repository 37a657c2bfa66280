/**
 * Fields on a grid, as pictures.
 */
import * as Plot from "@observablehq/plot";
import { drawPanel, type Panel, type PanelOptions } from "./panel.js";

/** Cells reach a little into their neighbours, or lines would show between them. */
const OVERLAP = -0.3;

/** A field. */
export interface GridOptions extends PanelOptions {
  /** [rows, columns], row-major. */
  readonly values: ArrayLike<number>;
  readonly columns: number;
  /** Values that the darkest and the lightest colour stand for. */
  readonly domain: readonly [number, number];
}

/**
 * A field on a grid, in colours from dark (low) to light (high) that also differ in grey (cividis).
 *
 * @example gridPanel({ values: z, columns: 16, domain: [-3, 3], width: 130, height: 130 })
 */
export function gridPanel(options: GridOptions): Panel {
  const { values, columns, domain } = options;
  const cells = Array.from({ length: values.length }, (_, i) => ({
    x: i % columns,
    y: Math.floor(i / columns),
    value: values[i] ?? Number.NaN,
  }));
  return drawPanel(options, {
    margin: 1,
    x: { axis: null, padding: 0, round: false },
    y: { axis: null, padding: 0, round: false },
    color: { type: "linear", scheme: "cividis", domain: [...domain], clamp: true },
    marks: [
      Plot.cell(cells, { x: "x", y: "y", fill: "value", inset: OVERLAP }),
      Plot.frame({ stroke: "#888888" }),
    ],
  });
}
