/**
 * The comparison's figures.
 */
import {
  contourPanel,
  curvesPanel,
  densityPanel,
  figure,
  gridPanel,
  palette,
  recoveryPanel,
  styles,
  type Panel,
  type Style,
} from "amortis/reports";
import type {
  BindingFunctions,
  CostRow,
  GaussianResults,
  MaxStableResults,
  RatioResults,
  ReviewResults,
} from "../results.js";

/** A figure with the name of its file. */
export interface NamedFigure {
  readonly name: string;
  readonly caption: string;
  readonly svg: string;
}

const MAX_RANGE = 0.6;
const SCATTERS_A_ROW = 4;
/** Columns of a picture. */
const MOST_CELLS = 60;

/** All figures. */
export function drawFigures(results: ReviewResults): readonly NamedFigure[] {
  const { gaussian, maxStable, ratio, cost } = results;
  return [
    scatters(gaussian),
    closeLooks(gaussian),
    scores(gaussian),
    bindings(gaussian.bindings),
    maxStableScatters(maxStable),
    maxStableLooks(maxStable),
    classifiers(ratio),
    costs(cost),
  ];
}

function inRows<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

function scatters({ truth, methods }: GaussianResults): NamedFigure {
  const panels = methods.map(({ label, fields }) =>
    recoveryPanel({
      title: label,
      truth,
      estimate: fields.estimate,
      domain: [0, MAX_RANGE],
      truthLabel: "true range",
      estimateLabel: "estimate",
      width: 270,
      height: 250,
    }),
  );
  return {
    name: "scatter",
    caption:
      "Posterior mean (of NBE, its estimate) against the true range of each test field; dashed, estimate = truth. Ranges are in units of the grid's side.",
    svg: figure({
      title: "Estimates against truth",
      subtitle: "Gaussian process, range θ in units of the grid's side",
      rows: inRows(panels, SCATTERS_A_ROW).map((row) => ({ panels: row })),
    }),
  };
}

function closeLooks({ methods, closeLooks: looks }: GaussianResults): NamedFigure {
  const { truth, fields, grid, exactDensities } = looks;
  const shown = methods.filter(({ id, closeDensities }) => id !== "exact" && closeDensities);
  const rows = [
    {
      title: "The fields, coloured from -3 (dark) to 3 (light)",
      panels: fields.map((values, i) =>
        gridPanel({
          title: `true range ${truth[i]?.toFixed(1) ?? ""}`,
          values,
          columns: 16,
          domain: [-3, 3],
          width: 300,
          height: 300,
        }),
      ),
    },
    ...shown.map(({ label, closeDensities = [] }, row) => ({
      title: label,
      ...(row === 0 && {
        legend: [
          { label: "the method", style: styles.approximate },
          { label: "exact posterior", style: styles.exact },
          { label: "truth", style: styles.truth },
        ],
      }),
      panels: closeDensities.map((density, i): Panel =>
        densityPanel({
          curves: [
            { x: grid, density, style: styles.approximate },
            { x: grid, density: exactDensities[i] ?? [], style: styles.exact },
          ],
          ...(truth[i] !== undefined && { truth: truth[i] }),
          label: "range",
          domain: [0, MAX_RANGE],
          width: 300,
          height: 180,
        }),
      ),
    })),
  ];
  return {
    name: "close-looks",
    caption:
      "Three fields looked at closely: each method's posterior density beside the exact one, and the truth.",
    svg: figure({ title: "Posteriors of three fields", rows }),
  };
}

