/**
 * The model card of an estimator as a page that stands alone: what it is of, how it was trained, and how it answered simulations held out of training.
 *
 * Reference: Mitchell et al. (2019), Model cards for model reporting, arXiv 1810.03993.
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { Calibration } from "../estimators/calibration-schema.js";
import type { Details } from "../estimators/contents.js";
import { describeSpec } from "../data/array-spec.js";
import type { Json } from "../json.js";
import { curvesPanel } from "./curves.js";
import { figure, type FigureRow } from "./figure.js";
import { lossFigure } from "./loss-history.js";
import { escapeHtml, htmlFigure, htmlPage, htmlTable } from "./page.js";
import { inWords } from "../settings/in-words.js";
import { palette, styles } from "./palette.js";

/** What the page says beside what the file says. */
export interface ModelCardOptions {
  /** The name of the file. */
  readonly file?: string;
  /** Its size. */
  readonly bytes?: number;
  /** Numbers that were learned. */
  readonly weights?: number;
  /** What it answers with, in words. */
  readonly answers?: string;
}

const KNOWN: KnownOptions<ModelCardOptions> = {
  file: true,
  bytes: true,
  weights: true,
  answers: true,
};

type Rows = readonly (readonly string[])[];

/**
 * A model card as HTML, with figures in it and no other file: for light and dark screens, wide and narrow.
 *
 * @example await writeFile("card.html", modelCard(estimator.details, { file: "field.amortis" }))
 */
export function modelCard(details: Details, options: ModelCardOptions = {}): string {
  requireKnown("modelCard", options, KNOWN);
  const { model, method, training, calibration, created, description } = details;
  const answers = options.answers ?? details.answers.kind;
  const sections = [
    `<p>${escapeHtml(`An estimator of the model “${model.name}” by ${method}, which answers with ${answers}.`)}</p>`,
    `<h2>Parameters</h2>${htmlTable(parameterRows(model), true)}`,
    `<h2>Data</h2>${htmlTable(dataRows(model), true)}`,
    ...heldOut(calibration),
    ...losses(training),
    `<h2>Training</h2>${htmlTable(trainingRows(training), true)}`,
    `<h2>Networks</h2>${htmlTable(settingRows(description), true)}`,
    `<h2>File</h2>${htmlTable(fileRows(created, options), true)}`,
  ];
  return htmlPage(model.name, sections.join("\n"));
}

const textOf = (words: string | readonly string[] | undefined): string =>
  typeof words === "string" ? words : (words ?? []).join(", ");

function parameterRows({ parameters }: Details["model"]): Rows {
  return [
    ["name", "prior", "support", "unit", "description"],
    ...parameters.map(({ name, shape, prior, support, unit, description }) => [
      `${name}${shape.length === 0 ? "" : ` [${shape.join(", ")}]`}`,
      inWords(prior),
      shape.length === 0
        ? `(${bound(support.lower[0], "-")}, ${bound(support.upper[0], "")})`
        : "each its own",
      textOf(unit),
      textOf(description),
    ]),
  ];
}

const bound = (value: number | null | undefined, sign: string): string =>
  value === null || value === undefined || !Number.isFinite(value) ? `${sign}∞` : short(value);

function dataRows({ data }: Details["model"]): Rows {
  return [
    ["name", "what it is", "unit", "description"],
    ...Object.entries(data).map(([name, spec]) => [
      name,
      describeSpec(spec),
      textOf(spec.unit),
      textOf(spec.description),
    ]),
  ];
}

/** Settings that the table says otherwise. */
const SAID: ReadonlySet<string> = new Set(["simulations", "epochs"]);

function trainingRows(training: Details["training"]): Rows {
  const { simulations, invalidSimulations, seconds, history, origin, corruption } = training;
  const settings = typeof training.settings === "object" ? training.settings : {};
  return [
    ["what", "how"],
    ["simulations", count(simulations)],
    ...(invalidSimulations > 0 ? [["invalid simulations", count(invalidSimulations)]] : []),
    ...(origin?.seed === undefined ? [] : [["seed of the simulations", origin.seed.value]]),
    ...(corruption === undefined ? [] : [["corrupted by", corruption]]),
    ["epochs", count(history.length)],
    ["seconds", short(seconds)],
    ...(training.members ?? []).map(({ weight, bestValidationLoss }, i) => [
      `network ${i + 1}`,
      `weight ${short(weight)}, validation loss ${short(bestValidationLoss)}`,
    ]),
    ...settingRows(settings)
      .slice(1)
      .filter(([name = ""]) => !SAID.has(name)),
  ];
}

function fileRows(
  { by, at, software }: Details["created"],
  { file, bytes, weights }: ModelCardOptions,
): Rows {
  return [
    ["what", "value"],
    ...(file === undefined ? [] : [["file", file]]),
    ...(bytes === undefined ? [] : [["size", `${count(bytes)} bytes`]]),
    ...(weights === undefined ? [] : [["weights", count(weights)]]),
    ["written by", by],
    ...(at === undefined ? [] : [["at", at]]),
    ...Object.entries(software).map(([name, version]) => [name, version]),
  ];
}

function settingRows(settings: Json): Rows {
  const entries =
    typeof settings === "object" && settings !== null && !Array.isArray(settings)
      ? Object.entries(settings)
      : [];
  return [["setting", "value"], ...entries.map(([name, value]) => [name, inWords(value)])];
}

