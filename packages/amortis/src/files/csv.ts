/**
 * CSV, as people and programs write it: what a file leaves open is asked for, or said.
 */
import { show } from "../show.js";
import type { ArrayData, FileArrays, Note } from "../data/array-data.js";
import { FileError } from "./container.js";
import { byColumn } from "./csv-columns.js";
import {
  cellsOf,
  hasDecimalComma,
  isText,
  isWhole,
  numberOf,
  placeOf,
  separatorOf,
  unquoted,
  type Separator,
} from "./csv-cells.js";
import { NumberReader } from "./csv-numbers.js";

/** A line of a file, by its number there. */
interface Line {
  readonly text: string;
  readonly number: number;
}

/** What the first line says of the others. */
interface Header {
  /** Names of the columns; undefined where the first line is numbers. */
  readonly labels?: readonly string[];
  /** Whether a column of row names comes first, which holds no data. */
  readonly rowNames: boolean;
}

/**
 * Reads CSV: rows of numbers, separated by commas, semicolons, tabs or spaces; lines that start with # are comments.
 *
 * Without a header it is a matrix [rows, columns]. A line `sep=;` before all others says what separates cells. A header names columns: `x, y[0], y[1]` gives x [rows, 1] and y [rows, 2], and
 * `z[0, 0], z[0, 1], ...` gives z [rows, height, width], whatever the order of the columns; places may be counted from 1. Row names, as
 * pandas and R write them, are left out. Between semicolons or tabs, commas are decimal.
 *
 * @param what how to call the file in messages.
 * @param onNote is told how something was read that could have meant something else; by default it is printed as a warning.
 * @throws FileError where a line has more or fewer numbers than others, something is no number, or a cell is empty, with its line and
 *   column; where a header names a place twice, or leaves one out; where it cannot be told whether the first line is a header.
 */
export function parseCsv(
  text: string,
  what = "the .csv file",
  onNote: Note = console.warn,
): FileArrays {
  const { lines: all, separator: said } = withoutSeparatorLine(linesOf(text));
  const first = all.find(({ text: line }) => line.trim() !== "");
  if (first === undefined) throw new FileError(`${what} is empty`);
  const separator = said ?? separatorOf(first.text);
  // A line of nothing but tabs is a row of empty cells where tabs separate, and else no more than a blank one.
  const width = cellsOf(first.text, separator).length;
  const lines = all.filter(
    ({ text: line }) =>
      line.trim() !== "" || (separator === "\t" && line.split("\t").length === width),
  );
  const { labels, rowNames } = headerOf(lines, separator, what, onNote);
  const rows = labels === undefined ? lines : lines.slice(1);
  if (rows.length === 0) throw new FileError(`${what} has a header, but no numbers`);
  const skipped = rowNames ? 1 : 0;
  const columns = labels?.length ?? width - skipped;
  const reader = new NumberReader(separator);
  const data = new Float64Array(rows.length * columns);
  for (const [row, line] of rows.entries()) {
    if (labels !== undefined && line.text === first.text) {
      throw new FileError(
        `${what}, line ${line.number}: its header again: leave out the line, which is no data`,
      );
    }
    const cells = cellsOf(line.text, separator);
    if (cells.length !== columns + skipped) {
      throw new FileError(
        `${what}, line ${line.number}: ${cells.length} values, where the first line has ${columns + skipped}`,
      );
    }
    for (let column = 0; column < columns; column++) {
      const cell = cells[column + skipped] ?? "";
      const value = reader.read(cell);
      if (value === undefined) throw unreadable(cell, what, line.number, column + skipped);
      data[row * columns + column] = value;
    }
  }
  reader.finish(what, onNote);
  const matrix: ArrayData = { shape: [rows.length, columns], data };
  return labels === undefined ? matrix : byColumn(matrix, labels, what);
}

function linesOf(text: string): readonly Line[] {
  return text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .map((line, i) => ({ text: line.endsWith("\r") ? line.slice(0, -1) : line, number: i + 1 }))
    .filter(({ text }) => {
      return text !== "" && (!text.trimStart().startsWith("#") || SHEET_ERROR.test(text));
    });
}

/** What spreadsheets write in the place of a number: no comment, whose line nobody would miss. */
const SHEET_ERROR = /^\s*#(?:N\/A|DIV\/0!|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!)/u;

/** The first line may say to spreadsheets what separates cells: `sep=;`. */
function withoutSeparatorLine(lines: readonly Line[]): {
  readonly lines: readonly Line[];
  readonly separator?: Separator;
} {
  const [, separator] = /^"?sep=([,;\t])"?$/iu.exec(lines[0]?.text.trimEnd() ?? "") ?? [];
  return separator === "," || separator === ";" || separator === "\t"
    ? { lines: lines.slice(1), separator }
    : { lines };
}

function unreadable(cell: string, what: string, line: number, column: number): FileError {
  const where = `${what}, line ${line}, column ${column + 1}`;
  if (cell === "" || cell === '""') {
    return new FileError(
      `${where} is empty, where a number is expected: write it, or NA where it is missing, which a model allows for arrays that it declares with missing(...); if there is nothing to be, leave out the line or the separator`,
    );
  }
  return new FileError(`${where}: ${show(unquoted(cell))} is no number`);
}

/**
 * Whether the first line names columns.
 *
 * @throws FileError where it cannot be told.
 */
