/**
 * The symmetries of a square grid, which cut a 256×256 covariance into small blocks, exactly.
 *
 * Reflections. A stationary, isotropic covariance on a 16×16 grid does not change when the grid is reflected in x or in y. In the
 * basis of even and odd functions along each axis,
 *
 *   e_a = (δ_a + δ_{15-a})/√2,   o_a = (δ_a - δ_{15-a})/√2,   a = 0..7,
 *
 * it is therefore block diagonal, with four blocks of 64: ee, eo, oe and oo.
 *
 * The swap x↔y. It maps eo onto oe, so these two blocks are one matrix. It maps ee and oo onto themselves, so each splits further
 * into functions symmetric under the swap, δ_aa and (δ_ab + δ_ba)/√2 for a < b (36 of them), and antisymmetric ones,
 * (δ_ab - δ_ba)/√2 (28).
 *
 * What remains is one block of 64 (used twice), two of 36 and two of 28. Entries are signed sums over orbits of C(dx, dy).
 *
 * Coefficients of a field are one vector of 256: ee symmetric, ee antisymmetric, oo symmetric, oo antisymmetric, eo, oe (transposed,
 * so that eo's matrix is its covariance too). The transform is orthogonal and is its own scaled transpose.
 */

/** Points along a side. */
export const SIDE = 16;
/** Points of a field. */
export const POINTS = SIDE * SIDE;
const HALF = SIDE / 2;
/** Sizes of the blocks. */
export const MIXED = HALF * HALF;
export const SYMMETRIC = (HALF * (HALF + 1)) / 2;
export const ANTISYMMETRIC = (HALF * (HALF - 1)) / 2;
/** Where each block's coefficients start. */
export const EE_SYMMETRIC = 0;
export const EE_ANTISYMMETRIC = EE_SYMMETRIC + SYMMETRIC;
export const OO_SYMMETRIC = EE_ANTISYMMETRIC + ANTISYMMETRIC;
export const OO_ANTISYMMETRIC = OO_SYMMETRIC + SYMMETRIC;
export const EVEN_ODD = OO_ANTISYMMETRIC + ANTISYMMETRIC;
export const ODD_EVEN = EVEN_ODD + MIXED;

/** Pairs a ≤ b (symmetric) and a < b (antisymmetric), in the order of the blocks. */
const symmetricPairs: readonly (readonly [number, number])[] = pairs(0);
const antisymmetricPairs: readonly (readonly [number, number])[] = pairs(1);

function pairs(gap: number): [number, number][] {
  const result: [number, number][] = [];
  for (let a = 0; a < HALF; a++) for (let b = a + gap; b < HALF; b++) result.push([a, b]);
  return result;
}

/** The five distinct blocks of a covariance: lower triangles, row-major. */
export interface Blocks {
  readonly eeSymmetric: Float64Array;
  readonly eeAntisymmetric: Float64Array;
  readonly ooSymmetric: Float64Array;
  readonly ooAntisymmetric: Float64Array;
  /** The block of eo, and of oe transposed. */
  readonly mixed: Float64Array;
}

/** A block, and where the coefficients that have it as covariance start. */
export interface BlockPlace {
  readonly block: keyof Blocks;
  readonly size: number;
  readonly starts: readonly number[];
}

/** All blocks in their places. */
export const BLOCKS: readonly BlockPlace[] = [
  { block: "eeSymmetric", size: SYMMETRIC, starts: [EE_SYMMETRIC] },
  { block: "eeAntisymmetric", size: ANTISYMMETRIC, starts: [EE_ANTISYMMETRIC] },
  { block: "ooSymmetric", size: SYMMETRIC, starts: [OO_SYMMETRIC] },
  { block: "ooAntisymmetric", size: ANTISYMMETRIC, starts: [OO_ANTISYMMETRIC] },
  { block: "mixed", size: MIXED, starts: [EVEN_ODD, ODD_EVEN] },
];

