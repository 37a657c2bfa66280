/**
 * The figure of what a ratio estimator learns.
 */
import { edgesOf, figure, gridKey, gridPanel, type Panel } from "amortis/figures";
import type { RatioResults } from "../../results.js";
import { count } from "../../words.js";
import { inRows, type NamedFigure } from "./named.js";

/** Columns of a picture: a cell is an element of the drawing, and more of them could not be told apart. */
const MOST_CELLS = 60;
const PICTURES_A_ROW = 3;
const HEIGHT = 300;

/** Means over blocks of a table's cells; the last of a row may be smaller. */
function coarser(rows: readonly (readonly number[])[], step: number): readonly number[][] {
  return inRows(rows, step).map((block) =>
    inRows(block[0] ?? [], step).map((cells, column) => {
      const values = block.flatMap((row) => row.slice(column * step, column * step + cells.length));
      return values.reduce((a, b) => a + b, 0) / values.length;
    }),
  );
}

/** The learned classifier through training, and the Bayes classifier. */
export function classifiers({ thetaGrid, dataGrid, bayes, snapshots }: RatioResults): NamedFigure {
  // A step that divides both axes, so that all cells are equal.
  const step = Array.from({ length: thetaGrid.length }, (_, i) => i + 1).find(
    (size) =>
      thetaGrid.length / size <= MOST_CELLS &&
      thetaGrid.length % size === 0 &&
      dataGrid.length % size === 0,
  );
  const domain = [0, 1] as const;
  const panel = (title: string, rows: readonly (readonly number[])[]): Panel => {
    const cells = coarser(rows, step ?? 1);
    return gridPanel({
      title,
      values: cells.flat(),
      columns: cells[0]?.length ?? 1,
      domain,
      axes: { x: edgesOf(thetaGrid), y: edgesOf(dataGrid), xLabel: "θ", yLabel: "Z" },
      width: 280,
      height: HEIGHT,
    });
  };
  const panels = [
    ...snapshots.map(({ steps, classifier }) => panel(`after ${count(steps)} steps`, classifier)),
    panel("Bayes classifier", bayes),
  ];
  const key = gridKey({
    domain,
    label: "probability of the joint model",
    height: HEIGHT,
    axes: true,
  });
  return {
    name: "ratio-classifier",
    caption:
      "Probability that a pair (θ, Z) is of the joint model and not of the product of its marginals: by the learned classifier as training proceeds, and by the Bayes classifier.",
    svg: figure({
      title: "What a ratio estimator learns",
      subtitle:
        "Probability that a pair is of the joint model; Z | θ ~ N(θ, θ²), θ ~ U(0, 1), neither with a unit",
      rows: inRows(panels, PICTURES_A_ROW).map((row, i) => ({
        panels: i === 0 ? [...row, key] : row,
      })),
    }),
  };
}
