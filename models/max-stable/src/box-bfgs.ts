/**
 * Minimisation within box bounds, by a projected quasi-Newton method.
 *
 * Each step follows -H g over the free coordinates, those not held by a bound that the gradient pushes against, and is clipped to
 * the box: Armijo's rule picks a point of that bent path. H, the inverse Hessian's approximation, is BFGS's, and starts anew
 * whenever the set of free coordinates changes. For a few coordinates; the caller scales them to be of order one.
 *
 * References: Bertsekas (1982), "Projected Newton methods for optimization problems with simple constraints", SIAM Journal on Control
 * and Optimization 20; Nocedal and Wright (2006), "Numerical Optimization", chapter 6.
 */
import { InvalidArgumentError } from "amortis";

/** A function's value and gradient at a point. */
export interface Slope {
  readonly value: number;
  readonly gradient: ArrayLike<number>;
}

/** The box, and when to stop. */
export interface BoxOptions {
  /** Bounds by coordinate; infinite where there is none. */
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
  /** Stops where no coordinate of the gradient is larger, but for those that push against a bound; 1e-6 unless given. */
  readonly tolerance?: number;
  /** Stops after so many steps; 200 unless given. */
  readonly iterations?: number;
  /** No coordinate changes by more in one step; 0.25 unless given. */
  readonly longestStep?: number;
}

/** Where a minimisation ended. */
export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  readonly iterations: number;
  /** How many times the function was evaluated. */
  readonly evaluations: number;
  /** Whether the gradient met the tolerance. */
  readonly converged: boolean;
}

/** Armijo's share of the decrease that the gradient promises. */
const SUFFICIENT = 1e-4;
/** How much of a value may be rounding: a step that leads up by less is not refused, as its gradient may still be the smaller. */
const ROUNDING = 1e-14;
/** Halvings of a step before it is given up. */
const HALVINGS = 40;

interface State {
  readonly x: Float64Array;
  readonly value: number;
  readonly g: Float64Array;
}

/**
 * A local minimum within a box.
 *
 * @param f value and gradient; a value that is not a number counts as infinite.
 * @param start clipped to the box.
 * @throws InvalidArgumentError where bounds and start do not fit one another, or the function is not finite at the start.
 * @example
 * const bowl = ([x = 0, y = 0]) => ({ value: x ** 2 + y ** 2, gradient: [2 * x, 2 * y] });
 * minimizeInBox(bowl, [2, 2], { lower: [1, -3], upper: [3, 3] }).point;   // [1, 0]
 */
export function minimizeInBox(
  f: (x: Float64Array) => Slope,
  start: ArrayLike<number>,
  options: BoxOptions,
): Minimum {
  const { lower, upper, tolerance = 1e-6, iterations = 200, longestStep = 0.25 } = options;
  const n = start.length;
  checkBox(n, lower, upper);
  let evaluations = 0;
  const evaluate = (x: Float64Array): State => {
    evaluations++;
    const { value, gradient } = f(x);
    return { x, value, g: Float64Array.from(gradient) };
  };
  const clip = (x: Float64Array): Float64Array =>
    x.map((value, i) => Math.min(upper[i] ?? value, Math.max(lower[i] ?? value, value)));

  let state = evaluate(clip(Float64Array.from(start)));
  if (!Number.isFinite(state.value)) {
    throw new InvalidArgumentError(
      `a minimisation must start where the function is finite, but it is ${state.value} at ${state.x.join(", ")}`,
    );
  }
  let hessian: InverseHessian | undefined;
  let free = freeCoordinates(state, lower, upper);
  for (let iteration = 0; ; iteration++) {
    const residual = free.reduce((most, i) => Math.max(most, Math.abs(state.g[i] ?? 0)), 0);
    const converged = residual <= tolerance;
    if (converged || iteration === iterations) return finish(iteration, converged);
    const found = search(state, hessian);
    // Without curvature the step is along the gradient: if that leads nowhere, nothing does.
    if (found === undefined && hessian === undefined) return finish(iteration, false);
    const next = found ?? state;
    const nextFree = freeCoordinates(next, lower, upper);
    const same = nextFree.length === free.length && nextFree.every((i, k) => i === free[k]);
    hessian = same && found ? InverseHessian.updated(hessian, state, found, free) : undefined;
    state = next;
    free = nextFree;
  }

  function finish(steps: number, converged: boolean): Minimum {
    const { x, value, g } = state;
    return { point: x, value, gradient: g, iterations: steps, evaluations, converged };
  }

  function search(from: State, curvature: InverseHessian | undefined): State | undefined {
    const step = curvature?.direction(from.g, free) ?? steepest(from.g, free);
    const longest = step.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    let rate = Math.min(1, longestStep / longest);
    for (let k = 0; k < HALVINGS; k++, rate /= 2) {
      const scale = rate;
      const to = clip(from.x.map((value, i) => value + scale * (step[i] ?? 0)));
      const promised = to.reduce(
        (sum, value, i) => sum + (from.g[i] ?? 0) * (value - (from.x[i] ?? 0)),
        0,
      );
      // The path has shrunk to a point.
      if (!(promised < 0)) return undefined;
      const reached = evaluate(to);
      const allowed = SUFFICIENT * promised + ROUNDING * Math.abs(from.value);
      if (reached.value <= from.value + allowed) return reached;
    }
    return undefined;
  }

  /** Against the gradient: a small step, since nothing is known of the curvature. */
  function steepest(g: Float64Array, coordinates: readonly number[]): Float64Array {
    const step = new Float64Array(n);
    const norm = Math.hypot(...coordinates.map((i) => g[i] ?? 0));
    for (const i of coordinates) step[i] = (-(g[i] ?? 0) * longestStep) / (5 * norm);
    return step;
  }
}