/** Room for blocks. */
export function emptyBlocks(): Blocks {
  return {
    eeSymmetric: new Float64Array(SYMMETRIC ** 2),
    eeAntisymmetric: new Float64Array(ANTISYMMETRIC ** 2),
    ooSymmetric: new Float64Array(SYMMETRIC ** 2),
    ooAntisymmetric: new Float64Array(ANTISYMMETRIC ** 2),
    mixed: new Float64Array(MIXED ** 2),
  };
}

/**
 * For each pair of rows (a, b), (a', b') of a 64-block, where its four terms lie in a [16, 16] table of C(dx, dy):
 * C(a-a', b-b'), C(a-a', b+b'-15), C(a+a'-15, b-b'), C(a+a'-15, b+b'-15).
 */
const orbit: Uint8Array = (() => {
  const table = new Uint8Array(MIXED * MIXED * 4);
  for (let row = 0; row < MIXED; row++) {
    for (let column = 0; column < MIXED; column++) {
      const [a, b] = [Math.floor(row / HALF), row % HALF];
      const [c, d] = [Math.floor(column / HALF), column % HALF];
      const [near, far] = [Math.abs(a - c), SIDE - 1 - a - c];
      const [nearY, farY] = [Math.abs(b - d), SIDE - 1 - b - d];
      const terms = [
        near * SIDE + nearY,
        near * SIDE + farY,
        far * SIDE + nearY,
        far * SIDE + farY,
      ];
      table.set(terms, (row * MIXED + column) * 4);
    }
  }
  return table;
})();

/**
 * Covariance of each block's coefficients.
 *
 * @param table [16, 16] of C(dx, dy), lags in grid steps.
 * @param blocks written: their lower triangles.
 */
export function covarianceBlocks(table: Float64Array, blocks: Blocks): void {
  mixedBlock(table, blocks.mixed);
  swapBlocks(table, symmetricPairs, 1, blocks.eeSymmetric, blocks.ooSymmetric);
  swapBlocks(table, antisymmetricPairs, -1, blocks.eeAntisymmetric, blocks.ooAntisymmetric);
}

function mixedBlock(table: Float64Array, block: Float64Array): void {
  for (let row = 0; row < MIXED; row++) {
    for (let column = 0; column <= row; column++) {
      const at = row * MIXED + column;
      const near = (table[orbit[at * 4] ?? 0] ?? 0) - (table[orbit[at * 4 + 1] ?? 0] ?? 0);
      const far = (table[orbit[at * 4 + 2] ?? 0] ?? 0) - (table[orbit[at * 4 + 3] ?? 0] ?? 0);
      block[at] = near + far;
    }
  }
}

/** Blocks of ee and oo for functions of one sign under the swap: E(ab, cd) ± E(ab, dc), and √½ for each pair of equals. */
function swapBlocks(
  table: Float64Array,
  pairs: readonly (readonly [number, number])[],
  sign: number,
  even: Float64Array,
  odd: Float64Array,
): void {
  const n = pairs.length;
  pairs.forEach(([a, b], row) => {
    for (let column = 0; column <= row; column++) {
      const [c, d] = pairs[column] ?? [0, 0];
      const direct = ((a * HALF + b) * MIXED + c * HALF + d) * 4;
      const swapped = ((a * HALF + b) * MIXED + d * HALF + c) * 4;
      const scale = (a === b ? Math.SQRT1_2 : 1) * (c === d ? Math.SQRT1_2 : 1);
      const plus = (table[orbit[direct] ?? 0] ?? 0) + (table[orbit[direct + 3] ?? 0] ?? 0);
      const minus = (table[orbit[direct + 1] ?? 0] ?? 0) + (table[orbit[direct + 2] ?? 0] ?? 0);
      const plusSwapped = (table[orbit[swapped] ?? 0] ?? 0) + (table[orbit[swapped + 3] ?? 0] ?? 0);
      const minusSwapped =
        (table[orbit[swapped + 1] ?? 0] ?? 0) + (table[orbit[swapped + 2] ?? 0] ?? 0);
      even[row * n + column] = scale * (plus + minus + sign * (plusSwapped + minusSwapped));
      odd[row * n + column] = scale * (plus - minus + sign * (plusSwapped - minusSwapped));
    }
  });
}

