/**
 * Ordinary differential equations that are not stiff: Dormand and Prince's adaptive Runge-Kutta method of order 5(4).
 *
 *   y' = f(t, y),   y(t₀) = y₀
 *
 * Each step keeps its estimated error below `absolute + relative |y|` in root mean square; values between steps come from the method's own
 * interpolant, of order four, so that output times cost no steps.
 *
 * References: Dormand and Prince (1980), "A family of embedded Runge-Kutta formulae"; Hairer, Nørsett and Wanner (1993), "Solving Ordinary
 * Differential Equations I", II.4 (step sizes) and II.6 (interpolant).
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import { AmortisError, InvalidArgumentError } from "@amortis/graph";

/** An equation that could not be solved: it ran away, or needs more steps than allowed. */
export class OdeError extends AmortisError {
  constructor(message: string) {
    super("ode", message);
  }
}

/** Writes the slope f(t, y) into `out`; must not keep or change the arrays. */
export type Slope = (t: number, y: Float64Array, out: Float64Array) => void;

/** How accurately, and with how much patience. */
export interface OdeOptions {
  /** Relative tolerance of a step, 1e-8 by default. */
  readonly relative?: number;
  /** Absolute tolerance of a step, 1e-8 by default. */
  readonly absolute?: number;
  /** Steps at most, 100,000 by default. */
  readonly maxSteps?: number;
}

const KNOWN: KnownOptions<OdeOptions> = { relative: true, absolute: true, maxSteps: true };

/** Where a step begins, of its six stages: row i of the tableau gives stage i + 2. */
const A2 = 1 / 5;
const [A31, A32] = [3 / 40, 9 / 40];
const [A41, A42, A43] = [44 / 45, -56 / 15, 32 / 9];
const [A51, A52, A53, A54] = [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729];
const [A61, A62, A63, A64, A65] = [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656];
const [B1, B3, B4, B5, B6] = [35 / 384, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84];
/** Fifth order less fourth. */
const [E1, E3, E4, E5, E6, E7] = [
  71 / 57600,
  -71 / 16695,
  71 / 1920,
  -17253 / 339200,
  22 / 525,
  -1 / 40,
];
/** Of the interpolant. */
const [D1, D3, D4, D5, D6, D7] = [
  -12715105075 / 11282082432,
  87487479700 / 32700410799,
  -10690763975 / 1880347072,
  701980252875 / 199316789632,
  -1453857185 / 822651844,
  69997945 / 29380423,
];

/**
 * Solves y' = f(t, y) at given times.
 *
 * @param slope f.
 * @param initial y at the first time, [d].
 * @param times rising, the first being where `initial` holds, [n].
 * @returns y at each time, [n, d] row-major.
 * @throws InvalidArgumentError where times do not rise or tolerances are not positive; OdeError where a solution runs away, or takes more
 *   steps than `maxSteps`.
 * @example
 * const decay = solveOde((_t, y, out) => { out[0] = -(y[0] ?? 0); }, [1], [0, 1, 2]);   // 1, e⁻¹, e⁻²
 */