/** Distribution functions of the scores, on a logarithmic axis: they differ in their tails. */
function scores({ methods }: GaussianResults): NamedFigure {
  const sorted = (values: readonly number[]): readonly number[] =>
    values.map((x) => 100 * Math.max(x, 1e-4)).toSorted((a, b) => a - b);
  const panel = (label: string, of: (m: (typeof methods)[number]) => number[]) => {
    const exact = methods.find(({ id }) => id === "exact");
    return methods.flatMap((method) => {
      const values = of(method);
      if (method.id === "exact" || values.length === 0) return [];
      const curve = (list: readonly number[], style: Style) => {
        const x = sorted(list);
        return { x, y: x.map((_, i) => (i + 0.5) / x.length), style };
      };
      return [
        curvesPanel({
          title: method.label,
          curves: [
            curve(values, styles.approximate),
            ...(exact ? [curve(of(exact), styles.exact)] : []),
          ],
          xLabel: label,
          yLabel: "share of fields",
          xLog: true,
          width: 270,
          height: 210,
        }),
      ];
    });
  };
  const panels = panel("100 × CRPS", ({ fields }) => [...(fields.crps ?? [])]);
  return {
    name: "scores",
    caption:
      "Distribution of the continuous ranked probability score over test fields, by method, beside the exact posterior's: further left is better.",
    svg: figure({
      title: "Distributions of scores",
      subtitle: "Continuous ranked probability score of each test field; further left is better",
      rows: inRows(panels, SCATTERS_A_ROW).map((row, i) => ({
        ...(i === 0 && {
          legend: [
            { label: "the method", style: styles.approximate },
            { label: "exact posterior", style: styles.exact },
          ],
        }),
        panels: row,
      })),
    }),
  };
}

function bindings(all: readonly BindingFunctions[]): NamedFigure {
  const band: Style = { color: palette.vermillion, dash: "5,3", width: 1.8 };
  const points: Style = { color: palette.sky };
  return {
    name: "binding-functions",
    caption:
      "Summaries of simulated fields against their range (points), with the binding functions: mean and mean ± 2 standard deviations.",
    svg: figure({
      title: "Summaries and their binding functions",
      rows: [
        {
          legend: [
            { label: "simulated fields", style: points, mark: "dot" },
            { label: "mean", style: styles.approximate },
            { label: "mean ± 2 sd", style: band },
          ],
          panels: all.map(({ label, theta, summary, grid, mean, sd }) =>
            curvesPanel({
              title: label,
              curves: [
                { x: theta, y: summary, style: points, points: true, opacity: 0.5 },
                { x: grid, y: mean, style: styles.approximate },
                ...[-2, 2].map((k) => ({
                  x: grid,
                  y: mean.map((m, i) => m + k * (sd[i] ?? Number.NaN)),
                  style: band,
                })),
              ],
              xLabel: "range (units of the grid's side)",
              yLabel: "summary",
              width: 520,
              height: 380,
            }),
          ),
        },
      ],
    }),
  };
}

const MAX_STABLE_PARAMETERS = [
  { name: "range", label: "range", domain: [0, MAX_RANGE] },
  { name: "smoothness", label: "smoothness", domain: [0.5, 3] },
] as const;

function maxStableScatters({ truth, methods }: MaxStableResults): NamedFigure {
  return {
    name: "max-stable-scatter",
    caption:
      "Inverted max-stable process: posterior means of fKL and maximum pairwise composite likelihood estimates against the truth. Ranges are in units of the grid's side.",
    svg: figure({
      title: "Inverted max-stable process: estimates against truth",
      rows: methods.map((method) => ({
        title: method.label,
        panels: MAX_STABLE_PARAMETERS.map(({ name, label, domain }) =>
          recoveryPanel({
            title: label,
            truth: truth[name],
            estimate: method[name].estimate,
            domain,
            truthLabel: `true ${label}`,
            estimateLabel: "estimate",
            width: 400,
            height: 340,
          }),
        ),
      })),
    }),
  };
}

const TRUTH: Style = { color: palette.black };
const COMPOSITE: Style = { color: palette.vermillion };

