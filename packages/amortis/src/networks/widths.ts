/**
 * Widths of layers.
 */
import { InvalidArgumentError } from "@amortis/graph";

/** Throws where widths of layers are not positive integers. */
export function requireWidths(what: string, widths: readonly number[]): void {
  if (widths.some((width) => !Number.isInteger(width) || width < 1)) {
    throw new InvalidArgumentError(
      `${what}: widths of layers must be positive integers, not [${widths.join(", ")}]`,
    );
  }
}
