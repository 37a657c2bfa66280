/**
 * Paths from data to noise, whose levels are angles.
 *
 * A density q(u | context) is learned along a path α u + σ z to noise z ~ N(0, I): straight lines (flow matching), or what a schedule of diffusion makes of it. Divided by
 * √(α² + σ²) all of them are the same path,
 *
 *     x_φ = cos φ · u + sin φ · z,      tan φ = σ / α,      0 ≤ φ ≤ π/2,
 *
 * of unit variance where u has it, and the best guess of its velocity, F(x, φ) = E[cos φ · z - sin φ · u | x_φ = x], carries q into N(0, I) by dx/dφ = F(x, φ) (Albergo,
 * Boffi & Vanden-Eijnden 2023, arXiv 2303.08797; Lu & Song 2025, arXiv 2410.11081). Denoised, velocity and score are linear in x and F:
 *
 *     E[u | x] = cos φ · x - sin φ · F,      E[z | x] = sin φ · x + cos φ · F.
 *
 * So F is what networks learn: its scale is one at all levels. What tells the families apart is which levels are seen in training, and how heavily.
 */
import {
  add,
  concat,
  constant,
  div,
  log1p,
  mul,
  sub,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import type { VectorField } from "../networks/vector-field.js";

/** The noise level of examples: cos φ and sin φ, each [..., 1]. */
export interface Level {
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/** F at points [..., d] and levels, in a context. */
export type LevelField = (x: Tensor, level: Level) => Tensor;

/** sin φ below which levels are hardly told apart. */
const SMALL = 0.01;

/** A level for all points of so many axes. */
export function levelAt(angle: number, rank: number): Level {
  const shape = Array.from({ length: rank }, () => 1);
  return { cos: constant(Math.cos(angle), shape), sin: constant(Math.sin(angle), shape) };
}

/** x_φ of points and noise. */
export function noisy({ cos, sin }: Level, u: Tensor, z: Tensor): Tensor {
  return add(mul(cos, u), mul(sin, z));
}

/** What F is learned from: cos φ · z - sin φ · u. */
export function velocityOf({ cos, sin }: Level, u: Tensor, z: Tensor): Tensor {
  return sub(mul(cos, z), mul(sin, u));
}

/** E[u | x], of x and F. */
export function denoised({ cos, sin }: Level, x: Tensor, f: Tensor): Tensor {
  return sub(mul(cos, x), mul(sin, f));
}

/** Levels as the times of a vector field, between 0 and 1: one even in the angle, one that tells small levels apart. [..., 2] */
export function timesOf({ cos, sin }: Level): Tensor {
  const even = mul(add(sub(sin, cos), 1), 0.5);
  const small = div(log1p(mul(sin, 1 / SMALL)), Math.log1p(1 / SMALL));
  return concat([even, small], -1);
}

/** A vector field with its weights, as F. */
export function levelField(field: VectorField, scope: Scope, context: Tensor): LevelField {
  return (x, level) => field.apply(scope.child("field"), x, timesOf(level), context);
}