function headerOf(
  lines: readonly Line[],
  separator: Separator,
  what: string,
  onNote: Note,
): Header {
  const first = lines[0] ?? { text: "", number: 1 };
  const cells = cellsOf(first.text, separator);
  const numbered = columnNumbers(cells);
  if (numbered !== undefined) return numberedHeader(lines, separator, numbered, what, onNote);
  if (!cells.some(isText)) {
    const bad = cells.findIndex(
      (cell) => numberOf(cell) === undefined && !hasDecimalComma(cell, separator),
    );
    if (bad >= 0) throw unreadable(cells[bad] ?? "", what, first.number, bad);
    if (areEvenSteps(cells) && !othersOf(lines, separator).some(isWhole) && lines.length > 1) {
      throw mayBeHeader(what, cells.map(unquoted));
    }
    const rowNames = cells.length > 1 && areRowNames(lines, separator);
    if (rowNames)
      onNote(`${what}: its first column, which alone is quoted, is taken for row names`);
    return { rowNames };
  }
  const number = cells.find((cell) => numberOf(cell) !== undefined && placeOf(cell) === undefined);
  if (number !== undefined) {
    throw new FileError(
      `${what}, line ${first.number}: ${show(unquoted(cells.find(isText) ?? ""))} is no number, and ${show(unquoted(number))} no name: a first line is all names or all numbers`,
    );
  }
  const labels = cells.map(unquoted);
  const nameless = labels.indexOf("", 1);
  if (nameless > 0) {
    throw new FileError(
      `${what}, line ${first.number}: column ${nameless + 1} has no name, where others have`,
    );
  }
  const second = lines[1] && cellsOf(lines[1].text, separator);
  if (labels[0] === "" || second?.length === labels.length + 1) {
    onNote(`${what}: its first column has no name, and is taken for row names`);
    return { labels: labels[0] === "" ? labels.slice(1) : labels, rowNames: true };
  }
  return { labels, rowNames: false };
}

/** A first line of whole numbers that count on from 0 or 1, perhaps after an empty cell. */
interface Numbered {
  readonly labels: readonly string[];
  readonly from: number;
  readonly rowNames: boolean;
}

function columnNumbers(cells: readonly string[]): Numbered | undefined {
  const labels = cells.map(unquoted);
  const rowNames = labels[0] === "";
  const rest = rowNames ? labels.slice(1) : labels;
  const [from] = rest.map(placeOf);
  if (from !== 0 && from !== 1) return undefined;
  return rest.every((label, i) => placeOf(label) === from + i)
    ? { labels: rest, from, rowNames }
    : undefined;
}

/**
 * A first line 0, 1, 2, ... is what pandas writes over columns without names; it may also be data.
 *
 * @throws FileError where the other lines do not tell.
 */
function numberedHeader(
  lines: readonly Line[],
  separator: Separator,
  { labels, from, rowNames }: Numbered,
  what: string,
  onNote: Note,
): Header {
  if (rowNames) {
    onNote(`${what}: its first line is taken for column numbers, its first column for row names`);
    return { labels, rowNames };
  }
  const others = othersOf(lines, separator);
  const counted = others.some((cell) => !isWhole(cell));
  // Few data begin with 1, 2, 3 and have no other whole number.
  const unlike = from === 0 || (labels.length > 1 && !others.some(isWhole));
  if (others.length === 0 || !unlike) return { rowNames };
  if (from === 0 && counted && labels.length > 1) {
    onNote(`${what}: its first line, ${sample(labels)}, is taken for column numbers, not for data`);
    return { labels, rowNames };
  }
  if (from === 0 && !counted && labels.length === 1) {
    onNote(`${what}: its first line, 0, is taken for a number, not for a header`);
    return { rowNames };
  }
  throw mayBeHeader(what, labels);
}

/** The cells of all lines but the first. */
function othersOf(lines: readonly Line[], separator: Separator): readonly string[] {
  return lines.slice(1).flatMap(({ text }) => cellsOf(text, separator));
}

/** Whether cells are whole numbers, three or more, each as far from the last as the first two: years, wavelengths, positions, which name columns oftener than they are data. */
function areEvenSteps(cells: readonly string[]): boolean {
  const [first = 0, second = 0] = cells.map((cell) => Number(unquoted(cell)));
  return (
    cells.length > 2 &&
    first !== second &&
    cells.every(
      (cell, i) => isWhole(cell) && Number(unquoted(cell)) === first + i * (second - first),
    )
  );
}

/** Whether the first cells are quoted and count from 1 or 0, and no other cell is quoted: row names, as R writes them without column names. */
function areRowNames(lines: readonly Line[], separator: Separator): boolean {
  const rows = lines.map(({ text }) => cellsOf(text, separator));
  const from = placeOf(rows[0]?.[0] ?? "");
  return (
    (from === 0 || from === 1) &&
    rows.every(
      ([name = "", ...cells], i) =>
        name.startsWith('"') &&
        placeOf(name) === from + i &&
        !cells.some((cell) => cell.startsWith('"')),
    )
  );
}

function mayBeHeader(what: string, labels: readonly string[]): FileError {
  const [from = ""] = labels;
  return new FileError(
    `${what}: its first line, ${sample(labels)}, may be column numbers or data: delete it if it is a header, or write ${from}.0 for ${from} if it is data`,
  );
}

function sample(labels: readonly string[]): string {
  return labels.length > 4 ? `${labels.slice(0, 3).join(", ")}, ...` : labels.join(", ");
}
