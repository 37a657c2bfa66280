/**
 * Histograms: counts of values in equal bins, with the band that they keep to by chance, or a value that they are held against.
 */
import * as Plot from "@observablehq/plot";
import { requireKnown, type KnownOptions } from "../known-options.js";
import { drawPanel, labelled } from "./draw.js";
import { palette, styles } from "./palette.js";
import { MARGIN_TOP, PANEL_OPTIONS, type Panel, type PanelOptions } from "./panel.js";

/** What is counted. */
export interface HistogramOptions extends PanelOptions {
  readonly values: ArrayLike<number>;
  /** From and to; by default the values' own. */
  readonly domain?: readonly [number, number];
  /** 20 by default. */
  readonly bins?: number;
  /** Counts that a bin keeps to by chance. */
  readonly band?: readonly [number, number];
  /** A value to mark. */
  readonly truth?: number;
  readonly label: string;
}

const KNOWN: KnownOptions<HistogramOptions> = {
  ...PANEL_OPTIONS,
  values: true,
  domain: true,
  bins: true,
  band: true,
  truth: true,
  label: true,
};

/**
 * A histogram.
 *
 * @example histogramPanel({ values: replicated, truth: observed, label: "variance of the data" })
 */
export function histogramPanel(options: HistogramOptions): Panel {
  requireKnown("histogramPanel", options, KNOWN);
  const { bins = 20, band, truth, label } = options;
  const values = Array.from(options.values).filter(Number.isFinite);
  const [from, to] = options.domain ?? extentOf(values, truth);
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.floor(((value - from) / (to - from)) * bins));
    if (bin >= 0 && value <= to) counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const edge = (k: number): number => from + ((to - from) * k) / bins;
  return drawPanel(options, {
    marginLeft: 48,
    marginTop: MARGIN_TOP,
    marginBottom: 42,
    x: labelled(label, { domain: [from, to], ticks: 5 }),
    y: labelled("count", { ticks: 4, zero: true, nice: true }),
    marks: [
      ...(band === undefined
        ? []
        : [
            Plot.rect([band], {
              x1: from,
              x2: to,
              y1: "0",
              y2: "1",
              fill: palette.grey,
              fillOpacity: 0.25,
            }),
          ]),
      Plot.rectY(
        counts.map((count, k) => ({ x1: edge(k), x2: edge(k + 1), count })),
        {
          x1: "x1",
          x2: "x2",
          y: "count",
          fill: styles.approximate.color,
          fillOpacity: 0.75,
          inset: 0.5,
        },
      ),
      Plot.ruleY([0], { stroke: "#cccccc" }),
      ...(truth === undefined
        ? []
        : [Plot.ruleX([truth], { stroke: palette.vermillion, strokeWidth: 2.5 })]),
    ],
  });
}

function extentOf(values: readonly number[], truth: number | undefined): readonly [number, number] {
  const all = truth === undefined ? values : [...values, truth];
  const [from, to] = [
    all.reduce((a, b) => Math.min(a, b), Infinity),
    all.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  if (to > from) return [from, to];
  return Number.isFinite(from) ? [from - 0.5, from + 0.5] : [0, 1];
}
