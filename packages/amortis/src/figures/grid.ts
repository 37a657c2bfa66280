/**
 * Fields on a grid, and functions of two variables, as pictures; and the key to their colours.
 */
import * as Plot from "@observablehq/plot";
import { drawPanel, labelled } from "./draw.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import { markedPoints } from "./marked-points.js";
import { PANEL_OPTIONS, type Panel, type PanelOptions } from "./panel.js";
import type { MarkedPoint } from "./point.js";

/** Cells reach a little into their neighbours, or lines would show between them. */
const OVERLAP = -0.3;
/** From dark to light, and as different in grey as in colour. */
const SCHEME = "cividis";
/** Around pictures with axes, and the keys beside them. */
const MARGINS = { top: 8, bottom: 40 } as const;
/** Steps of colour in a key. */
const KEY_STEPS = 64;

/** What the axes of a picture are. */
export interface GridAxes {
  /** From the outer edge of the first column to that of the last. */
  readonly x: readonly [number, number];
  /** From the outer edge of the first row to that of the last: the axis increases upwards, whichever row comes first. */
  readonly y: readonly [number, number];
  readonly xLabel: string;
  readonly yLabel: string;
}

/** A field. */
export interface GridOptions extends PanelOptions {
  /** [rows, columns], row-major; without axes the first row is on top. */
  readonly values: ArrayLike<number>;
  readonly columns: number;
  /** Values that the darkest and the lightest colour stand for. */
  readonly domain: readonly [number, number];
  /** None for a field, whose place in the plane says nothing. */
  readonly axes?: GridAxes;
  /** Drawn over a picture with axes. */
  readonly points?: readonly MarkedPoint[];
}

const KNOWN: KnownOptions<GridOptions> = {
  ...PANEL_OPTIONS,
  values: true,
  columns: true,
  domain: true,
  axes: true,
  points: true,
};

/**
 * Values on a grid, in colours from dark (low) to light (high) that also differ in grey (cividis).
 *
 * @example gridPanel({ values: z, columns: 16, domain: [-3, 3], width: 130, height: 130 })
 */
export function gridPanel(options: GridOptions): Panel {
  requireKnown("gridPanel", options, KNOWN);
  const { values, columns, domain, axes, points = [] } = options;
  const color: Plot.ScaleOptions = {
    type: "linear",
    scheme: SCHEME,
    domain: [...domain],
    clamp: true,
  };
  const cells = Array.from({ length: values.length }, (_, i) => ({
    x: i % columns,
    y: Math.floor(i / columns),
    value: values[i] ?? Number.NaN,
  }));
  if (axes === undefined) {
    return drawPanel(options, {
      margin: 1,
      x: { axis: null, padding: 0, round: false },
      y: { axis: null, padding: 0, round: false },
      color,
      marks: [
        Plot.cell(cells, { x: "x", y: "y", fill: "value", inset: OVERLAP }),
        Plot.frame({ stroke: "#888888" }),
      ],
    });
  }
  const edge = ([from, to]: readonly [number, number], count: number, i: number): number =>
    from + ((to - from) * i) / count;
  const rows = values.length / columns;
  const rectangles = cells.map(({ x, y, value }) => ({
    x1: edge(axes.x, columns, x),
    x2: edge(axes.x, columns, x + 1),
    y1: edge(axes.y, rows, y),
    y2: edge(axes.y, rows, y + 1),
    value,
  }));
  const increasing = (ends: readonly [number, number]): number[] => ends.toSorted((a, b) => a - b);
  return drawPanel(options, {
    marginLeft: 44,
    marginBottom: MARGINS.bottom,
    marginTop: MARGINS.top,
    marginRight: 10,
    x: labelled(axes.xLabel, { domain: increasing(axes.x), ticks: 4 }),
    y: labelled(axes.yLabel, { domain: increasing(axes.y), ticks: 6 }),
    color,
    marks: [
      Plot.rect(rectangles, {
        x1: "x1",
        x2: "x2",
        y1: "y1",
        y2: "y2",
        fill: "value",
        inset: OVERLAP,
      }),
      Plot.frame({ stroke: "#888888" }),
      ...markedPoints(points),
    ],
  });
}

/** A key to colours. */
export interface GridKeyOptions extends PanelOptions {
  /** As the pictures have it. */
  readonly domain: readonly [number, number];
  /** What the colours stand for, unit included. */
  readonly label: string;
  /** Whether the pictures have axes, which the key then leaves room for too. */
  readonly axes?: boolean;
}

const KNOWN_OF_KEY: KnownOptions<GridKeyOptions> = {
  ...PANEL_OPTIONS,
  domain: true,
  label: true,
  axes: true,
};

/**
 * The key to the colours of `gridPanel`, to stand beside pictures of the same height.
 *
 * @example gridKey({ domain: [-3, 3], label: "Z", height: 130 })
 */
export function gridKey(options: GridKeyOptions): Panel {
  requireKnown("gridKey", options, KNOWN_OF_KEY);
  const { domain, label, width = 74, height, axes = false } = options;
  const [from, to] = domain;
  const step = (to - from) / KEY_STEPS;
  const steps = Array.from({ length: KEY_STEPS }, (_, i) => ({
    y1: from + i * step,
    y2: from + (i + 1) * step,
    value: from + (i + 0.5) * step,
  }));
  return drawPanel(
    { ...options, width, ...(height !== undefined && { height }) },
    {
      marginLeft: 4,
      marginRight: width - 22,
      // Half a tick's label at least.
      marginTop: MARGINS.top,
      marginBottom: axes ? MARGINS.bottom : MARGINS.top,
      x: { axis: null, domain: [0, 1] },
      y: { axis: null, domain: [from, to] },
      color: { type: "linear", scheme: SCHEME, domain: [from, to] },
      marks: [
        Plot.rect(steps, { x1: 0, x2: 1, y1: "y1", y2: "y2", fill: "value", inset: OVERLAP }),
        Plot.frame({ stroke: "#888888" }),
        Plot.axisY({
          anchor: "right",
          ticks: 6,
          label,
          labelAnchor: "center",
          labelArrow: "none",
        }),
      ],
    },
  );
}
