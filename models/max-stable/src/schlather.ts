/**
 * Exact draws of Schlather's max-stable process on the 16×16 grid of [0,1]², both ends included, and of its inverse.
 *
 *   Y(s) = max_i √(2π) ζ_i max(0, Z_i(s)),   X(s) = 1 / Y(s),
 *
 * with ζ_i the points of a Poisson process of intensity ζ^{-2} dζ on (0, ∞) and Z_i independent Gaussian fields of unit variance:
 * margins of Y are unit Fréchet, those of X unit exponential (Schlather 2002).
 *
 * Which of infinitely many fields matter? Schlather's own rule takes the fields by falling ζ, and stops once ζ √(2π) C cannot exceed
 * any Y(s) if all fields stay below C; but Gaussian fields have no bound. Here they are taken by falling r = √(2π) ζ q(Z), where q
 * is a norm with Z(s) ≤ q(Z) at all sites (ellipsoid.ts): once r ≤ min Y, no later field matters, for certain. By the change of
 * variables from ζ to r, the points (r, Z) are a Poisson process of intensity
 *
 *   √(2π) r^{-2} dr · q(z) φ(z) dz,   φ the density of the noise z that Z is made of,
 *
 * and since q ≤ (q²/m + m)/2, it is the thinning, with probabilities 2qm/(q² + m²), of one with q replaced by (q²/m + m)/2. With
 * m² = E q² the latter has r_i = √(2π) m / (E_1 + ... + E_i), E standard exponentials, and noise that comes with probability one
 * half from φ, else from q² φ / m²: then one z_j, chosen with probability d_j²/m², has density ∝ z_j² φ(z_j), and the others are
 * normal. Of the fields taken (√(2π) m E max X on average: 10 to 210), about four fifths or more are kept.
 *
 * This is a normalised spectral representation in the sense of Oesting, Schlather and Zhou (2018), "Exact and fast simulation of
 * max-stable processes on a compact set using the normalized spectral representation", Bernoulli 24. Extremal functions (Dombry,
 * Engelke and Oesting 2016, arXiv 1506.04430) would take 256 fields on average. Schlather (2002), "Models for stationary max-stable
 * random fields", Extremes 5.
 */
import {
  BLOCKS,
  choleskyInPlace,
  covarianceBlocks,
  distances,
  emptyBlocks,
  fromCoefficients,
  multiplyLower,
  POINTS,
  SIDE,
  type Blocks,
} from "@amortis/gaussian-field";
import { boundingEllipsoid, type Ellipsoid } from "./ellipsoid.js";
import { whittleMatern, type WhittleMatern } from "./whittle-matern.js";

/** Where random numbers come from; the library's Stream is one. */
export interface NoiseSource {
  uniform(): number;
  exponential(): number;
  fillNormal(values: Float64Array): unknown;
}

/** What all draws with the same parameters share. */
export interface SchlatherFactor {
  readonly blocks: Blocks;
  readonly ellipsoid: Ellipsoid;
}

const SQRT_2PI = Math.sqrt(2 * Math.PI);

/**
 * Factors the Gaussian fields' covariance, and bounds them. No jitter: the smoothest covariance of the prior, λ = 0.6 and ν = 3,
 * has 2e-9 as its smallest eigenvalue, and blocks are exact to 1e-14.
 *
 * @param parameters λ ≥ 0 and ν > 0.
 * @param into blocks whose memory may be written over; new ones where left out.
 * @throws InvalidArgumentError where they are not such numbers; NotPositiveDefiniteError where the covariance is singular in double
 *   precision, far outside the prior.
 */
export function factorSchlather(parameters: WhittleMatern, into?: Blocks): SchlatherFactor {
  const rho = whittleMatern(parameters);
  const table = new Float64Array(POINTS);
  for (let x = 0; x < SIDE; x++) {
    for (let y = 0; y <= x; y++) {
      const value = rho(distances[x * SIDE + y] ?? 0);
      table[x * SIDE + y] = value;
      table[y * SIDE + x] = value;
    }
  }
  const blocks = into ?? emptyBlocks();
  covarianceBlocks(table, blocks);
  for (const { block, size } of BLOCKS) choleskyInPlace(blocks[block], size);
  return { blocks, ellipsoid: boundingEllipsoid(blocks) };
}

/**
 * A draw of X = 1/Y with factored parameters.
 *
 * @returns [256], row-major, with unit exponential margins.
 */
export function sampleInverse(
  { blocks, ellipsoid }: SchlatherFactor,
  random: NoiseSource,
): Float64Array {
  const { weights, meanSquare } = ellipsoid;
  const m = Math.sqrt(meanSquare);
  const noise = new Float64Array(POINTS);
  const coefficients = new Float64Array(POINTS);
  const field = new Float64Array(POINTS);
  const y = new Float64Array(POINTS);
  let [arrivals, smallest] = [0, 0];
  for (;;) {
    arrivals += random.exponential();
    const r = (SQRT_2PI * m) / arrivals;
    if (r <= smallest) break;
    random.fillNormal(noise);
    if (random.uniform() < 0.5) biasByNorm(noise, ellipsoid, random);
    let square = 0;
    for (let j = 0; j < POINTS; j++) square += (weights[j] ?? 0) * (noise[j] ?? 0) ** 2;
    const q = Math.sqrt(square);
    if (random.uniform() * (square + meanSquare) >= 2 * q * m) continue;
    for (const { block, size, starts } of BLOCKS) {
      for (const at of starts) multiplyLower(blocks[block], size, noise, coefficients, at);
    }
    fromCoefficients(coefficients, field);
    const scale = r / q;
    smallest = Infinity;
    for (let s = 0; s < POINTS; s++) {
      const value = Math.max(y[s] ?? 0, scale * (field[s] ?? 0));
      y[s] = value;
      if (value < smallest) smallest = value;
    }
  }
  return y.map((value) => 1 / value);
}

/** Turns standard normal noise into noise of density q² φ / m². */
function biasByNorm(
  noise: Float64Array,
  { weights, meanSquare }: Ellipsoid,
  random: NoiseSource,
): void {
  let left = random.uniform() * meanSquare;
  let j = 0;
  while (j < POINTS - 1 && (left -= weights[j] ?? 0) >= 0) j++;
  // z² φ(z) is the density of a signed χ of three degrees of freedom, whose square is that of a normal plus two exponentials.
  const z = noise[j] ?? 0;
  noise[j] = Math.sign(z) * Math.sqrt(z * z + 2 * random.exponential());
}

// One factor's memory, used again by every call: it is finished with before the call returns.
let spare: Blocks | undefined;

/**
 * A draw of the inverted max-stable process X = 1/Y.
 *
 * @param parameters λ ≥ 0, in units of the grid's side, and ν > 0.
 * @returns [256], row-major, with unit exponential margins.
 * @throws InvalidArgumentError where a parameter is not such a number.
 * @example
 * const x = invertedSchlather({ range: 0.2, smoothness: 1.5 }, stream(1));
 */
export function invertedSchlather(parameters: WhittleMatern, random: NoiseSource): Float64Array {
  spare ??= emptyBlocks();
  return sampleInverse(factorSchlather(parameters, spare), random);
}
