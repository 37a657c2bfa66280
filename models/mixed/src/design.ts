/**
 * From a formula and columns to numbers: the response, columns of fixed and of random effects with their names, and groups.
 */
import { InvalidArgumentError } from "amortis";
import type { Formula, Grouping, Term, Terms } from "./formula.js";
import type { Observations } from "./problem.js";

/** A column: numbers, or labels of which each makes a column of zeros and ones but the first. */
export type TableColumn = ArrayLike<number> | readonly (string | boolean)[];

/** Columns by name, each with a value an observation. */
export type Table = Readonly<Record<string, TableColumn>>;

/** What a formula makes of a table. */
export interface Design {
  /** [n] */
  readonly response: Float64Array;
  /** Columns of X, each [n], and their names. */
  readonly fixed: readonly Float64Array[];
  readonly fixedNames: readonly string[];
  readonly terms: readonly RandomTerm[];
}

/** Random effects of one grouping term. */
export interface RandomTerm {
  /** Name of the groups. */
  readonly name: string;
  /** Columns of Z, each [n], and their names. */
  readonly random: readonly Float64Array[];
  readonly randomNames: readonly string[];
  /** The group of each observation, from 0: [n]. */
  readonly group: Int32Array;
  /** Labels of the groups: numbers by their size, texts by their letters. */
  readonly levels: readonly string[];
  /** Whether they correlate: never true of a single effect. */
  readonly correlated: boolean;
}

/** What a model of one grouping term observes. */
export function observationsOf({ response, fixed }: Design, term: RandomTerm): Observations {
  return { response, fixed, random: term.random, group: term.group, groups: term.levels.length };
}

/**
 * @throws InvalidArgumentError where a column is not there, is of another length, misses a value, or is no number where it must be one.
 */
export function designOf(formula: Formula, table: Table): Design {
  const responseColumn = columnOf(table, formula.response);
  const n = responseColumn.length;
  if (n === 0) throw new InvalidArgumentError(`"${formula.response}" has no values`);
  const response = numbers(formula.response, responseColumn);
  const fixed = columnsOf(formula.fixed, table, n);
  return {
    response,
    fixed: fixed.map(({ values }) => values),
    fixedNames: fixed.map(({ name }) => name),
    terms: formula.groupings.map((grouping) => termOf(grouping, table, n)),
  };
}

function termOf(
  { random, group, columns, correlated }: Grouping,
  table: Table,
  n: number,
): RandomTerm {
  const own = columnsOf(random, table, n);
  const { levels, places } = groupsOf(columns, table, n);
  return {
    name: group,
    random: own.map(({ values }) => values),
    randomNames: own.map(({ name }) => name),
    group: places,
    levels,
    correlated: correlated && own.length > 1,
  };
}

/** Groups that one column names, or the pairs of several. */
function groupsOf(names: readonly string[], table: Table, n: number) {
  const columns = names.map((name) => {
    const labels = labelsOf(name, columnOf(table, name));
    if (labels.length !== n) throw wrongLength(name, labels.length, n);
    return labels;
  });
  const labels = Array.from({ length: n }, (_, row) =>
    columns.map((column) => column[row] ?? "").join(":"),
  );
  const levels = inOrder(labels);
  const place = new Map(levels.map((level, j) => [level, j]));
  return { levels, places: Int32Array.from(labels, (label) => place.get(label) ?? 0) };
}

/**
 * A column of numbers.
 *
 * @throws InvalidArgumentError where it is not there, or has another length than the response or a value that is no number.
 */
export function numericColumn(table: Table, name: string, n: number): Float64Array {
  const column = columnOf(table, name);
  if (column.length !== n) throw wrongLength(name, column.length, n);
  return numbers(name, column);
}

interface Named {
  readonly name: string;
  readonly values: Float64Array;
}

function columnsOf({ intercept, terms }: Terms, table: Table, n: number): readonly Named[] {
  const one = intercept ? [{ name: "(Intercept)", values: new Float64Array(n).fill(1) }] : [];
  // Without an intercept the first factor says where each of its levels is.
  const whole = intercept
    ? undefined
    : terms.find((term) => term.length === 1 && isFactor(columnOf(table, term[0] ?? "")));
  return [...one, ...terms.flatMap((term) => productsOf(term, table, n, term === whole))];
}

/** The columns of a term: of labels all but the first level, of several columns their products. */
function productsOf(term: Term, table: Table, n: number, whole: boolean): readonly Named[] {
  let columns: readonly Named[] = [{ name: "", values: new Float64Array(n).fill(1) }];
  for (const name of term) {
    const parts = partsOf(name, columnOf(table, name), n, whole);
    columns = columns.flatMap((left) =>
      parts.map((right) => ({
        name: left.name === "" ? right.name : `${left.name}:${right.name}`,
        values: left.values.map((value, i) => value * (right.values[i] ?? 0)),
      })),
    );
  }
  return columns;
}

function partsOf(name: string, column: TableColumn, n: number, whole: boolean): readonly Named[] {
  if (column.length !== n) throw wrongLength(name, column.length, n);
  if (!isFactor(column)) return [{ name, values: numbers(name, column) }];
  const labels = labelsOf(name, column);
  const levels = inOrder(labels);
  if (levels.length === 1) {
    throw new InvalidArgumentError(
      `"${name}" is "${levels[0] ?? ""}" throughout: a column with one level has no effect`,
    );
  }
  return levels.slice(whole ? 0 : 1).map((level) => ({
    name: `${name}${level}`,
    values: Float64Array.from(labels, (label) => (label === level ? 1 : 0)),
  }));
}

function isFactor(column: TableColumn): boolean {
  return typeof column[0] !== "number";
}

function columnOf(table: Table, name: string): TableColumn {
  const column = Object.hasOwn(table, name) ? table[name] : undefined;
  if (column !== undefined) return column;
  throw new InvalidArgumentError(
    `there is no column "${name}"; there are ${Object.keys(table).join(", ")}`,
  );
}

function numbers(name: string, column: TableColumn): Float64Array {
  return Float64Array.from({ length: column.length }, (_, row) => {
    const value: unknown = column[row];
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw missing(name, value, row);
  });
}

function labelsOf(name: string, column: TableColumn): readonly string[] {
  return Array.from({ length: column.length }, (_, row) => labelOf(name, column[row], row));
}

function labelOf(name: string, value: unknown, row: number): string {
  if (typeof value === "string" || typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  throw missing(name, value, row);
}

function missing(name: string, value: unknown, row: number): InvalidArgumentError {
  return new InvalidArgumentError(
    `row ${row + 1} of "${name}" is ${typeof value === "string" ? `"${value}"` : String(value)}, where a number is expected: leave out rows with missing values, and write numbers as numbers`,
  );
}

function wrongLength(name: string, length: number, n: number): InvalidArgumentError {
  return new InvalidArgumentError(`"${name}" has ${length} values, but the response has ${n}`);
}

/** Different labels: numbers by their size, texts by their letters. */
function inOrder(labels: readonly string[]): readonly string[] {
  const different = [...new Set(labels)];
  const areNumbers = different.every(
    (label) => label.trim() !== "" && Number.isFinite(Number(label)),
  );
  return areNumbers ? different.toSorted((a, b) => Number(a) - Number(b)) : different.toSorted();
}
