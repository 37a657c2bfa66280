/**
 * Points on Hamiltonian trajectories, and the leapfrog from one to the next:
 *
 *     p ← p + ½ ε Fᵀ∇log p(q),   q ← q + ε F p,   p ← p + ½ ε Fᵀ∇log p(q),      H = -log p(q) + ½ pᵀp
 *
 * with momenta in the space of the metric (`metric.ts`). A trajectory writes over the few points that it has: thousands a second would be work for nobody but the garbage collector.
 *
 * References: Neal 2011, "MCMC using Hamiltonian dynamics", arXiv 1206.1901; Betancourt 2017, arXiv 1701.02434.
 */
import type { Row } from "./lockstep.js";
import { toPositions, toWhitened, type Metric } from "./metric.js";
import type { SlopedPoints } from "./target.js";

/** A point on a trajectory, in arrays of its own. */
export class Phase {
  /** u, [k]; θ, [p]; ∇log p(q), [k]. */
  readonly position: Float64Array;
  readonly parameters: Float64Array;
  readonly gradient: Float64Array;
  logDensity = NaN;
  /** p, [k], and Fᵀ∇log p(q), [k]. */
  readonly momentum: Float64Array;
  readonly force: Float64Array;
  /** H. */
  energy = NaN;

  constructor(k: number, p: number) {
    this.position = new Float64Array(k);
    this.parameters = new Float64Array(p);
    this.gradient = new Float64Array(k);
    this.momentum = new Float64Array(k);
    this.force = new Float64Array(k);
  }

  /** Becomes like another. */
  copy(other: Phase): void {
    copyTo(this.position, other.position, 0);
    copyTo(this.parameters, other.parameters, 0);
    copyTo(this.gradient, other.gradient, 0);
    copyTo(this.momentum, other.momentum, 0);
    copyTo(this.force, other.force, 0);
    this.logDensity = other.logDensity;
    this.energy = other.energy;
  }

  /** Begins where a target was asked, with the momentum that it has. */
  begin(metric: Metric, at: Row<SlopedPoints>): void {
    this.#hear(metric, at);
    this.#weigh();
  }

  /** The first half of a leapfrog of a signed size: half of the push, and the way, whose end the target is to be asked about. */
  leave(metric: Metric, step: number): Float64Array {
    const { momentum, force, position, gradient } = this;
    push(momentum, force, step / 2);
    // The gradient of the place that is left is of no use any more.
    toPositions(metric, momentum, gradient);
    push(position, gradient, step);
    return position;
  }

  /** The second half, with what the target says there. */
  arrive(metric: Metric, step: number, at: Row<SlopedPoints>): void {
    this.#hear(metric, at);
    push(this.momentum, this.force, step / 2);
    this.#weigh();
  }

  #hear(metric: Metric, { points, row }: Row<SlopedPoints>): void {
    const { position, parameters, gradient, force } = this;
    copyTo(position, points.position, row * position.length);
    copyTo(parameters, points.parameters, row * parameters.length);
    copyTo(gradient, points.gradient, row * gradient.length);
    this.logDensity = points.logDensity[row] ?? NaN;
    toWhitened(metric, gradient, force);
  }

  #weigh(): void {
    const { momentum } = this;
    let square = 0;
    for (let j = 0; j < momentum.length; j++) square += (momentum[j] ?? 0) ** 2;
    this.energy = square / 2 - this.logDensity;
  }
}

/** Copies so many numbers from a place on. */
export function copyTo(to: Float64Array, from: Float64Array, start: number): void {
  // Of a few numbers this is faster than `set` of a part.
  for (let j = 0; j < to.length; j++) to[j] = from[start + j] ?? NaN;
}

/** x + step · y, in the place of x. */
function push(x: Float64Array, y: Float64Array, step: number): void {
  for (let j = 0; j < x.length; j++) x[j] = (x[j] ?? NaN) + step * (y[j] ?? NaN);
}
