/**
 * The picture of a diagnosis: ranks, coverage, recovery and z-scores of each parameter, and coverage of all together.
 */
import type { DrawsDiagnosis, ParameterDiagnosis } from "../diagnostics/diagnose-draws.js";
import {
  BAND,
  contractionPanel,
  coveragePanel,
  rankHistogramPanel,
  ranksPanel,
  recoveryOf,
} from "./calibration.js";
import { figure, type FigureRow } from "./figure.js";
import { styles } from "./palette.js";

const SIZE = { width: 235, height: 215 } as const;

/** Parameters that a figure has room for: those with the smallest p-values. */
const MOST = 8;

/**
 * A row for each parameter: the ranks' distribution function less the diagonal, with the band that holds it 95 % of the time if the posterior is right; their histogram; the share of
 * central intervals that hold the truth, by their level; posterior means against true values; z-scores against contraction. Below, coverage of all parameters together. Of more than
 * eight parameters, those with the smallest p-values.
 *
 * @returns SVG, for Node and pages alike.
 * @example await saveFigure("diagnosis.svg", diagnosisFigure(await diagnose(estimator, line)));
 */
export function diagnosisFigure(diagnosis: DrawsDiagnosis): string {
  const { simulations, samples, verdict } = diagnosis;
  const shown = worstOf(diagnosis);
  const legend = [
    { label: "these posteriors", style: styles.approximate },
    { label: "95 % band where posteriors are right", style: BAND, mark: "area" },
  ] as const;
  return figure({
    title: (verdict[0] ?? "").split(/[(:]/)[0]?.trim() ?? "",
    subtitle: `${simulations} data sets whose truths are known, ${samples} draws of each posterior${shown.length < diagnosis.parameters.length ? `; the ${shown.length} parameters with the smallest p-values of ${diagnosis.parameters.length}` : ""}`,
    rows: [
      ...shown.map((one, i) => ({ ...(i === 0 && { legend }), ...rowOf(one) })),
      jointRow(diagnosis),
    ],
  });
}

function worstOf({ parameters, tests }: DrawsDiagnosis): readonly ParameterDiagnosis[] {
  if (parameters.length <= MOST) return parameters;
  const least = (name: string): number =>
    tests.reduce((p, test) => (test.parameter === name ? Math.min(p, test.pValue) : p), 1);
  const chosen = parameters.toSorted((a, b) => least(a.name) - least(b.name)).slice(0, MOST);
  return parameters.filter((one) => chosen.includes(one));
}

function rowOf(one: ParameterDiagnosis): FigureRow {
  const titled = (title: string) => ({ ...SIZE, title: `${one.name}: ${title}` });
  return {
    panels: [
      ranksPanel(one.ranks, titled("ranks")),
      rankHistogramPanel(one.fractions, titled("rank histogram")),
      coveragePanel(one.central, "central intervals", titled("coverage")),
      recoveryOf(one, titled("recovery")),
      contractionPanel(one, titled("z-scores")),
    ],
  };
}

function jointRow({ joint: { depth, density, tarp } }: DrawsDiagnosis): FigureRow {
  const titled = (title: string) => ({ ...SIZE, title });
  return {
    title: "all parameters together",
    panels: [
      coveragePanel(tarp, "balls about random points", titled("TARP")),
      ...(depth ? [coveragePanel(depth, "ellipsoids", titled("joint coverage"))] : []),
      ...(density ? [coveragePanel(density, "densest regions", titled("densest regions"))] : []),
    ],
  };
}