function maxStableLooks({ closeLooks: looks }: MaxStableResults): NamedFigure {
  return {
    name: "max-stable-close-looks",
    caption:
      "Three max-stable fields looked at closely: log X, and contours that hold 50 and 90 % of fKL's posterior, with the truth and the composite likelihood's estimate.",
    svg: figure({
      title: "Inverted max-stable process: three fields",
      rows: [
        {
          title: "log X, coloured from -5 (dark) to 2 (light)",
          panels: looks.map(({ field, truth }) =>
            gridPanel({
              title: `range ${truth.range}, smoothness ${truth.smoothness}`,
              values: field.map(Math.log),
              columns: 16,
              domain: [-5, 2],
              width: 320,
              height: 320,
            }),
          ),
        },
        {
          legend: [
            { label: "fKL: 50 % and 90 % of the posterior", style: styles.approximate },
            { label: "truth (×)", style: TRUTH },
            { label: "composite likelihood (diamond)", style: COMPOSITE, mark: "diamond" },
          ],
          panels: looks.map(({ truth, rangeGrid, smoothnessGrid, density, compositeLikelihood }) =>
            contourPanel({
              x: rangeGrid,
              y: smoothnessGrid,
              density,
              style: styles.approximate,
              points: [
                { x: truth.range, y: truth.smoothness, style: TRUTH, symbol: "cross" },
                {
                  x: compositeLikelihood.range,
                  y: compositeLikelihood.smoothness,
                  style: COMPOSITE,
                  symbol: "diamond",
                },
              ],
              xLabel: "range (units of the grid's side)",
              yLabel: "smoothness",
              width: 320,
              height: 280,
            }),
          ),
        },
      ],
    }),
  };
}

function classifiers({ thetaGrid, bayes, snapshots }: RatioResults): NamedFigure {
  // A cell is an element of the drawing: no more of them than can be told apart.
  const step = Math.ceil(thetaGrid.length / MOST_CELLS);
  const some = <T>(all: readonly T[]): readonly T[] => all.filter((_, i) => i % step === 0);
  const panel = (title: string, rows: readonly (readonly number[])[]): Panel =>
    gridPanel({
      title,
      // The largest datum on top.
      values: some(rows).toReversed().flatMap(some),
      columns: some(thetaGrid).length,
      domain: [0, 1],
      width: 230,
      height: 230,
    });
  return {
    name: "ratio-classifier",
    caption:
      "Probability that a pair is of the joint model, from 0 (dark) to 1 (light): θ from left to right, Z from bottom to top; the learned classifier as training proceeds, and the Bayes classifier.",
    svg: figure({
      title: "What a ratio estimator learns",
      subtitle: "Z | θ ~ N(θ, θ²), θ ~ U(0, 1); θ from left to right, Z from bottom to top",
      rows: [
        {
          panels: [
            ...snapshots.map(({ steps, classifier }) =>
              panel(`after ${steps.toLocaleString("en")} steps`, classifier),
            ),
            panel("Bayes classifier", bayes),
          ],
        },
      ],
    }),
  };
}

const COST_STYLES: Readonly<Record<CostRow["method"], Style>> = {
  npe: styles.approximate,
  nbe: { color: palette.green, dash: "2,2", width: 2.2 },
  mcmc: styles.exact,
};

function costs(rows: readonly CostRow[]): NamedFigure {
  const sizes = [...new Set(rows.map(({ points }) => points))];
  const counts = Array.from({ length: 49 }, (_, i) => 10 ** (i / 8));
  return {
    name: "cost",
    caption:
      "Seconds in all (simulations, training, answers; timed over short runs and scaled up) against the number of data sets answered; where lines cross, amortization breaks even with MCMC.",
    svg: figure({
      title: "When amortization pays",
      rows: [
        {
          legend: [
            { label: "NPE", style: COST_STYLES.npe },
            { label: "NBE", style: COST_STYLES.nbe },
            { label: "MCMC", style: COST_STYLES.mcmc },
          ],
          panels: sizes.map((points) =>
            curvesPanel({
              title: `${points.toLocaleString("en")} grid points`,
              curves: rows
                .filter((row) => row.points === points)
                .map((row) => ({
                  x: counts,
                  y: counts.map(
                    (n) =>
                      row.simulationSeconds +
                      row.trainingSeconds +
                      n * row.inferenceSecondsPerField,
                  ),
                  style: COST_STYLES[row.method],
                })),
              xLabel: "data sets",
              yLabel: "seconds",
              xLog: true,
              yLog: true,
              width: 360,
              height: 300,
            }),
          ),
        },
      ],
    }),
  };
}