function losses({ history, bestEpoch }: Details["training"]): readonly string[] {
  if (history.length === 0) return [];
  const svg = lossFigure(history, bestEpoch);
  return [
    `<h2>Losses</h2>${htmlFigure(svg, "Losses of each epoch, on the simulations that were learned from and on those held out.")}`,
  ];
}

/** What a file has of how it answered held-out simulations: scores, and pictures of ranks and coverage. */
function heldOut(calibration: Calibration | undefined): readonly string[] {
  const title = "<h2>Answers to simulations held out</h2>";
  if (calibration === undefined) {
    return [
      `${title}<p>The file has none: too few were held out, or this kind of answer is not held against parameters. <code>amortis diagnose</code> asks fresh ones.</p>`,
    ];
  }
  const { simulations, parameters = [], classifier } = calibration;
  const parts = [
    `${title}<p>${count(simulations)} simulations, which told training when to stop but which nothing else was learned from. <code>amortis diagnose</code> asks fresh ones.</p>`,
  ];
  if (parameters.length > 0) parts.push(htmlTable(scoreRows(parameters)));
  const shown = parameters.slice(0, SHOWN);
  const rows = shown.flatMap((parameter) => calibrationRow(parameter, simulations));
  if (rows.length > 0) {
    const more =
      parameters.length > shown.length ? ` The first ${SHOWN} of ${parameters.length}.` : "";
    parts.push(
      htmlFigure(
        figure({ title: "calibration", rows }),
        `Left: truths by the tenth of the posterior in which they lie; where posteriors are right, about 95 % of such histograms keep within the grey band. Right: the share of central intervals that hold the truth, which is to be their level.${more}`,
      ),
    );
  }
  if (classifier !== undefined) {
    const { accuracy, error } = classifier;
    parts.push(
      `<p>As a classifier of parameters that a simulation is of from others': accuracy ${short(accuracy)}, calibration error ${short(error)}.</p>`,
    );
  }
  return parts;
}

/** Parameters whose calibration is drawn. */
const SHOWN = 12;

type ParameterScores = NonNullable<Calibration["parameters"]>[number];

function scoreRows(parameters: readonly ParameterScores[]): Rows {
  const levels = parameters[0]?.coverage?.map(({ level }) => level) ?? [];
  const quantiles = parameters[0]?.quantiles?.map(({ level }) => level) ?? [];
  const hasContraction = parameters.some(({ contraction }) => contraction !== undefined);
  const percent = (share: number | undefined): string =>
    share === undefined ? "" : `${(100 * share).toFixed(1)} %`;
  return [
    [
      "parameter",
      "bias",
      "RMSE",
      "R²",
      ...(hasContraction ? ["contraction"] : []),
      ...levels.map((level) => `covered by ${Math.round(100 * level)} %`),
      ...quantiles.map((level) => `below quantile ${level}`),
    ],
    ...parameters.map(({ name, bias, rmse, r2, contraction, coverage, quantiles: own }) => [
      name,
      short(bias),
      short(rmse),
      short(r2),
      ...(hasContraction ? [contraction === undefined ? "" : short(contraction)] : []),
      ...levels.map((_, i) => percent(coverage?.[i]?.covered)),
      ...quantiles.map((_, i) => percent(own?.[i]?.below)),
    ]),
  ];
}

/** Standard errors of a bin's count on either side of the band: all of ten keep to it in about 95 % of cases. */
const REACH = 2.8;

function calibrationRow(
  { name, ranks, coverage, quantiles }: ParameterScores,
  n: number,
): readonly FigureRow[] {
  const panels = [];
  const size = { width: 300, height: 190 };
  if (ranks !== undefined) {
    const k = ranks.length;
    const error = Math.sqrt((n / k) * (1 - 1 / k));
    const edges = ranks.flatMap((_, i) => [i / k, (i + 1) / k]);
    panels.push(
      curvesPanel({
        ...size,
        curves: [{ x: edges, y: ranks.flatMap((one) => [one, one]), style: styles.approximate }],
        bands: [
          {
            x: [0, 1],
            lower: [Math.max(0, n / k - REACH * error), Math.max(0, n / k - REACH * error)],
            upper: [n / k + REACH * error, n / k + REACH * error],
            style: { color: palette.grey },
          },
        ],
        xLabel: "rank of the truth",
        yLabel: "simulations",
        xDomain: [0, 1],
        yDomain: [0, Math.max(...ranks, n / k + REACH * error)],
      }),
    );
  }
  const shares =
    coverage?.map(({ level, covered }) => [level, covered] as const) ??
    quantiles?.map(({ level, below }) => [level, below] as const);
  if (shares !== undefined && shares.length > 0) {
    panels.push(
      curvesPanel({
        ...size,
        curves: [
          { x: [0, 1], y: [0, 1], style: styles.truth },
          {
            x: [0, ...shares.map(([level]) => level), 1],
            y: [0, ...shares.map(([, share]) => share), 1],
            style: styles.approximate,
          },
        ],
        xLabel: coverage === undefined ? "level of quantiles" : "level of central intervals",
        yLabel: coverage === undefined ? "share below" : "share that holds the truth",
        xDomain: [0, 1],
        yDomain: [0, 1],
      }),
    );
  }
  return panels.length === 0 ? [] : [{ title: name, panels }];
}

const count = (n: number): string => n.toLocaleString("en-US");

const short = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(4))) : "none";
