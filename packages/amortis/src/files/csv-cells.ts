/**
 * Lines of CSV as cells, and cells as numbers: in one pass, whatever a line holds.
 */

/** What stands between cells: one character, or any run of blanks. */
export type Separator = "," | ";" | "\t" | "blanks";

const QUOTE = 0x22;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const TAB = 0x09;
const BLANK = 0x20;

/** Where separators separate nothing: from a quote or a bracket to the one that ends it, if there is one. */
class Enclosures {
  readonly #line: string;
  readonly #lastQuote: number;
  readonly #lastClose: number;

  constructor(line: string) {
    this.#line = line;
    this.#lastQuote = line.lastIndexOf('"');
    this.#lastClose = line.lastIndexOf("]");
  }

  /** The place of the end of what begins at `at`; `at` itself where nothing begins there. */
  endOf(at: number, code: number): number {
    if (code === QUOTE && at < this.#lastQuote) return this.#find(at, QUOTE);
    if (code === OPEN && at < this.#lastClose) return this.#find(at, CLOSE);
    return at;
  }

  #find(from: number, end: number): number {
    let at = from + 1;
    while (this.#line.charCodeAt(at) !== end) at++;
    return at;
  }
}

/** What separates the cells of a line. Between digits, a comma may also be the decimal comma of cells that something else separates. */
export function separatorOf(line: string): Separator {
  const enclosures = new Enclosures(line);
  const seen = { comma: false, between: true, semicolon: false, tab: false };
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    at = enclosures.endOf(at, code);
    if (code === SEMICOLON) seen.semicolon = true;
    if (code === TAB) seen.tab = true;
    if (code !== COMMA) continue;
    seen.comma = true;
    seen.between &&= isDigit(line.charCodeAt(at - 1)) && isDigit(line.charCodeAt(at + 1));
  }
  if (seen.semicolon && seen.between) return ";";
  if (seen.tab && seen.between) return "\t";
  if (seen.comma) return ",";
  if (seen.semicolon) return ";";
  return seen.tab ? "\t" : "blanks";
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The cells of a line, without the blanks around them. */
export function cellsOf(line: string, separator: Separator): string[] {
  const blanks = separator === "blanks";
  const text = blanks ? line.trim() : line;
  const code = blanks ? BLANK : separator.charCodeAt(0);
  const enclosures = new Enclosures(text);
  const cells: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const here = text.charCodeAt(at);
    at = enclosures.endOf(at, here);
    if (here !== code && !(blanks && here === TAB)) continue;
    // A run of blanks is one separator.
    if (!blanks || at > start) cells.push(text.slice(start, at).trim());
    start = at + 1;
  }
  cells.push(text.slice(start).trim());
  return cells;
}

/** A cell without the quotes around it. */
export function unquoted(cell: string): string {
  const quoted = cell.length >= 2 && cell.startsWith('"') && cell.endsWith('"');
  return quoted ? cell.slice(1, -1).replaceAll('""', '"').trim() : cell;
}

const WORDS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  na: Number.NaN,
  inf: Infinity,
  "+inf": Infinity,
  "-inf": -Infinity,
  infinity: Infinity,
  "+infinity": Infinity,
  "-infinity": -Infinity,
};

/** The number that a cell is, if it is one. NaN and infinities are numbers here: whether data may have them is not the file's to say. */
export function numberOf(cell: string): number | undefined {
  const bare = unquoted(cell);
  if (bare === "") return undefined;
  // Nothing of what else `Number` reads: hexadecimal, "Infinity" in one spelling only.
  if (!/^[\d.eE+-]*$/.test(bare)) {
    return bare.length <= 9 && Object.hasOwn(WORDS, bare.toLowerCase())
      ? WORDS[bare.toLowerCase()]
      : undefined;
  }
  const value = Number(bare);
  return Number.isNaN(value) ? undefined : value;
}

/** The whole number of at least 0 that a cell spells in digits alone, if it does. */
export function placeOf(cell: string): number | undefined {
  const bare = unquoted(cell);
  return bare.length <= 15 && /^\d+$/.test(bare) ? Number(bare) : undefined;
}

/** Whether a cell is a whole number in digits. */
export function isWhole(cell: string): boolean {
  return /^[+-]?\d+$/.test(unquoted(cell));
}

/** Whether a cell is a number with a decimal comma: where it is quoted, or something else separates cells. */
export function hasDecimalComma(cell: string, separator: Separator): boolean {
  if (separator === "," && !cell.startsWith('"')) return false;
  return /^[+-]?\d*,\d+(?:e[+-]?\d+)?$/i.test(unquoted(cell));
}

/** Whether a cell is text that can be a name: neither a number, nor digits and signs that are none. */
export function isText(cell: string): boolean {
  return numberOf(cell) === undefined && /[\p{L}_]/u.test(cell);
}