export function solveOde(
  slope: Slope,
  initial: ArrayLike<number>,
  times: ArrayLike<number>,
  options: OdeOptions = {},
): Float64Array {
  requireKnown("solveOde", options, KNOWN);
  const { relative = 1e-8, absolute = 1e-8, maxSteps = 100_000 } = options;
  requireOrder(times);
  if (!(relative > 0 && absolute > 0)) {
    throw new InvalidArgumentError(
      `solveOde needs positive tolerances, but was given relative ${relative} and absolute ${absolute}`,
    );
  }
  const d = initial.length;
  const n = times.length;
  const result = new Float64Array(n * d);
  if (n === 0) return result;
  const start = times[0] ?? 0;
  const end = times[n - 1] ?? 0;
  const step = new DormandPrince(slope, Float64Array.from(initial), start, relative, absolute);
  result.set(initial);
  let at = 1;
  let h = step.firstStep(end - start);
  // What the last step's error was counts too (PI control), and a step after a rejected one must not grow.
  let before = 1e-4;
  let rejected = false;
  for (let steps = 0; at < n; steps++) {
    if (steps >= maxSteps) {
      throw new OdeError(
        `the equation needs more than ${maxSteps} steps: it has come from ${start} to ${step.t} of ${end}`,
      );
    }
    const last = step.t + 1.01 * h >= end;
    if (last) h = end - step.t;
    if (step.t + 0.1 * h === step.t) {
      throw new OdeError(`the equation runs away at ${step.t}: its step is ${h}`);
    }
    const error = step.attempt(h);
    // Also where it is not a number.
    if (!(error <= 1)) {
      h *= Number.isFinite(error) ? Math.max(0.2, 0.9 * error ** -0.2) : 0.1;
      rejected = true;
      continue;
    }
    const reached = last ? end : step.t + h;
    for (; at < n && (times[at] ?? 0) <= reached; at++) {
      step.interpolate(((times[at] ?? 0) - step.t) / h, h, result, at * d);
    }
    step.accept(reached);
    const factor = 0.9 * Math.max(error, 1e-10) ** -0.17 * before ** 0.04;
    h *= Math.min(rejected ? 1 : 10, Math.max(0.2, factor));
    before = Math.max(error, 1e-4);
    rejected = false;
  }
  return result;
}

function requireOrder(times: ArrayLike<number>): void {
  for (let i = 0; i < times.length; i++) {
    const [earlier, time] = [times[i - 1] ?? -Infinity, times[i] ?? Number.NaN];
    if (!(time > earlier) || !Number.isFinite(time)) {
      throw new InvalidArgumentError(
        `solveOde needs finite times that rise, but time ${i} is ${time}${i > 0 ? ` after ${earlier}` : ""}`,
      );
    }
  }
}

/** The state of a solution, and its step. */
class DormandPrince {
  t: number;
  readonly #slope: Slope;
  readonly #relative: number;
  readonly #absolute: number;
  #y: Float64Array;
  #next: Float64Array;
  readonly #stage: Float64Array;
  /** Slopes at the stages; the last one is the next step's first. */
  readonly #k: Float64Array[];

  constructor(
    slope: Slope,
    initial: Float64Array,
    start: number,
    relative: number,
    absolute: number,
  ) {
    this.t = start;
    this.#slope = slope;
    this.#relative = relative;
    this.#absolute = absolute;
    this.#y = initial;
    this.#next = initial.slice();
    this.#stage = initial.slice();
    this.#k = Array.from({ length: 7 }, () => new Float64Array(initial.length));
    slope(start, initial, this.#slopes(0));
  }

  #slopes(i: number): Float64Array {
    return this.#k[i] ?? this.#stage;
  }

