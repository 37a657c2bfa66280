/**
 * How an array of the data is shown: by what it is.
 */
import type { ArrayCard } from "../protocol/types.js";

/** A field of cells, points over their number, or plain numbers. */
export type Shown =
  | {
      readonly kind: "field";
      readonly rows: number;
      readonly columns: number;
      readonly channels: number;
    }
  | { readonly kind: "series"; readonly length: number; readonly channels: number }
  | { readonly kind: "numbers"; readonly size: number };

/** Numbers up to which points can be told apart. */
const MOST_POINTS = 400;

/** The way to show it. */
export function shownAs({ spec }: ArrayCard): Shown {
  const { kind, shape, channels } = spec;
  const size = shape.reduce((a, b) => a * b, 1);
  const spatial = channels ? shape.slice(0, -1) : shape;
  const across = channels ? (shape.at(-1) ?? 1) : 1;
  if (spatial.length === 2 && kind !== "set") {
    const [rows = 1, columns = 1] = spatial;
    return { kind: "field", rows, columns, channels: across };
  }
  if (spatial.length === 1 && kind !== "set" && (spatial[0] ?? 0) > 1 && size <= MOST_POINTS) {
    return { kind: "series", length: spatial[0] ?? 1, channels: across };
  }
  return { kind: "numbers", size };
}
