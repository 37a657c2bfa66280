/**
 * Figures of the inverted max-stable process.
 */
import {
  contourPanel,
  curvesPanel,
  figure,
  gridKey,
  gridPanel,
  palette,
  recoveryPanel,
  styles,
  type Style,
} from "amortis/figures";
import { RANGE, SMOOTHNESS } from "@amortis/max-stable";
import type { MaxStableResults } from "../../results.js";
import { RANGE_UNIT, type NamedFigure } from "./named.js";

const PARAMETERS = [
  { name: "range", unit: RANGE_UNIT, domain: RANGE },
  { name: "smoothness", unit: "without unit", domain: SMOOTHNESS },
] as const;

/** Estimates against truth. */
export function maxStableScatters({ truth, methods }: MaxStableResults): NamedFigure {
  return {
    name: "max-stable-scatter",
    caption:
      "Inverted max-stable process: posterior means of fKL and maximum pairwise composite likelihood estimates against the truth; dashed, estimate = truth. Ranges are in sides of the grid.",
    svg: figure({
      title: "Inverted max-stable process: estimates against truth",
      subtitle: "A point is a test field, dashed is estimate = truth",
      rows: methods.map((method) => ({
        title: method.label,
        panels: PARAMETERS.map(({ name, unit, domain }) =>
          recoveryPanel({
            title: name,
            truth: truth[name],
            estimate: method[name].estimate,
            domain,
            truthLabel: `true ${name}, ${unit}`,
            estimateLabel: `estimated ${name}`,
            width: 400,
            height: 340,
          }),
        ),
      })),
    }),
  };
}

/** Distribution functions of the ranks of truths, less what they should be. */
export function calibration({ methods }: MaxStableResults): NamedFigure {
  const curves = methods.flatMap((method) =>
    PARAMETERS.flatMap(({ name }) => {
      const ecdf = method[name].calibration?.ecdf;
      return ecdf === undefined ? [] : [{ title: `${method.label}: ${name}`, ecdf }];
    }),
  );
  const panels = curves.map(({ title, ecdf: { at, share, lower, upper } }) => {
    // With its ends, where all distribution functions agree.
    const x = [0, ...at, 1];
    const less = (values: readonly number[]): number[] => [
      0,
      ...values.map((value, i) => value - (at[i] ?? Number.NaN)),
      0,
    ];
    return curvesPanel({
      title,
      bands: [{ x, lower: less(lower), upper: less(upper), style: styles.exact }],
      curves: [
        { x: [0, 1], y: [0, 0], style: styles.truth },
        { x, y: less(share), style: styles.approximate },
      ],
      xLabel: "share of draws below the truth, u",
      yLabel: "share of fields up to u, less u",
      xDomain: [0, 1],
      width: 400,
      height: 280,
    });
  });
  return {
    name: "max-stable-calibration",
    caption:
      "Calibration of fKL: the share of a posterior's draws that are below the truth is uniform where it is calibrated. Its distribution function over test fields, less the uniform one, and the band that holds all of it with probability 95 % where that is so. Below zero on the left and above on the right: posteriors too wide; the other way round: too narrow.",
    svg: figure({
      title: "Inverted max-stable process: calibration",
      rows: [
        {
          legend: [
            { label: "over test fields", style: styles.approximate },
            { label: "95 % band, all of the curve at once", style: styles.exact, mark: "area" },
            { label: "calibrated", style: styles.truth },
          ],
          panels,
        },
      ],
    }),
  };
}

const TRUTH: Style = { color: palette.black, width: 2 };
const COMPOSITE: Style = { color: palette.vermillion, width: 2 };

/** Three fields and their posteriors. */
export function maxStableLooks({ closeLooks: looks }: MaxStableResults): NamedFigure {
  const domain = [-4, 2] as const;
  return {
    name: "max-stable-close-looks",
    caption:
      "Three max-stable fields looked at closely: log X, and contours of the smallest regions that hold 50 % (inner) and 90 % (outer) of fKL's posterior, with the truth and the composite likelihood's estimate.",
    svg: figure({
      title: "Inverted max-stable process: three fields",
      rows: [
        {
          title: "The fields on the unit square",
          panels: [
            ...looks.map(({ field, truth }) =>
              gridPanel({
                title: `range ${truth.range}, smoothness ${truth.smoothness}`,
                values: field.map(Math.log),
                columns: 16,
                domain,
                width: 320,
                height: 320,
              }),
            ),
            gridKey({ domain, label: "log X", height: 320 }),
          ],
        },
        {
          legend: [
            { label: "fKL: 50 % and 90 % of the posterior", style: styles.approximate },
            { label: "truth", style: TRUTH, mark: "cross", alone: true },
            { label: "composite likelihood", style: COMPOSITE, mark: "diamond", alone: true },
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
              xLabel: `range, ${RANGE_UNIT}`,
              yLabel: "smoothness, without unit",
              width: 320,
              height: 280,
            }),
          ),
        },
      ],
    }),
  };
}
