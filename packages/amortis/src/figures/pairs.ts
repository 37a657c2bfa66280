/**
 * Draws of a posterior in pairs of parameters.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { Samples } from "../posterior/posterior.js";
import { densityPanel } from "./density.js";
import { figure, type LegendEntry } from "./figure.js";
import { gridPanel } from "./grid.js";
import { kernelDensity } from "./kernel-density.js";
import { palette, styles } from "./palette.js";
import type { Panel } from "./panel.js";

/** What a pair plot shows beside the draws. */
export interface PairsOptions {
  readonly title?: string;
  /** True values, or another point, in the order of the names; marked in the margins. */
  readonly truth?: ArrayLike<number>;
  /** Draws of the prior, [draws, parameters]: their marginal densities are drawn beside the posterior's. */
  readonly prior?: Samples;
}

const KNOWN: KnownOptions<PairsOptions> = { title: true, truth: true, prior: true };

/** Cells along an axis of a joint histogram, and points of a density. */
const CELLS = 24;
const POINTS = 80;

const SIZE = { width: 230, height: 210 } as const;

/** Seen on all colours of a histogram. */
const TRUTH = { color: palette.vermillion } as const;

/** Most parameters that a figure has room for. */
const MOST = 8;

/**
 * Marginal densities on the diagonal, with the prior's where its draws are given, and joint histograms below it.
 *
 * @param samples draws of one data set, [draws, parameters].
 * @returns SVG, for Node and pages alike.
 * @throws InvalidArgumentError where they are of several data sets, or of more than 8 parameters.
 * @example await saveFigure("pairs.svg", pairsFigure(await posterior.sample(2_000)));
 */
export function pairsFigure({ names, shape, data }: Samples, options: PairsOptions = {}): string {
  requireKnown("pairsFigure", options, KNOWN);
  const { title = "posterior draws", truth, prior } = options;
  const p = names.length;
  if (shape.length !== 2 || p > MOST) {
    throw new InvalidArgumentError(
      `pairsFigure shows draws of one data set and of up to ${MOST} parameters, [draws, p], but was given [${shape.join(", ")}]: take posteriors.at(0), and some of the parameters`,
    );
  }
  if (prior !== undefined && prior.names.join() !== names.join()) {
    throw new InvalidArgumentError(
      `pairsFigure: the prior's draws are of ${prior.names.join(", ")}, and the posterior's of ${names.join(", ")}`,
    );
  }
  const columns = columnsOf(data, p);
  const before = prior && columnsOf(prior.data, p);
  const rows = names.map((name, row) => ({
    panels: columns.slice(0, row + 1).map((own, column): Panel => {
      if (column < row) {
        const point = truth && ([truth[column] ?? NaN, truth[row] ?? NaN] as const);
        return joint(own, columns[row] ?? own, names[column] ?? "", name, point);
      }
      const at = truth?.[row];
      return marginal(own, name, at, before?.[row]);
    }),
  }));
  const legend: LegendEntry[] = [
    { label: "posterior", style: styles.approximate },
    ...(prior ? [{ label: "prior", style: styles.exact }] : []),
    ...(truth ? [{ label: "truth", style: styles.truth }] : []),
  ];
  return figure({
    title,
    rows: rows.map((row, i) => (i === 0 && legend.length > 1 ? { ...row, legend } : row)),
  });
}

function columnsOf(data: ArrayLike<number>, p: number): readonly Float64Array[] {
  return Array.from({ length: p }, (_, k) =>
    Float64Array.from({ length: data.length / p }, (_unused, i) => data[i * p + k] ?? Number.NaN),
  );
}

/** Where all but a thousandth of the draws on either side lie. */
function extent(values: Float64Array): readonly [number, number] {
  const sorted = values.toSorted();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [from, to] = [at(0.001), at(0.999)];
  return to > from ? [from, to] : [from - 0.5, to + 0.5];
}

function marginal(
  values: Float64Array,
  label: string,
  truth: number | undefined,
  prior: Float64Array | undefined,
): Panel {
  const [from, to] = extent(values);
  const x = Float64Array.from(
    { length: POINTS },
    (_, i) => from + ((to - from) * i) / (POINTS - 1),
  );
  return densityPanel({
    ...SIZE,
    curves: [
      ...(prior ? [{ x, density: kernelDensity(prior, x), style: styles.exact }] : []),
      { x, density: kernelDensity(values, x), style: styles.approximate },
    ],
    ...(truth !== undefined && { truth }),
    label,
  });
}

function joint(
  x: Float64Array,
  y: Float64Array,
  xLabel: string,
  yLabel: string,
  truth: readonly [number, number] | undefined,
): Panel {
  const [ex, ey] = [extent(x), extent(y)];
  const counts = new Float64Array(CELLS * CELLS);
  const cell = (value: number, [from, to]: readonly [number, number]): number =>
    Math.floor(((value - from) / (to - from)) * CELLS);
  for (const [i, value] of x.entries()) {
    const [column, row] = [cell(value, ex), cell(y[i] ?? Number.NaN, ey)];
    if (column < 0 || column >= CELLS || row < 0 || row >= CELLS) continue;
    const at = row * CELLS + column;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return gridPanel({
    ...SIZE,
    values: counts,
    columns: CELLS,
    domain: [0, Math.max(...counts)],
    axes: { x: ex, y: ey, xLabel, yLabel },
    ...(truth && {
      points: [{ x: truth[0], y: truth[1], style: TRUTH, symbol: "cross" as const }],
    }),
  });
}