/** Coordinates that no bound holds. */
function freeCoordinates(
  { x, g }: State,
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
): readonly number[] {
  const coordinates = [...x.keys()];
  return coordinates.filter((i) => {
    const [value, slope] = [x[i] ?? 0, g[i] ?? 0];
    return !(
      (value <= (lower[i] ?? value) && slope > 0) ||
      (value >= (upper[i] ?? value) && slope < 0)
    );
  });
}

/** BFGS's approximation of the inverse Hessian over the free coordinates, [k, k]. */
class InverseHessian {
  readonly #h: Float64Array;
  readonly #size: number;

  private constructor(h: Float64Array, size: number) {
    this.#h = h;
    this.#size = size;
  }

  /** After a step; as before where the step saw no positive curvature. */
  static updated(
    before: InverseHessian | undefined,
    from: State,
    to: State,
    free: readonly number[],
  ): InverseHessian | undefined {
    const k = free.length;
    const s = free.map((i) => (to.x[i] ?? 0) - (from.x[i] ?? 0));
    const y = free.map((i) => (to.g[i] ?? 0) - (from.g[i] ?? 0));
    const sy = dot(s, y);
    if (!(sy > 1e-10 * Math.sqrt(dot(s, s) * dot(y, y)))) return before;
    const h = before === undefined ? scaledIdentity(k, sy / dot(y, y)) : before.#h;
    const hy = multiply(h, y);
    const factor = (1 + dot(y, hy) / sy) / sy;
    const next = new Float64Array(k * k);
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) {
        const [si, sj] = [s[i] ?? 0, s[j] ?? 0];
        const cross = ((hy[i] ?? 0) * sj + si * (hy[j] ?? 0)) / sy;
        next[i * k + j] = (h[i * k + j] ?? 0) + factor * si * sj - cross;
      }
    }
    return new InverseHessian(next, k);
  }

  /** -H g; nothing where rounding has made it lead upwards. */
  direction(g: Float64Array, free: readonly number[]): Float64Array | undefined {
    if (free.length !== this.#size) return undefined;
    const gradient = free.map((i) => g[i] ?? 0);
    const descent = multiply(this.#h, gradient);
    if (!(dot(descent, gradient) > 0)) return undefined;
    const step = new Float64Array(g.length);
    for (const [k, i] of free.entries()) step[i] = -(descent[k] ?? 0);
    return step;
  }
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

function multiply(h: Float64Array, v: readonly number[]): readonly number[] {
  const k = v.length;
  return v.map((_, i) => v.reduce((sum, value, j) => sum + (h[i * k + j] ?? 0) * value, 0));
}

function scaledIdentity(k: number, scale: number): Float64Array {
  return Float64Array.from({ length: k * k }, (_, at) => (at % (k + 1) === 0 ? scale : 0));
}

function checkBox(n: number, lower: ArrayLike<number>, upper: ArrayLike<number>): void {
  if (lower.length !== n || upper.length !== n) {
    throw new InvalidArgumentError(
      `a box for ${n} coordinates needs as many bounds, but ${lower.length} lower and ${upper.length} upper ones were given`,
    );
  }
  for (let i = 0; i < n; i++) {
    if (!((lower[i] ?? 0) <= (upper[i] ?? 0))) {
      throw new InvalidArgumentError(
        `a lower bound must not exceed the upper one, but those of coordinate ${i} are ${lower[i]} and ${upper[i]}`,
      );
    }
  }
}
