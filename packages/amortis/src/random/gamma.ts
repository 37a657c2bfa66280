/**
 * Gamma and beta draws.
 */
import { InvalidArgumentError } from "@amortis/graph";

/** What the samplers need of a stream. */
export interface Source {
  uniform(): number;
  positive(): number;
  normal(): number;
}

/** Below this shape the logarithms of most draws overflow as well. */
const LEAST_SHAPE = 1e-300;

function checkShape(shape: number, what: string): void {
  if (!(shape >= LEAST_SHAPE && Number.isFinite(shape))) {
    throw new InvalidArgumentError(
      `${what} must be positive (at least ${LEAST_SHAPE}) and finite, but ${shape} was given`,
    );
  }
}

/** Gamma of shape at least one (Marsaglia & Tsang 2000). */
function gammaFromOne(random: Source, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const t = 1 + c * x;
    if (t <= 0) continue;
    const v = t * t * t;
    const u = random.positive();
    if (u < 1 - 0.0331 * x ** 4) return d * v;
    if (Math.log(u) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}

/** Logarithm of a gamma draw: finite also where the draw itself underflows, as it does for small shapes. */
export function logGammaDraw(random: Source, shape: number): number {
  if (shape >= 1) return Math.log(gammaFromOne(random, shape));
  return Math.log(gammaFromOne(random, shape + 1)) + Math.log(random.positive()) / shape;
}

/** A gamma draw of unit scale. */
export function gamma(random: Source, shape: number): number {
  checkShape(shape, "the shape of a gamma distribution");
  return shape >= 1 ? gammaFromOne(random, shape) : Math.exp(logGammaDraw(random, shape));
}

/** A beta draw: X / (X + Y) of gamma draws, by logarithms so that small shapes do not give 0 / 0. */
export function beta(random: Source, a: number, b: number): number {
  checkShape(a, "the first shape of a beta distribution");
  checkShape(b, "the second shape of a beta distribution");
  return 1 / (1 + Math.exp(logGammaDraw(random, b) - logGammaDraw(random, a)));
}