  /** A first step from the sizes of y, y' and y'' (Hairer, II.4). */
  firstStep(span: number): number {
    const [y, stage, k1, k2] = [this.#y, this.#stage, this.#slopes(0), this.#slopes(1)];
    const size = (v: (i: number) => number): number => {
      let sum = 0;
      for (let i = 0; i < y.length; i++) {
        sum += (v(i) / (this.#absolute + this.#relative * Math.abs(y[i] ?? 0))) ** 2;
      }
      return Math.sqrt(sum / y.length);
    };
    const value = size((i) => y[i] ?? 0);
    const first = size((i) => k1[i] ?? 0);
    const guess = Math.min(span, value < 1e-5 || first < 1e-5 ? 1e-6 : (0.01 * value) / first);
    for (let i = 0; i < y.length; i++) stage[i] = (y[i] ?? 0) + guess * (k1[i] ?? 0);
    this.#slope(this.t + guess, stage, k2);
    const second = size((i) => (k2[i] ?? 0) - (k1[i] ?? 0)) / guess;
    const steepest = Math.max(first, second);
    const next = steepest <= 1e-15 ? Math.max(1e-6, guess * 1e-3) : (0.01 / steepest) ** 0.2;
    return Math.min(span, 100 * guess, next);
  }

  /** Tries a step; returns its error in units of the tolerance. */
  attempt(h: number): number {
    const { t } = this;
    const [y, next, stage, slope] = [this.#y, this.#next, this.#stage, this.#slope];
    const [k1, k2, k3] = [this.#slopes(0), this.#slopes(1), this.#slopes(2)];
    const [k4, k5, k6, k7] = [this.#slopes(3), this.#slopes(4), this.#slopes(5), this.#slopes(6)];
    const d = y.length;
    for (let i = 0; i < d; i++) stage[i] = (y[i] ?? 0) + h * A2 * (k1[i] ?? 0);
    slope(t + h / 5, stage, k2);
    for (let i = 0; i < d; i++) {
      stage[i] = (y[i] ?? 0) + h * (A31 * (k1[i] ?? 0) + A32 * (k2[i] ?? 0));
    }
    slope(t + 0.3 * h, stage, k3);
    for (let i = 0; i < d; i++) {
      stage[i] = (y[i] ?? 0) + h * (A41 * (k1[i] ?? 0) + A42 * (k2[i] ?? 0) + A43 * (k3[i] ?? 0));
    }
    slope(t + 0.8 * h, stage, k4);
    for (let i = 0; i < d; i++) {
      stage[i] =
        (y[i] ?? 0) +
        h * (A51 * (k1[i] ?? 0) + A52 * (k2[i] ?? 0) + A53 * (k3[i] ?? 0) + A54 * (k4[i] ?? 0));
    }
    slope(t + (8 / 9) * h, stage, k5);
    for (let i = 0; i < d; i++) {
      stage[i] =
        (y[i] ?? 0) +
        h *
          (A61 * (k1[i] ?? 0) +
            A62 * (k2[i] ?? 0) +
            A63 * (k3[i] ?? 0) +
            A64 * (k4[i] ?? 0) +
            A65 * (k5[i] ?? 0));
    }
    slope(t + h, stage, k6);
    for (let i = 0; i < d; i++) {
      next[i] =
        (y[i] ?? 0) +
        h *
          (B1 * (k1[i] ?? 0) +
            B3 * (k3[i] ?? 0) +
            B4 * (k4[i] ?? 0) +
            B5 * (k5[i] ?? 0) +
            B6 * (k6[i] ?? 0));
    }
    slope(t + h, next, k7);
    let sum = 0;
    for (let i = 0; i < d; i++) {
      const difference =
        E1 * (k1[i] ?? 0) +
        E3 * (k3[i] ?? 0) +
        E4 * (k4[i] ?? 0) +
        E5 * (k5[i] ?? 0) +
        E6 * (k6[i] ?? 0) +
        E7 * (k7[i] ?? 0);
      const largest = Math.max(Math.abs(y[i] ?? 0), Math.abs(next[i] ?? 0));
      const scaled = (h * difference) / (this.#absolute + this.#relative * largest);
      sum += scaled * scaled;
    }
    return Math.sqrt(sum / d);
  }

  /** Writes y at t + θh, 0 ≤ θ ≤ 1, within the step just tried. */
  interpolate(theta: number, h: number, into: Float64Array, offset: number): void {
    const rest = 1 - theta;
    const [k1, k3, k4] = [this.#slopes(0), this.#slopes(2), this.#slopes(3)];
    const [k5, k6, k7] = [this.#slopes(4), this.#slopes(5), this.#slopes(6)];
    for (let i = 0; i < this.#y.length; i++) {
      const y = this.#y[i] ?? 0;
      const change = (this.#next[i] ?? 0) - y;
      const bend = h * (k1[i] ?? 0) - change;
      const curve = change - h * (k7[i] ?? 0) - bend;
      const quartic =
        h *
        (D1 * (k1[i] ?? 0) +
          D3 * (k3[i] ?? 0) +
          D4 * (k4[i] ?? 0) +
          D5 * (k5[i] ?? 0) +
          D6 * (k6[i] ?? 0) +
          D7 * (k7[i] ?? 0));
      into[offset + i] = y + theta * (change + rest * (bend + theta * (curve + rest * quartic)));
    }
  }

  /** Takes the step just tried. */
  accept(t: number): void {
    this.t = t;
    [this.#y, this.#next] = [this.#next, this.#y];
    // First same as last: the slope at the end is the slope at the next step's start.
    const [first, last] = [this.#slopes(0), this.#slopes(6)];
    this.#k[0] = last;
    this.#k[6] = first;
  }
}
