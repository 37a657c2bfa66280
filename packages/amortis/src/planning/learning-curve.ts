/**
 * How a loss falls with the number of simulations N that it is learned from,
 *
 *     L(N) = L∞ + c N^-α,     c ≥ 0,
 *
 * fitted to a few trainings. Rates of a few points are poorly known: α is drawn towards 0.8, between the 1/2 of slow learners and the 1 of a model with fixed parameters.
 *
 * Reference: Viering & Loog (2023), "The shape of learning curves: a review", arXiv 2103.10948.
 */
import { InvalidArgumentError } from "@amortis/graph";

/** What a training with so many simulations came to. */
export interface CurvePoint {
  readonly simulations: number;
  /** On simulations held out. */
  readonly loss: number;
}

/** A curve. */
export interface LearningCurve {
  /** L∞, c and α. */
  readonly limit: number;
  readonly factor: number;
  readonly rate: number;
}

/** Rates that are tried, and what is presumed of them. */
const RATES = Array.from({ length: 81 }, (_, i) => 0.5 + i / 100);
const [USUAL, SPREAD] = [0.8, 0.25];

/** By how much the losses of two trainings differ by chance, in nats. */
const NOISE = 0.01;

/**
 * Fits a curve.
 *
 * @throws InvalidArgumentError where there are fewer than three points.
 * @example learningCurve([{ simulations: 500, loss: 1.2 }, { simulations: 1_000, loss: 1.1 }, { simulations: 2_000, loss: 1.05 }]).limit
 */
export function learningCurve(points: readonly CurvePoint[]): LearningCurve {
  if (points.length < 3) {
    throw new InvalidArgumentError(
      `a learning curve needs three trainings of different size, but there are ${points.length}`,
    );
  }
  let best: LearningCurve & { readonly cost: number } = {
    limit: Number.NaN,
    factor: 0,
    rate: USUAL,
    cost: Infinity,
  };
  for (const rate of RATES) {
    const found = linearFit(points, rate);
    const cost = found.squares / NOISE ** 2 + ((rate - USUAL) / SPREAD) ** 2;
    if (cost < best.cost) best = { limit: found.limit, factor: found.factor, rate, cost };
  }
  const { limit, factor, rate } = best;
  return { limit, factor, rate };
}

/** Simulations from which on the loss is within so much of its limit. */
export function simulationsFor({ factor, rate }: LearningCurve, gap: number): number {
  return (factor / gap) ** (1 / rate);
}

/** How far the loss is from its limit. */
export function gapAt({ factor, rate }: LearningCurve, simulations: number): number {
  return factor * simulations ** -rate;
}

/** Least squares in L∞ and c. */
function linearFit(points: readonly CurvePoint[], rate: number) {
  const x = points.map(({ simulations }) => simulations ** -rate);
  const y = points.map(({ loss }) => loss);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const xx = x.reduce((sum, own) => sum + (own - mx) ** 2, 0);
  const xy = x.reduce((sum, own, i) => sum + (own - mx) * ((y[i] ?? 0) - my), 0);
  const factor = Math.max(0, xy / xx);
  const limit = my - factor * mx;
  const squares = y.reduce((sum, own, i) => sum + (own - limit - factor * (x[i] ?? 0)) ** 2, 0);
  return { limit, factor, squares };
}
