/**
 * Panels of a diagnosis of estimates: recovery, errors, shares below quantiles.
 */
import type { EstimatedParameter } from "../diagnostics/diagnose-estimates.js";
import { BAND, SHOWN } from "./calibration.js";
import { curvesPanel } from "./curves.js";
import { styles } from "./palette.js";
import type { Panel, PanelOptions } from "./panel.js";
import { recoveryPanel } from "./recovery.js";

/** Standard errors of a share of truths that the band reaches on either side. */
const REACH = 1.96;

/** The panels of one parameter. */
export function estimateRow(
  one: EstimatedParameter,
  estimate: string,
  size: PanelOptions,
): readonly Panel[] {
  const titled = (title: string): PanelOptions => ({ ...size, title: `${one.name}: ${title}` });
  const hasLevels = one.tested.some(({ level }) => level !== undefined);
  return [
    estimatesPanel(one, estimate, titled("recovery")),
    errorsPanel(one, titled("errors")),
    ...(hasLevels ? [sharesPanel(one, titled("shares below"))] : []),
  ];
}

/** Estimates against true values, of the first data sets; with the lowest and the highest quantile, where there are any. */
function estimatesPanel(
  { truth, point, tested }: EstimatedParameter,
  estimate: string,
  options: PanelOptions,
): Panel {
  const quantiles = tested.filter(({ name }) => name !== estimate);
  const [first, last] = [quantiles[0], quantiles.at(-1)];
  const isInterval = first !== undefined && last !== undefined && first !== last;
  return recoveryPanel({
    ...options,
    truth: truth.subarray(0, SHOWN),
    estimate: point.subarray(0, SHOWN),
    ...(isInterval && {
      lower: first.estimate.subarray(0, SHOWN),
      upper: last.estimate.subarray(0, SHOWN),
    }),
    truthLabel: "truth",
    estimateLabel: isInterval ? `${estimate}, outer quantiles` : estimate,
  });
}

/** Errors against estimates, a point a data set: about zero everywhere, where estimates are right means. */
function errorsPanel({ truth, point }: EstimatedParameter, options: PanelOptions): Panel {
  const x = point.subarray(0, SHOWN);
  const y = x.map((own, i) => own - (truth[i] ?? Number.NaN));
  const ends = [
    x.reduce((a, b) => Math.min(a, b), Infinity),
    x.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  return curvesPanel({
    ...options,
    curves: [
      { x: ends, y: [0, 0], style: styles.truth },
      { x, y, style: styles.approximate, points: true, opacity: 0.5 },
    ],
    xLabel: "estimate",
    yLabel: "estimate less truth",
  });
}

/** The share of truths below each quantile less its level, with the band that holds each in 95 % of cases where they are right. */
function sharesPanel({ truth, tested }: EstimatedParameter, options: PanelOptions): Panel {
  const shares = tested.flatMap(({ level, share }) =>
    level === undefined || share === undefined ? [] : [{ level, excess: share.value - level }],
  );
  const grid = Array.from({ length: 101 }, (_, i) => i / 100);
  const error = (level: number): number => REACH * Math.sqrt((level * (1 - level)) / truth.length);
  const most = Math.max(error(0.5), ...shares.map(({ excess }) => Math.abs(excess)));
  const x = shares.map(({ level }) => level);
  return curvesPanel({
    ...options,
    bands: [
      {
        x: grid,
        lower: grid.map((level) => -error(level)),
        upper: grid.map(error),
        style: BAND,
      },
    ],
    curves: [
      { x: [0, 1], y: [0, 0], style: styles.truth },
      // A stem for each quantile, so that three of them are seen as well as thirty.
      ...shares.map(({ level, excess }) => ({
        x: [level, level],
        y: [0, excess],
        style: styles.approximate,
      })),
      { x, y: shares.map(({ excess }) => excess), style: styles.approximate, points: true },
    ],
    xLabel: "level of the quantile",
    yLabel: "share below it, less the level",
    xDomain: [0, 1],
    yDomain: [-1.15 * most, 1.15 * most],
  });
}
