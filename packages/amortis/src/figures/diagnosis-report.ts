/**
 * A diagnosis as a page that stands alone.
 */
import type { DrawsDiagnosis } from "../diagnostics/diagnose-draws.js";
import type { EstimatesDiagnosis } from "../diagnostics/diagnose-estimates.js";
import type { Estimate } from "../diagnostics/averages.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { HistoryRecord } from "../estimators/contents.js";
import { diagnosisFigure } from "./diagnosis.js";
import { lossFigure } from "./loss-history.js";
import type { DiagnosisExample } from "../diagnostics/example.js";
import type { Samples } from "../posterior/posterior-source.js";
import { pairsFigure } from "./pairs.js";
import { predictiveFigure } from "./predictive.js";
import { escapeHtml, htmlFigure, htmlPage, htmlTable } from "./page.js";

/** Parameters of a pair plot, at most. */
const MOST_PAIRS = 8;

/** What the page says beside the diagnosis. */
export interface DiagnosisReportOptions {
  readonly title?: string;
  /** Of the training, where there was one. */
  readonly history?: readonly HistoryRecord[];
  readonly bestEpoch?: number;
  /** One data set looked at closely: `diagnosisExample`. Of more than eight numbers derived quantities and the first parameters are shown. */
  readonly example?: DiagnosisExample | undefined;
}

const KNOWN: KnownOptions<DiagnosisReportOptions> = {
  title: true,
  history: true,
  bestEpoch: true,
  example: true,
};

/**
 * A report: verdict, tests, scores and pictures, as one HTML document without any other file.
 *
 * @example await writeFile("report.html", diagnosisReport(await diagnose(estimator, line), { title: "line" }))
 */
export function diagnosisReport(
  diagnosis: DrawsDiagnosis | EstimatesDiagnosis,
  options: DiagnosisReportOptions = {},
): string {
  requireKnown("diagnosisReport", options, KNOWN);
  const { title = "Diagnosis", history, bestEpoch, example } = options;
  const [answer = "", ...lines] = diagnosis.verdict;
  const list = lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("");
  return htmlPage(
    title,
    [
      `<p><strong>${escapeHtml(answer)}</strong></p>`,
      lines.length > 0 ? `<ul>${list}</ul>` : "",
      htmlFigure(diagnosisFigure(diagnosis), captionOf(diagnosis)),
      `<h2>Scores</h2>${htmlTable("estimate" in diagnosis ? errorRows(diagnosis) : scoreRows(diagnosis))}`,
      `<p>± is one standard error. RMSE, bias, CRPS, interval score and errors are in the parameter's unit.</p>`,
      `<h2>Tests</h2>${htmlTable(testRows(diagnosis))}`,
      `<p>Adjusted p-values hold for all tests together (Holm): one below 0.05 is a finding, and no test is called one by chance in more than 5 % of diagnoses.</p>`,
      ...(example ? exampleParts(example) : []),
      ...(history && history.length > 0
        ? [
            `<h2>Training</h2>${htmlFigure(lossFigure(history, bestEpoch), "Losses of each epoch.")}`,
          ]
        : []),
    ].join("\n"),
  );
}

/** Pairs of parameters and predictive checks of one data set. */
function exampleParts(example: DiagnosisExample): readonly string[] {
  const { posterior, prior, truth, checks } = example;
  const places = shownOf(example);
  const pairs = pairsFigure(columnsAt(posterior, places), {
    title: "the posterior of one data set",
    truth: places.map((place) => truth[place] ?? Number.NaN),
    prior: columnsAt(prior, places),
  });
  return [
    "<h2>One data set</h2>",
    htmlFigure(
      pairs,
      "Draws of the posterior of a fresh simulation, with the true parameters that made it and, in the margins, the prior.",
    ),
    ...(checks.length > 0
      ? [
          htmlFigure(
            predictiveFigure(checks, "data that this posterior makes"),
            "Posterior predictive checks: the same data set beside data simulated from its posterior. p-values near 0 or 1 are of posteriors that make other data; of right ones they lie nearer to 1/2 than uniform ones do.",
          ),
        ]
      : []),
  ];
}