/**
 * A field's coefficients.
 *
 * @param field [256], row-major.
 * @param coefficients written: [256].
 */
export function toCoefficients(field: ArrayLike<number>, coefficients: Float64Array): void {
  const ee = new Float64Array(MIXED);
  const oo = new Float64Array(MIXED);
  for (let a = 0; a < HALF; a++) {
    for (let b = 0; b < HALF; b++) {
      const nn = field[a * SIDE + b] ?? 0;
      const nf = field[a * SIDE + SIDE - 1 - b] ?? 0;
      const fn = field[(SIDE - 1 - a) * SIDE + b] ?? 0;
      const ff = field[(SIDE - 1 - a) * SIDE + SIDE - 1 - b] ?? 0;
      ee[a * HALF + b] = (nn + nf + fn + ff) / 2;
      oo[a * HALF + b] = (nn - nf - fn + ff) / 2;
      coefficients[EVEN_ODD + a * HALF + b] = (nn - nf + fn - ff) / 2;
      coefficients[ODD_EVEN + b * HALF + a] = (nn + nf - fn - ff) / 2;
    }
  }
  splitSwap(ee, coefficients, EE_SYMMETRIC, EE_ANTISYMMETRIC);
  splitSwap(oo, coefficients, OO_SYMMETRIC, OO_ANTISYMMETRIC);
}

function splitSwap(
  block: Float64Array,
  coefficients: Float64Array,
  symmetric: number,
  antisymmetric: number,
): void {
  let s = symmetric;
  let t = antisymmetric;
  for (let a = 0; a < HALF; a++) {
    coefficients[s++] = block[a * HALF + a] ?? 0;
    for (let b = a + 1; b < HALF; b++) {
      const upper = block[a * HALF + b] ?? 0;
      const lower = block[b * HALF + a] ?? 0;
      coefficients[s++] = (upper + lower) * Math.SQRT1_2;
      coefficients[t++] = (upper - lower) * Math.SQRT1_2;
    }
  }
}

/**
 * The field that has given coefficients.
 *
 * @param coefficients [256].
 * @param field written: [256], row-major.
 */
export function fromCoefficients(coefficients: Float64Array, field: Float64Array): void {
  const ee = new Float64Array(MIXED);
  const oo = new Float64Array(MIXED);
  joinSwap(coefficients, EE_SYMMETRIC, EE_ANTISYMMETRIC, ee);
  joinSwap(coefficients, OO_SYMMETRIC, OO_ANTISYMMETRIC, oo);
  for (let a = 0; a < HALF; a++) {
    for (let b = 0; b < HALF; b++) {
      const even = ee[a * HALF + b] ?? 0;
      const odd = oo[a * HALF + b] ?? 0;
      const evenOdd = coefficients[EVEN_ODD + a * HALF + b] ?? 0;
      const oddEven = coefficients[ODD_EVEN + b * HALF + a] ?? 0;
      field[a * SIDE + b] = (even + odd + evenOdd + oddEven) / 2;
      field[a * SIDE + SIDE - 1 - b] = (even - odd - evenOdd + oddEven) / 2;
      field[(SIDE - 1 - a) * SIDE + b] = (even - odd + evenOdd - oddEven) / 2;
      field[(SIDE - 1 - a) * SIDE + SIDE - 1 - b] = (even + odd - evenOdd - oddEven) / 2;
    }
  }
}

function joinSwap(
  coefficients: Float64Array,
  symmetric: number,
  antisymmetric: number,
  block: Float64Array,
): void {
  let s = symmetric;
  let t = antisymmetric;
  for (let a = 0; a < HALF; a++) {
    block[a * HALF + a] = coefficients[s++] ?? 0;
    for (let b = a + 1; b < HALF; b++) {
      const sum = coefficients[s++] ?? 0;
      const difference = coefficients[t++] ?? 0;
      block[a * HALF + b] = (sum + difference) * Math.SQRT1_2;
      block[b * HALF + a] = (sum - difference) * Math.SQRT1_2;
    }
  }
}
