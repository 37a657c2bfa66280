/**
 * Figures of the Gaussian process: estimates, close looks, binding functions.
 */
import {
  curvesPanel,
  densityPanel,
  figure,
  gridKey,
  gridPanel,
  palette,
  recoveryPanel,
  styles,
  type Panel,
  type Style,
} from "amortis/figures";
import { MAX_RANGE } from "@amortis/gaussian-field";
import type { BindingFunctions, GaussianResults } from "../../results.js";
import { BESIDE_EXACT, inRows, PANELS_A_ROW, RANGE_UNIT, type NamedFigure } from "./named.js";

/** Estimates against truth, a panel a method. */
export function scatters({ truth, methods }: GaussianResults): NamedFigure {
  const panels = methods.map(({ label, fields }) =>
    recoveryPanel({
      title: label,
      truth,
      estimate: fields.estimate,
      domain: [0, MAX_RANGE],
      truthLabel: `true range, ${RANGE_UNIT}`,
      estimateLabel: "estimated range",
      width: 270,
      height: 250,
    }),
  );
  return {
    name: "scatter",
    caption:
      "Posterior mean (of NBE, its estimate) against the true range of each test field; dashed, estimate = truth. Ranges are in sides of the grid.",
    svg: figure({
      title: "Estimates against truth",
      subtitle: `Gaussian process, range θ ${RANGE_UNIT}; a point is a test field, dashed is estimate = truth`,
      rows: inRows(panels, PANELS_A_ROW).map((row) => ({ panels: row })),
    }),
  };
}

/** Posterior densities of three fields. */
export function closeLooks({ methods, closeLooks: looks }: GaussianResults): NamedFigure {
  const { truth, fields, grid, exactDensities } = looks;
  const shown = methods.filter(({ id, closeDensities }) => id !== "exact" && closeDensities);
  const domain = [-3, 3] as const;
  const rows = [
    {
      title: "The fields Z on the unit square",
      panels: [
        ...fields.map((values, i) =>
          gridPanel({
            title: `true range ${truth[i]?.toFixed(1) ?? ""}`,
            values,
            columns: 16,
            domain,
            width: 300,
            height: 300,
          }),
        ),
        gridKey({ domain, label: "Z, in standard deviations", height: 300 }),
      ],
    },
    ...shown.map(({ label, closeDensities = [] }, row) => ({
      title: label,
      ...(row === 0 && { legend: [...BESIDE_EXACT, { label: "truth", style: styles.truth }] }),
      panels: closeDensities.map((density, i): Panel =>
        densityPanel({
          curves: [
            { x: grid, density, style: styles.approximate },
            { x: grid, density: exactDensities[i] ?? [], style: styles.exact },
          ],
          ...(truth[i] !== undefined && { truth: truth[i] }),
          label: `range, ${RANGE_UNIT}`,
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
      "Three fields looked at closely: each method's posterior density beside the exact one, and the truth. A point estimator has none.",
    svg: figure({ title: "Posteriors of three fields", rows }),
  };
}

/** Summaries and what is learned of them. */
export function bindings(all: readonly BindingFunctions[]): NamedFigure {
  const band: Style = { color: palette.vermillion, dash: "5,3", width: 1.8 };
  const points: Style = { color: palette.sky };
  return {
    name: "binding-functions",
    caption:
      "Summaries of simulated fields that no network was trained on against their range (points), with the binding functions: mean and mean ± 2 standard deviations.",
    svg: figure({
      title: "Summaries and their binding functions",
      rows: [
        {
          legend: [
            { label: "fresh simulated fields", style: points, mark: "dot", alone: true },
            { label: "mean", style: styles.approximate },
            { label: "mean ± 2 standard deviations", style: band },
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
              xLabel: `range, ${RANGE_UNIT}`,
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