/** Places of the names that a pair plot has room for: derived quantities were asked for by name. */
function shownOf({ posterior: { names }, derived }: DiagnosisExample): readonly number[] {
  const parameters = names.length - derived.length;
  const room = Math.min(parameters, Math.max(0, MOST_PAIRS - derived.length));
  const places = names.map((_, place) => place);
  return [...places.slice(0, room), ...places.slice(parameters)].slice(0, MOST_PAIRS);
}

/** Some columns of draws of one data set. */
function columnsAt({ names, data }: Samples, places: readonly number[]): Samples {
  const [p, shown] = [names.length, places.length];
  const rows = data.length / p;
  const taken = Float64Array.from(
    { length: rows * shown },
    (_, at) => data[Math.floor(at / shown) * p + (places[at % shown] ?? 0)] ?? Number.NaN,
  );
  return {
    names: places.map((place) => names[place] ?? ""),
    shape: [rows, shown],
    data: taken,
  };
}

function captionOf(diagnosis: DrawsDiagnosis | EstimatesDiagnosis): string {
  return "estimate" in diagnosis
    ? "Errors of right means lie about zero wherever the estimate is. The grey band holds the share of truths below each quantile in 95 % of cases where quantiles are right."
    : "Grey bands hold the whole curve in 95 % of cases where posteriors are right. A rank curve that rises above the band at the left and falls below it at the right is of draws that are too narrow; one that stays on one side, of a shift.";
}

function errorRows({ parameters, levels }: EstimatesDiagnosis): readonly (readonly string[])[] {
  return [
    [
      "parameter",
      "RMSE",
      "bias",
      "absolute error",
      "recovery",
      ...levels.map((level) => `truths below quantile ${level}`),
    ],
    ...parameters.map(({ name, rmse, bias, absolute, recovery, tested }) => [
      name,
      ...[rmse, bias, absolute, recovery].map(inWords),
      ...levels.map((level) =>
        inPercent(tested.find((one) => one.name === `quantile ${level}`)?.share),
      ),
    ]),
  ];
}

function scoreRows({ parameters, derived }: DrawsDiagnosis): readonly (readonly string[])[] {
  return [
    [
      "parameter",
      "covered by 50 %",
      "by 90 %",
      "RMSE",
      "bias",
      "CRPS",
      "interval score",
      "z-score, root mean square",
      "contraction",
      "recovery",
    ],
    ...[...parameters, ...derived].map(
      ({ name, coverage, scores, zScale, contraction, recovery }) => [
        name,
        ...[0.5, 0.9].map((level) => inPercent(coverage.find((one) => one.level === level)?.share)),
        ...[
          scores.rmse,
          scores.bias,
          scores.crps,
          scores.intervalScore,
          zScale,
          contraction,
          recovery,
        ].map(inWords),
      ],
    ),
  ];
}

function testRows({ tests }: Pick<DrawsDiagnosis, "tests">): readonly (readonly string[])[] {
  return [
    ["test", "of", "p-value", "adjusted"],
    ...tests.map(({ name, parameter, estimate, pValue, adjusted }) => [
      name,
      estimate === undefined ? (parameter ?? "all together") : `${parameter}: ${estimate}`,
      pValue.toPrecision(2),
      adjusted.toPrecision(2),
    ]),
  ];
}

function inWords({ value, standardError }: Estimate): string {
  return `${Number(value.toPrecision(3))} ± ${Number(standardError.toPrecision(1))}`;
}

function inPercent(share: Estimate | undefined): string {
  if (share === undefined) return "";
  return `${(100 * share.value).toFixed(1)} ± ${(100 * share.standardError).toFixed(1)} %`;
}
