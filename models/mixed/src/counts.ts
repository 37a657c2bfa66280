/**
 * Responses of generalised models: what a family may have, checked once, with the rows of each group one after another.
 */
import { InvalidArgumentError } from "amortis";
import { numericColumn, type Design, type RandomTerm, type Table } from "./design.js";
import { familyOf, type FamilyName } from "./family.js";
import type { Counts } from "./group-integrals.js";

/** What `glmm` is told of responses. */
export interface Responses {
  readonly family: FamilyName;
  /** Column of the numbers of trials. */
  readonly trials?: string;
  /** Column that is added to the linear predictor. */
  readonly offset?: string;
}

/**
 * @param name of the response.
 * @throws InvalidArgumentError where a count is negative, fractional or greater than its trials, or where trials are asked of a family that has none.
 */
export function countsOf(
  name: string,
  table: Table,
  { response, fixed }: Design,
  { random, group, levels }: RandomTerm,
  { family, trials, offset }: Responses,
): Counts {
  const n = response.length;
  const chosen = familyOf(family);
  if (family !== "binomial" && trials !== undefined) {
    throw new InvalidArgumentError(
      `glmm: trials are of a binomial response, but the family is "${family}": for exposure give an offset, the logarithm of it`,
    );
  }
  const sizes = trials === undefined ? undefined : numericColumn(table, trials, n);
  for (let i = 0; i < n; i++)
    requireCount(name, response[i] ?? 0, i, family, trials, sizes?.[i] ?? 1);
  const offsets = offset === undefined ? undefined : numericColumn(table, offset, n);
  const order = Uint32Array.from({ length: n }, (_, i) => i).toSorted(
    (a, b) => (group[a] ?? 0) - (group[b] ?? 0),
  );
  const start = new Int32Array(levels.length + 1);
  for (const j of group) start[j + 1] = (start[j + 1] ?? 0) + 1;
  for (let j = 0; j < levels.length; j++) start[j + 1] = (start[j + 1] ?? 0) + (start[j] ?? 0);
  const sorted = (column: ArrayLike<number> | undefined, otherwise: number): Float64Array =>
    Float64Array.from(order, (i) => column?.[i] ?? otherwise);
  const byRows = (columns: readonly Float64Array[]): Float64Array =>
    Float64Array.from(
      { length: n * columns.length },
      (_, at) => columns[at % columns.length]?.[order[Math.floor(at / columns.length)] ?? 0] ?? 0,
    );
  return {
    family: chosen,
    response: sorted(response, 0),
    trials: sorted(sizes, 1),
    offset: sorted(offsets, 0),
    fixed: byRows(fixed),
    random: byRows(random),
    p: fixed.length,
    q: random.length,
    start,
  };
}

function requireCount(
  name: string,
  y: number,
  row: number,
  family: FamilyName,
  trials: string | undefined,
  size: number,
): void {
  const where = `glmm: row ${row + 1} of "${name}" is ${y}`;
  const whole = Number.isInteger(y) && y >= 0;
  if (family === "poisson") {
    if (whole) return;
    throw new InvalidArgumentError(
      `${where}, but a Poisson response is a count: a whole number from 0 on`,
    );
  }
  if (trials === undefined) {
    if (y === 0 || y === 1) return;
    throw new InvalidArgumentError(
      `${where}, but without trials a binomial response is 0 or 1: name the column with the numbers of trials, { trials: "size" }`,
    );
  }
  if (!(Number.isInteger(size) && size >= 1)) {
    throw new InvalidArgumentError(
      `glmm: row ${row + 1} of "${trials}" is ${size}, but a number of trials is a whole number from 1 on`,
    );
  }
  if (whole && y <= size) return;
  throw new InvalidArgumentError(
    `${where}, but of ${size} trials it must be a whole number from 0 to ${size}`,
  );
}
