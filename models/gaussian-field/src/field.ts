/**
 * The Gaussian field: exact draws and exact likelihoods.
 *
 * Z ~ N(0, Σ(θ)) on a regular 16×16 grid of [0,1]², both ends included, with Σ_ij = exp(-‖s_i - s_j‖/θ), no nugget. The grid's
 * symmetries (see symmetry.ts) leave one 64×64, two 36×36 and two 28×28 matrices to factor: 40 times less arithmetic than 256×256.
 */
import { InvalidArgumentError } from "amortis";
import {
  choleskyInPlace,
  logDeterminant,
  multiplyLower,
  squaredNormOfSolution,
} from "./cholesky.js";
import {
  ANTISYMMETRIC,
  EE_ANTISYMMETRIC,
  EE_SYMMETRIC,
  EVEN_ODD,
  MIXED,
  ODD_EVEN,
  OO_ANTISYMMETRIC,
  OO_SYMMETRIC,
  POINTS,
  SIDE,
  SYMMETRIC,
  covarianceBlocks,
  emptyBlocks,
  fromCoefficients,
  toCoefficients,
  type Blocks,
} from "./symmetry.js";

/** Where standard normals come from; the library's Stream is one. */
export interface NormalSource {
  fillNormal(values: Float64Array): unknown;
}

/** Distances between grid points by lag: [16, 16]. */
export const distances = Float64Array.from(
  { length: POINTS },
  (_, lag) => Math.hypot(Math.floor(lag / SIDE), lag % SIDE) / (SIDE - 1),
);

/** C(dx, dy) = exp(-d/θ) of each lag in grid steps, [16, 16]; θ = 0 is white noise. */
export function covarianceTable(
  range: number,
  table: Float64Array = new Float64Array(POINTS),
): Float64Array {
  for (let x = 0; x < SIDE; x++) {
    for (let y = 0; y <= x; y++) {
      const value = Math.exp(-(distances[x * SIDE + y] ?? 0) / range);
      table[x * SIDE + y] = value;
      table[y * SIDE + x] = value;
    }
  }
  // At θ = 0 the quotient is 0/0.
  table[0] = 1;
  return table;
}

/** Cholesky factors of the blocks of Σ(θ), and log det Σ(θ). */
export interface FieldFactor {
  readonly range: number;
  readonly blocks: Blocks;
  readonly logDeterminant: number;
}

/**
 * Factors Σ(θ).
 *
 * @param range θ ≥ 0, in units of the grid's side.
 * @param into a factor whose memory may be written over; a new one where left out.
 * @throws InvalidArgumentError where the range is negative, infinite or not a number.
 */
export function factorField(range: number, into?: Blocks): FieldFactor {
  if (!(range >= 0 && range < Infinity)) {
    throw new InvalidArgumentError(`the range of a field must be a number ≥ 0, but is ${range}`);
  }
  const blocks = into ?? emptyBlocks();
  covarianceBlocks(covarianceTable(range), blocks);
  choleskyInPlace(blocks.eeSymmetric, SYMMETRIC);
  choleskyInPlace(blocks.ooSymmetric, SYMMETRIC);
  choleskyInPlace(blocks.eeAntisymmetric, ANTISYMMETRIC);
  choleskyInPlace(blocks.ooAntisymmetric, ANTISYMMETRIC);
  choleskyInPlace(blocks.mixed, MIXED);
  return { range, blocks, logDeterminant: 2 * logDeterminantOfRoot(blocks) };
}

function logDeterminantOfRoot(blocks: Blocks): number {
  return (
    logDeterminant(blocks.eeSymmetric, SYMMETRIC) +
    logDeterminant(blocks.ooSymmetric, SYMMETRIC) +
    logDeterminant(blocks.eeAntisymmetric, ANTISYMMETRIC) +
    logDeterminant(blocks.ooAntisymmetric, ANTISYMMETRIC) +
    2 * logDeterminant(blocks.mixed, MIXED)
  );
}

