/**
 * Numbers of a file whose decimal sign is not known before.
 */
import { FileError } from "./container.js";
import type { Note } from "../data/array-data.js";
import { hasDecimalComma, numberOf, unquoted, type Separator } from "./csv-cells.js";

/** Reads the cells of one file, which all have the same decimal sign. */
export class NumberReader {
  readonly #separator: Separator;
  #decimal: "." | "," | undefined;
  /** Whether every comma may also be one between thousands: "1,000", never "0,5" or "1,25". */
  #thousands = true;

  constructor(separator: Separator) {
    this.#separator = separator;
  }

  /** The number that a cell is; undefined where it is none, or has another decimal sign than cells before. */
  read(cell: string): number | undefined {
    const comma = hasDecimalComma(cell, this.#separator);
    const bare = comma ? unquoted(cell) : cell;
    const sign = comma ? "," : cell.includes(".") ? "." : undefined;
    if (sign !== undefined && sign !== (this.#decimal ??= sign)) return undefined;
    if (!comma) return numberOf(cell);
    this.#thousands &&= /^[+-]?[1-9]\d{0,2},\d{3}$/.test(bare);
    return Number(bare.replace(",", "."));
  }

  /**
   * Says how commas were read.
   *
   * @throws FileError where they may separate thousands.
   */
  finish(what: string, onNote: Note): void {
    if (this.#decimal !== ",") return;
    if (this.#thousands) {
      throw new FileError(
        `${what}: its commas may be decimal or separate thousands: write decimal points, and no other sign within a number`,
      );
    }
    onNote(`${what}: its commas are read as decimal points`);
  }
}
