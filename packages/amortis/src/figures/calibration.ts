/**
 * Panels of a diagnosis: ranks, coverage, recovery, z-scores.
 */
import type { Coverage } from "../diagnostics/coverage.js";
import type { ParameterDiagnosis } from "../diagnostics/diagnose-draws.js";
import type { Uniformity } from "../diagnostics/uniformity.js";
import { curvesPanel } from "./curves.js";
import { histogramPanel } from "./histogram.js";
import { palette, styles } from "./palette.js";
import type { Panel, PanelOptions } from "./panel.js";
import { recoveryPanel } from "./recovery.js";

/** The band where posteriors are right. */
export const BAND = { color: palette.grey } as const;

/** Data sets that one panel shows: more would be a blot. */
export const SHOWN = 250;

/** Bins of a rank histogram. */
const BINS = 20;

/** Standard errors of a bin's count that the band reaches on either side: all of 20 bins keep to it in about 95 % of cases. */
const REACH = 3;

/**
 * The distribution function of fractional ranks less the diagonal, with its simultaneous 95 % band.
 *
 * @example ranksPanel(uniformity(fractionalRanks(draws, truth, stream(1))), { title: "range" })
 */
export function ranksPanel(
  { points, difference, lower, upper }: Uniformity,
  options: PanelOptions = {},
): Panel {
  return curvesPanel({
    ...options,
    curves: [{ x: points, y: difference, style: styles.approximate }],
    bands: [{ x: points, lower, upper, style: BAND }],
    xLabel: "fractional rank",
    yLabel: "share below, less the diagonal",
    xDomain: [0, 1],
  });
}

/** A histogram of fractional ranks; the band holds all bins in about 95 % of cases where posteriors are right. */
export function rankHistogramPanel(
  fractions: ArrayLike<number>,
  options: PanelOptions = {},
): Panel {
  const n = fractions.length;
  const error = Math.sqrt((n / BINS) * (1 - 1 / BINS));
  return histogramPanel({
    ...options,
    values: fractions,
    domain: [0, 1],
    bins: BINS,
    band: [Math.max(0, n / BINS - REACH * error), n / BINS + REACH * error],
    label: "fractional rank",
  });
}

/**
 * The share of regions that hold the truth, by their level, with its simultaneous 95 % band.
 *
 * @param of what regions they are: "central intervals".
 */
export function coveragePanel(
  { levels, covered, lower, upper }: Coverage,
  of: string,
  options: PanelOptions = {},
): Panel {
  const whole = (values: Float64Array): number[] => [0, ...values, 1];
  const x = whole(levels);
  return curvesPanel({
    ...options,
    curves: [
      { x: [0, 1], y: [0, 1], style: styles.truth },
      { x, y: whole(covered), style: styles.approximate },
    ],
    bands: [{ x, lower: whole(lower), upper: whole(upper), style: BAND }],
    xLabel: `level of ${of}`,
    yLabel: "share that holds the truth",
    xDomain: [0, 1],
    yDomain: [0, 1],
  });
}

/** Posterior means and 90 % intervals against true values, of the first data sets. */
export function recoveryOf(
  { truth, mean, lower, upper }: ParameterDiagnosis,
  options: PanelOptions = {},
): Panel {
  return recoveryPanel({
    ...options,
    truth: truth.subarray(0, SHOWN),
    estimate: mean.subarray(0, SHOWN),
    lower: lower.subarray(0, SHOWN),
    upper: upper.subarray(0, SHOWN),
    truthLabel: "truth",
    estimateLabel: "posterior mean, 90 % interval",
  });
}

/**
 * z-scores against contraction, a point a data set: right posteriors of informative data lie to the right, within ±2 or 3.
 *
 * Reference: Betancourt (2018), arXiv 1803.08393.
 */
export function contractionPanel(
  { truth, mean, sd, contraction }: ParameterDiagnosis,
  options: PanelOptions = {},
): Panel {
  const n = Math.min(SHOWN, truth.length);
  const z = Float64Array.from(
    { length: n },
    (_, i) => ((mean[i] ?? 0) - (truth[i] ?? 0)) / (sd[i] ?? 1),
  );
  const reach = Math.max(
    3.5,
    z.reduce((most, x) => Math.max(most, Math.abs(x)), 0),
  );
  const x = contraction.each.subarray(0, n);
  const least = Math.min(
    0,
    x.reduce((a, b) => Math.min(a, b), 0),
  );
  return curvesPanel({
    ...options,
    curves: [
      ...[-2, 0, 2].map((level) => ({ x: [least, 1], y: [level, level], style: styles.truth })),
      { x, y: z, style: styles.approximate, points: true, opacity: 0.5 },
    ],
    xLabel: "contraction",
    yLabel: "z-score",
    xDomain: [least, 1],
    yDomain: [-reach, reach],
  });
}
