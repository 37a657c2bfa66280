/**
 * What the comparison's figures have in common.
 */
import { styles, type LegendEntry } from "amortis/figures";

/** A figure with the name of its file. */
export interface NamedFigure {
  readonly name: string;
  readonly caption: string;
  readonly svg: string;
}

/** Unit of ranges. */
export const RANGE_UNIT = "in sides of the grid";

/** Panels of small multiples in a row. */
export const PANELS_A_ROW = 4;

/** Items in rows of a size. */
export function inRows<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/** A method beside the exact posterior. */
export const BESIDE_EXACT: readonly LegendEntry[] = [
  { label: "the method", style: styles.approximate },
  { label: "exact posterior", style: styles.exact },
];
