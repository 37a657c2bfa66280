/**
 * Pictures of compared models: how they are told apart, whether what is said of them is so, and what a design is worth.
 */
import * as Plot from "@observablehq/plot";
import { InvalidArgumentError } from "@amortis/graph";
import type { Confusion } from "../diagnostics/confusion.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import { drawPanel, labelled } from "./draw.js";
import { figure } from "./figure.js";
import { palette, styles } from "./palette.js";
import { MARGIN_TOP, PANEL_OPTIONS, type Panel, type PanelOptions } from "./panel.js";

/** Probabilities from which letters are dark: cividis is light there. */
const LIGHT = 0.6;
/** Pixels of a letter of a label. */
const LETTER = 7;
/** Standard errors that intervals reach on either side. */
const REACH = 2;

/**
 * The mean probability of each model given data of each: rows are true models, columns what was said, numbers in the cells.
 *
 * @example confusionPanel(confusion(probabilities, truth), { title: "Learned" })
 */
export function confusionPanel(
  { labels, matrix }: Pick<Confusion, "labels" | "matrix">,
  options: PanelOptions = {},
): Panel {
  requireKnown("confusionPanel", options, PANEL_OPTIONS);
  const longest = labels.reduce((most, label) => Math.max(most, label.length), 0);
  const left = 34 + longest * LETTER;
  const side = Math.max(62, Math.min(110, 440 / labels.length));
  const { width = left + 12 + side * labels.length, height = 48 + side * labels.length } = options;
  const cells = matrix.flatMap((row, i) =>
    row.flatMap((value, j) =>
      // Of a model of which there are no data nothing is known.
      Number.isNaN(value) ? [] : [{ truth: labels[i], said: labels[j], value }],
    ),
  );
  const letters = (isLight: boolean): Plot.Markish =>
    Plot.text(
      cells.filter(({ value }) => value >= LIGHT === isLight),
      {
        x: "said",
        y: "truth",
        text: ({ value }: { readonly value: number }) => value.toFixed(2),
        fill: isLight ? palette.black : "white",
        fontSize: 14,
      },
    );
  return drawPanel(
    { ...options, width, height },
    {
      marginLeft: left,
      marginBottom: 40,
      marginTop: MARGIN_TOP,
      marginRight: 12,
      x: labelled("mean probability of", { domain: [...labels], padding: 0.02 }),
      y: labelled("data of", { domain: [...labels], padding: 0.02 }),
      color: { type: "linear", scheme: "cividis", domain: [0, 1] },
      marks: [
        Plot.cell(cells, { x: "said", y: "truth", fill: "value" }),
        letters(true),
        letters(false),
        Plot.frame({ stroke: "#888888" }),
      ],
    },
  );
}

/**
 * The share of data sets that were of a model against the probability that was said of it, with intervals of two standard errors: on the diagonal where probabilities are calibrated.
 *
 * Data sets of a bin count once for each model, so that of two models both ends of the line say the same.
 */
export function probabilityPanel(
  { calibration }: Pick<Confusion, "calibration">,
  options: PanelOptions = {},
): Panel {
  requireKnown("probabilityPanel", options, PANEL_OPTIONS);
  const { width = 300, height = 268 } = options;
  const points = calibration.map(({ said, share, count }) => {
    const error = REACH * Math.sqrt((said * (1 - said)) / count);
    return { said, share, lower: Math.max(0, share - error), upper: Math.min(1, share + error) };
  });
  return drawPanel(
    { ...options, width, height },
    {
      marginLeft: 46,
      marginBottom: 40,
      marginTop: MARGIN_TOP,
      marginRight: 12,
      x: labelled("probability that was said", { domain: [0, 1], ticks: 5 }),
      y: labelled("share that was so", { domain: [0, 1], ticks: 5 }),
      marks: [
        Plot.line(
          [
            [0, 0],
            [1, 1],
          ],
          {
            stroke: styles.truth.color,
            strokeDasharray: styles.truth.dash,
            strokeWidth: styles.truth.width,
          },
        ),
        Plot.ruleX(points, {
          x: "said",
          y1: "lower",
          y2: "upper",
          stroke: styles.approximate.color,
          strokeWidth: 1.5,
        }),
        Plot.dot(points, { x: "said", y: "share", r: 3.5, fill: styles.approximate.color }),
        Plot.frame({ stroke: "#888888" }),
      ],
    },
  );
}

/** Matrix and calibration of compared models, as one picture. */
export function confusionFigure(
  of: Confusion,
  { title = "Models told apart" }: { readonly title?: string } = {},
): string {
  const { logScore, error, accuracy, calibrationError } = of;
  return figure({
    title,
    subtitle: `log score ${logScore.toFixed(3)} ± ${error.toFixed(3)}, ${(100 * accuracy).toFixed(1)} % right, calibration error ${calibrationError.toFixed(3)}`,
    rows: [{ panels: [confusionPanel(of), probabilityPanel(of)] }],
  });
}

/** A design and what it is worth, as `informationGain` says it. */
export interface DesignGain {
  readonly label: string;
  /** Nats. */
  readonly gain: number;
  readonly standardError?: number;
}

/** What the picture of designs takes. */
export interface InformationOptions extends PanelOptions {
  readonly designs: readonly DesignGain[];
  /** The most that there is to know, such as the entropy of the prior of compared models; a line. */
  readonly most?: number;
}

const KNOWN: KnownOptions<InformationOptions> = { ...PANEL_OPTIONS, designs: true, most: true };

/**
 * Expected information of designs, in nats, with intervals of two standard errors.
 *
 * @throws InvalidArgumentError where there is no design, or two have one label.
 * @example informationPanel({ designs: [{ label: "8 counts", ...(await informationGain(estimator, fresh)) }] })
 */
export function informationPanel(options: InformationOptions): Panel {
  requireKnown("informationPanel", options, KNOWN);
  const { designs, most, width = 420 } = options;
  const labels = designs.map(({ label }) => label);
  if (labels.length === 0 || new Set(labels).size < labels.length) {
    throw new InvalidArgumentError(
      `informationPanel needs designs, one or more, each with a label of its own, but was given ${labels.length === 0 ? "none" : labels.join(", ")}`,
    );
  }
  const { height = 52 + 26 * labels.length } = options;
  const longest = labels.reduce((sum, label) => Math.max(sum, label.length), 0);
  const bars = designs.map(({ label, gain, standardError = 0 }) => ({
    label,
    gain,
    lower: gain - REACH * standardError,
    upper: gain + REACH * standardError,
  }));
  const ends = bars.flatMap(({ lower, upper }) => [lower, upper]);
  const [low, high] = [Math.min(0, ...ends), Math.max(most ?? 0, ...ends)];
  return drawPanel(
    { ...options, width, height },
    {
      marginLeft: 18 + longest * LETTER,
      marginBottom: 40,
      marginTop: MARGIN_TOP,
      marginRight: 14,
      x: labelled("expected information, nats", { domain: [low, high * 1.02], ticks: 6 }),
      y: labelled("", { domain: labels, padding: 0.35 }),
      marks: [
        Plot.barX(bars, { x: "gain", y: "label", fill: palette.sky }),
        Plot.ruleY(bars, {
          y: "label",
          x1: "lower",
          x2: "upper",
          stroke: palette.blue,
          strokeWidth: 2,
        }),
        Plot.ruleX([0], { stroke: "#888888" }),
        ...(most === undefined
          ? []
          : [
              Plot.ruleX([most], {
                stroke: styles.truth.color,
                strokeDasharray: styles.truth.dash,
                strokeWidth: styles.truth.width,
              }),
            ]),
      ],
    },
  );
}
