/**
 * Products of columns of a model with several grouping terms, in units of its own: all that its likelihood sees.
 *
 *     y = X β + Σ_t Z_t b_t + ε,      b_tl ~ N(0, Σ_t),      terms t, their groups l
 *
 * The term with the most effects is the inner one: its groups share no observation, so that what belongs to them is small blocks. Effects of all others and β are the rest, of which an inner group meets a few.
 */
import { InvalidArgumentError } from "amortis";
import { observationsOf, type Design } from "./design.js";
import { problemOf, type FixedPrior, type Problem } from "./problem.js";

/** Numbers of the rest at most: a dense matrix of as many rows is factorised at each proposal. */
const MOST_REST = 500;

/** Products of the columns of two blocks: [rows, columns]. */
export interface Block {
  /** Place in `terms` of what rows and columns belong to; -1 is β. */
  readonly rowTerm: number;
  readonly columnTerm: number;
  /** Where rows and columns begin in the rest. */
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  readonly products: Float64Array;
}

/** An inner group: ZᵀZ [q, q], Zᵀy [q], and with each block of the rest that it meets, in their order. */
export interface InnerGroup {
  readonly zz: Float64Array;
  readonly zy: Float64Array;
  readonly border: readonly Block[];
  /** Places in the rest of the border's columns, ascending. */
  readonly columns: Int32Array;
}

/** One grouping term. */
export interface CrossedTerm {
  /** As if it were the only one: its scales, and numbers that the network is told of. */
  readonly problem: Problem;
  /** Where its effects begin in the rest; -1 of the inner one. */
  readonly start: number;
}

/** The model in units of its own. */
export interface CrossedProblem {
  readonly n: number;
  readonly p: number;
  readonly terms: readonly CrossedTerm[];
  /** Place in `terms` of the inner one. */
  readonly inner: number;
  readonly groups: readonly InnerGroup[];
  /** Size of the rest, of which β are the last p. */
  readonly size: number;
  /** Products of the rest's columns, of which the lower triangle is there, and with y. */
  readonly rest: readonly Block[];
  readonly y: Float64Array;
  readonly yy: number;
}

/**
 * @param who asks: "lmm".
 * @throws InvalidArgumentError as of `problemOf`, and where the rest is too large.
 */
export function crossedProblemOf(design: Design, prior: FixedPrior): CrossedProblem {
  const problems = design.terms.map((term) => problemOf(observationsOf(design, term), prior));
  const sizes = problems.map(({ groups, q }) => groups * q);
  const inner = sizes.indexOf(Math.max(...sizes));
  const first = problems[0];
  if (first === undefined) throw new InvalidArgumentError("lmm: there is no grouping term");
  const { n, p, shift, scale, fixedScale } = first;
  let size = 0;
  const terms = problems.map((problem, t) => {
    const start = t === inner ? -1 : size;
    if (t !== inner) size += sizes[t] ?? 0;
    return { problem, start };
  });
  if (size > MOST_REST) {
    throw new InvalidArgumentError(
      `lmm: beside the grouping term with the most effects, "${design.terms[inner]?.name ?? ""}", the others have ${size} effects of groups, but ${MOST_REST} together is what can be answered`,
    );
  }
  const y = Float64Array.from(design.response, (value, i) => {
    let fit = 0;
    for (const [k, column] of design.fixed.entries()) fit += (column[i] ?? 0) * (shift[k] ?? 0);
    return (value - fit) / scale;
  });
  const parts = [
    ...design.terms.map(({ random, group }, t) => ({
      term: t,
      start: terms[t]?.start ?? 0,
      group,
      columns: scaled(random, problems[t]?.randomScale),
    })),
    { term: -1, start: size, group: new Int32Array(n), columns: scaled(design.fixed, fixedScale) },
  ];
  const [own, others] = [parts[inner], parts.filter((_, at) => at !== inner)];
  if (own === undefined) throw new InvalidArgumentError("lmm: there is no grouping term");
  const sums = new Sums();
  const groups = Array.from({ length: problems[inner]?.groups ?? 0 }, () => ({
    zz: new Float64Array(own.columns.length ** 2),
    zy: new Float64Array(own.columns.length),
    sums: new Sums(),
  }));
  const restY = new Float64Array(size + p);
  let yy = 0;
  for (let i = 0; i < n; i++) {
    const value = y[i] ?? 0;
    yy += value * value;
    const group = groups[own.group[i] ?? 0];
    const places = others.map((part) => ({
      ...part,
      at: part.start + (part.group[i] ?? 0) * part.columns.length,
    }));
    for (const [a, row] of places.entries()) {
      addProducts(restY, row.at, row.columns, i, value);
      for (const column of places.slice(0, a + 1)) sums.add(row, column, i);
      group?.sums.add({ ...own, at: 0 }, row, i);
    }
    if (group === undefined) continue;
    addProducts(group.zy, 0, own.columns, i, value);
    for (const [k, column] of own.columns.entries())
      addProducts(group.zz, k * own.columns.length, own.columns, i, column[i] ?? 0);
  }
  return {
    n,
    p,
    terms,
    inner,
    groups: groups.map(({ zz, zy, sums: border }) => {
      const blocks = border.blocks();
      const columns = blocks.flatMap((block) =>
        Array.from({ length: block.columns }, (_, k) => block.column + k),
      );
      return { zz, zy, border: blocks, columns: Int32Array.from(columns) };
    }),
    size: size + p,
    rest: sums.blocks(),
    y: restY,
    yy,
  };
}

function scaled(
  columns: readonly Float64Array[],
  by: Float64Array | undefined,
): readonly Float64Array[] {
  return columns.map((column, k) => column.map((value) => value / (by?.[k] ?? 1)));
}

/** Adds columns of a row times a number. */
function addProducts(
  to: Float64Array,
  at: number,
  columns: readonly Float64Array[],
  i: number,
  by: number,
): void {
  for (const [k, column] of columns.entries())
    to[at + k] = (to[at + k] ?? 0) + by * (column[i] ?? 0);
}

interface Part {
  readonly term: number;
  readonly at: number;
  readonly columns: readonly Float64Array[];
}

/** Sums of products, by where their blocks are. */
class Sums {
  readonly #found = new Map<string, Block>();

  add(row: Part, column: Part, i: number): void {
    const key = `${row.at} ${column.at}`;
    let block = this.#found.get(key);
    if (block === undefined) {
      const [rows, columns] = [row.columns.length, column.columns.length];
      block = {
        rowTerm: row.term,
        columnTerm: column.term,
        row: row.at,
        column: column.at,
        rows,
        columns,
        products: new Float64Array(rows * columns),
      };
      this.#found.set(key, block);
    }
    for (const [k, own] of row.columns.entries())
      addProducts(block.products, k * block.columns, column.columns, i, own[i] ?? 0);
  }

  /** In the order of rows, then of columns. */
  blocks(): readonly Block[] {
    return [...this.#found.values()].toSorted((a, b) => a.row - b.row || a.column - b.column);
  }
}
