/**
 * The picture of a diagnosis: ranks, coverage, recovery and z-scores of each parameter, and coverage of all together.
 */
import type { CalibrationTest } from "../diagnostics/family.js";
import type { DrawsDiagnosis, ParameterDiagnosis } from "../diagnostics/diagnose-draws.js";
import type { EstimatesDiagnosis } from "../diagnostics/diagnose-estimates.js";
import {
  BAND,
  contractionPanel,
  coveragePanel,
  rankHistogramPanel,
  ranksPanel,
  recoveryOf,
} from "./calibration.js";
import { estimateRow } from "./estimates.js";
import { figure, type FigureRow } from "./figure.js";
import { styles } from "./palette.js";

const SIZE = { width: 235, height: 215 } as const;

/** Parameters that a figure has room for: those with the smallest p-values. */
const MOST = 8;

/**
 * A row for each parameter and derived quantity: the ranks' distribution function less the diagonal, with the band that holds it 95 % of the time if the posterior is right; their histogram; the share of
 * central intervals that hold the truth, by their level; posterior means against true values; z-scores against contraction. Below, coverage of all parameters together. Of more than
 * eight parameters, those with the smallest p-values. Of estimates: recovery, errors, and the share of truths below each quantile.
 *
 * @returns SVG, for Node and pages alike.
 * @example await saveFigure("diagnosis.svg", diagnosisFigure(await diagnose(estimator, line)));
 */
export function diagnosisFigure(diagnosis: DrawsDiagnosis | EstimatesDiagnosis): string {
  return "estimate" in diagnosis ? ofEstimates(diagnosis) : ofDraws(diagnosis);
}

function ofDraws(diagnosis: DrawsDiagnosis): string {
  const { simulations, samples, tests, parameters, derived } = diagnosis;
  const all = [...parameters, ...derived];
  const shown = worstOf({ parameters: all, tests });
  const legend = [
    { label: "these posteriors", style: styles.approximate },
    { label: "95 % band where posteriors are right", style: BAND, mark: "area" },
  ] as const;
  return figure({
    title: titleOf(diagnosis),
    subtitle: `${simulations} data sets whose truths are known, ${samples} draws of each posterior${leftOut(shown.length, all.length)}`,
    rows: [
      ...shown.map((one, i) => ({ ...(i === 0 && { legend }), ...rowOf(one) })),
      jointRow(diagnosis),
    ],
  });
}

function ofEstimates(diagnosis: EstimatesDiagnosis): string {
  const { simulations, estimate, parameters } = diagnosis;
  const shown = worstOf(diagnosis);
  const legend = [
    { label: "these estimates", style: styles.approximate },
    { label: "95 % band where estimates are right", style: BAND, mark: "area" },
  ] as const;
  return figure({
    title: titleOf(diagnosis),
    subtitle: `the ${estimate} of ${simulations} data sets whose truths are known${leftOut(shown.length, parameters.length)}`,
    rows: shown.map((one, i) => ({
      ...(i === 0 && { legend }),
      panels: estimateRow(one, estimate, SIZE),
    })),
  });
}

function titleOf({ verdict }: Pick<DrawsDiagnosis, "verdict">): string {
  return (verdict[0] ?? "").split(/[(:]/)[0]?.trim() ?? "";
}

function leftOut(shown: number, all: number): string {
  return shown < all ? `; the ${shown} parameters with the smallest p-values of ${all}` : "";
}

function worstOf<One extends { readonly name: string }>({
  parameters,
  tests,
}: {
  readonly parameters: readonly One[];
  readonly tests: readonly CalibrationTest[];
}): readonly One[] {
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
