/**
 * The figure of when amortization pays.
 */
import {
  curvesPanel,
  figure,
  palette,
  styles,
  type MarkedPoint,
  type Style,
} from "amortis/figures";
import type { CostRow } from "../../results.js";
import { count } from "../../words.js";
import type { NamedFigure } from "./named.js";

const STYLES: Readonly<Record<CostRow["method"], Style>> = {
  npe: styles.approximate,
  nbe: { color: palette.green, dash: "2,3", width: 2.6 },
  mcmc: styles.exact,
};

/** How break-even points are marked; the lines of the two cross that of MCMC close to each other. */
const MARKS = {
  npe: { symbol: "circle", side: "aboveLeft" },
  nbe: { symbol: "diamond", side: "belowRight" },
} as const;

/** Up to a million data sets, eight a decade. */
const COUNTS = Array.from({ length: 49 }, (_, i) => 10 ** (i / 8));

const total = (row: CostRow, n: number): number =>
  row.simulationSeconds + row.trainingSeconds + n * row.inferenceSecondsPerField;

function breakEven(row: CostRow): readonly MarkedPoint[] {
  if (row.method === "mcmc" || row.breakEven === undefined) return [];
  return [
    {
      x: row.breakEven,
      y: total(row, row.breakEven),
      style: { ...STYLES[row.method], width: 2 },
      ...MARKS[row.method],
      label: `${row.method.toUpperCase()}: ${count(row.breakEven)}`,
    },
  ];
}

/** Seconds in all against the number of data sets. */
export function costs(rows: readonly CostRow[]): NamedFigure {
  const sizes = [...new Set(rows.map(({ points }) => points))];
  return {
    name: "cost",
    caption:
      "Seconds in all (simulations, training, answers; timed over short runs and scaled up, with all processors at work) against the number of data sets answered. Where lines cross, marked with the number of data sets, amortization breaks even with MCMC.",
    svg: figure({
      title: "When amortization pays",
      subtitle: "Marked: the number of data sets from which on it is cheaper than MCMC",
      rows: [
        {
          legend: [
            { label: "NPE", style: STYLES.npe, mark: "circle" },
            { label: "NBE", style: STYLES.nbe, mark: "diamond" },
            { label: "MCMC", style: STYLES.mcmc },
          ],
          panels: sizes.map((points) => {
            const mine = rows.filter((row) => row.points === points);
            return curvesPanel({
              title: `${count(points)} grid points`,
              curves: mine.map((row) => ({
                x: COUNTS,
                y: COUNTS.map((n) => total(row, n)),
                style: STYLES[row.method],
              })),
              points: mine.flatMap(breakEven),
              xLabel: "data sets answered",
              yLabel: "seconds in all",
              xLog: true,
              yLog: true,
              width: 360,
              height: 300,
            });
          }),
        },
      ],
    }),
  };
}
