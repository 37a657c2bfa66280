/**
 * The picture of a diagnosis: ranks, coverage and recovery of each parameter.
 */
import type { DrawsDiagnosis, ParameterDiagnosis } from "../diagnostics/diagnose-draws.js";
import { curvesPanel } from "./curves.js";
import { figure } from "./figure.js";
import { palette, styles } from "./palette.js";
import type { Panel } from "./panel.js";
import { recoveryPanel } from "./recovery.js";

/** Data sets that a recovery plot shows: more would be a blot. */
const SHOWN = 400;

const SIZE = { width: 300, height: 250 } as const;

/**
 * A row for each parameter: the ranks' distribution function less the diagonal, with the band that holds it 95 % of the time if the posterior is right; the
 * share of central intervals that hold the truth, by their level; and posterior means against true values.
 *
 * @returns SVG, for Node and pages alike.
 * @example await saveFigure("diagnosis.svg", diagnosisFigure(await diagnose(estimator, line)));
 */
export function diagnosisFigure(diagnosis: DrawsDiagnosis): string {
  const { parameters, simulations, samples, verdict } = diagnosis;
  return figure({
    title: (verdict[0] ?? "").split(" (")[0] ?? "",
    subtitle: `${simulations} fresh simulations, ${samples} draws of each posterior`,
    rows: [
      {
        legend: [
          { label: "this estimator", style: styles.approximate },
          { label: "95 % band where the posterior is right", style: BAND, mark: "area" },
        ],
        panels: parameters[0] === undefined ? [] : panelsOf(parameters[0]),
      },
      ...parameters.slice(1).map((one) => ({ panels: panelsOf(one) })),
    ],
  });
}

const BAND = { color: palette.grey } as const;

function panelsOf(one: ParameterDiagnosis): readonly Panel[] {
  return [ranksPanel(one), coveragePanel(one), recovery(one)];
}

function ranksPanel({
  name,
  ranks: { points, difference, lower, upper },
}: ParameterDiagnosis): Panel {
  return curvesPanel({
    title: `${name}: ranks`,
    ...SIZE,
    curves: [{ x: points, y: difference, style: styles.approximate }],
    bands: [{ x: points, lower, upper, style: BAND }],
    xLabel: "rank / draws",
    yLabel: "share below, less the diagonal",
  });
}

function coveragePanel({ name, coverage }: ParameterDiagnosis): Panel {
  const levels = [0, ...coverage.map(({ level }) => level), 1];
  const band = coverage.map(
    ({ level, share }) => 2.5 * Math.sqrt((level * (1 - level)) / share.each.length),
  );
  const edge = (sign: number): number[] => [
    0,
    ...coverage.map(({ level }, i) => level + sign * (band[i] ?? 0)),
    1,
  ];
  return curvesPanel({
    title: `${name}: coverage`,
    ...SIZE,
    curves: [
      {
        x: levels,
        y: [0, ...coverage.map(({ share }) => share.value), 1],
        style: styles.approximate,
        points: true,
      },
    ],
    bands: [{ x: levels, lower: edge(-1), upper: edge(1), style: BAND }],
    xLabel: "level of central intervals",
    yLabel: "share that holds the truth",
    xDomain: [0, 1],
    yDomain: [0, 1],
  });
}

function recovery({ name, truth, mean, lower, upper }: ParameterDiagnosis): Panel {
  return recoveryPanel({
    title: `${name}: recovery`,
    ...SIZE,
    truth: truth.subarray(0, SHOWN),
    estimate: mean.subarray(0, SHOWN),
    lower: lower.subarray(0, SHOWN),
    upper: upper.subarray(0, SHOWN),
    truthLabel: "truth",
    estimateLabel: "posterior mean, 90 % interval",
  });
}