/**
 * A draw with a factored covariance.
 *
 * @returns [256], row-major.
 */
export function sampleField({ blocks }: FieldFactor, random: NormalSource): Float64Array {
  const noise = new Float64Array(POINTS);
  const coefficients = new Float64Array(POINTS);
  random.fillNormal(noise);
  multiplyLower(blocks.eeSymmetric, SYMMETRIC, noise, coefficients, EE_SYMMETRIC);
  multiplyLower(blocks.eeAntisymmetric, ANTISYMMETRIC, noise, coefficients, EE_ANTISYMMETRIC);
  multiplyLower(blocks.ooSymmetric, SYMMETRIC, noise, coefficients, OO_SYMMETRIC);
  multiplyLower(blocks.ooAntisymmetric, ANTISYMMETRIC, noise, coefficients, OO_ANTISYMMETRIC);
  multiplyLower(blocks.mixed, MIXED, noise, coefficients, EVEN_ODD);
  multiplyLower(blocks.mixed, MIXED, noise, coefficients, ODD_EVEN);
  // The noise is spent: its memory becomes the field.
  fromCoefficients(coefficients, noise);
  return noise;
}

/**
 * A field's coefficients in the basis of the blocks, for `logLikelihoodOf`.
 *
 * @throws InvalidArgumentError where the field does not have 256 values.
 */
export function fieldCoefficients(field: ArrayLike<number>): Float64Array {
  if (field.length !== POINTS) {
    throw new InvalidArgumentError(
      `a field has ${SIDE}×${SIDE} = ${POINTS} values, but ${field.length} were given`,
    );
  }
  const coefficients = new Float64Array(POINTS);
  toCoefficients(field, coefficients);
  return coefficients;
}

/** log N(z; 0, Σ(θ)) from the factor of Σ and the coefficients of z: many fields share a factor, many ranges a field. */
export function logLikelihoodOf(factor: FieldFactor, coefficients: Float64Array): number {
  const { blocks } = factor;
  const scratch = new Float64Array(MIXED);
  const norm = (block: Float64Array, n: number, at: number): number =>
    squaredNormOfSolution(block, n, coefficients, at, scratch);
  const squared =
    norm(blocks.eeSymmetric, SYMMETRIC, EE_SYMMETRIC) +
    norm(blocks.eeAntisymmetric, ANTISYMMETRIC, EE_ANTISYMMETRIC) +
    norm(blocks.ooSymmetric, SYMMETRIC, OO_SYMMETRIC) +
    norm(blocks.ooAntisymmetric, ANTISYMMETRIC, OO_ANTISYMMETRIC) +
    norm(blocks.mixed, MIXED, EVEN_ODD) +
    norm(blocks.mixed, MIXED, ODD_EVEN);
  return -0.5 * (squared + factor.logDeterminant + POINTS * Math.log(2 * Math.PI));
}

// One factor's memory, used again by every call below: they finish with it before they return.
let spare: Blocks | undefined;

/**
 * A draw of the field.
 *
 * @param range θ ≥ 0, in units of the grid's side.
 * @returns [256], row-major.
 * @throws InvalidArgumentError where the range is negative, infinite or not a number.
 * @example
 * const z = exponentialField(0.2, stream(1));
 */
export function exponentialField(range: number, random: NormalSource): Float64Array {
  spare ??= emptyBlocks();
  return sampleField(factorField(range, spare), random);
}

/**
 * The exact log-likelihood, log N(z; 0, Σ(θ)).
 *
 * @param field z, 256 values, row-major.
 * @throws InvalidArgumentError where the range is negative, or the field does not have 256 values.
 */
export function logLikelihood(range: number, field: ArrayLike<number>): number {
  spare ??= emptyBlocks();
  return logLikelihoodOf(factorField(range, spare), fieldCoefficients(field));
}
