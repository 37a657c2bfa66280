/**
 * Numbers as people read them.
 */
import type { Estimator } from "amortis";

export { count, duration, plural, rate } from "amortis/answers";

/** A number to four digits. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(3);
  return value.toPrecision(4);
}

/** Bytes as "12.3 kB". */
export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(units.length - 1, n === 0 ? 0 : Math.floor(Math.log10(n) / 3));
  return `${power === 0 ? n : (n / 1000 ** power).toFixed(1)} ${units[power]}`;
}

/** Rows of text in columns: the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[], left = 1): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column < left ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Where the best validation loss is from: an epoch, or the mixture of an ensemble. */
export function bestWhere({ members, bestEpoch }: Estimator["details"]["training"]): string {
  return members === undefined
    ? `, after epoch ${bestEpoch}`
    : `, of the mixture of ${members.length} networks`;
}
