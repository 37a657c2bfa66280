/**
 * Scores of draws beside those of exact ones: CRPS of both, and how often central intervals hold the truth.
 */
import { crps } from "amortis/diagnostics";
import type { Posterior } from "amortis";

export function average(list: ArrayLike<number>): number {
  return Array.from(list).reduce((a, b) => a + b, 0) / list.length;
}

/** Draws of one flat parameter. */
export function columnOf(
  { draws, parameterNames }: Pick<Posterior, "draws" | "parameterNames">,
  name: string,
): Float64Array {
  const [p, at] = [parameterNames.length, parameterNames.indexOf(name)];
  return Float64Array.from({ length: draws.length / p }, (_, i) => draws[i * p + at] ?? NaN);
}

function isInside(draws: ArrayLike<number>, truth: number): number {
  const sorted = Float64Array.from(draws).toSorted();
  const at = (level: number): number => sorted[Math.round(level * (sorted.length - 1))] ?? NaN;
  return at(0.05) <= truth && truth <= at(0.95) ? 1 : 0;
}

/** Scores of one quantity over data sets. */
export class Scores {
  readonly #own: number[] = [];
  readonly #exact: number[] = [];
  readonly #inside: number[] = [];
  readonly #exactInside: number[] = [];

  add(own: ArrayLike<number>, exact: ArrayLike<number>, truth: number): void {
    this.#own.push(crps(own, truth));
    this.#exact.push(crps(exact, truth));
    this.#inside.push(isInside(own, truth));
    this.#exactInside.push(isInside(exact, truth));
  }

  /** The ratio of mean CRPS, with its standard error. */
  ratio(): string {
    const ratio = average(this.#own) / average(this.#exact);
    const left = this.#own.map((value, i) => value - ratio * (this.#exact[i] ?? NaN));
    const error =
      Math.sqrt(average(left.map((value) => value ** 2)) / left.length) / average(this.#exact);
    return `${ratio.toFixed(3)} ± ${error.toFixed(3)}`;
  }

  /** Shares of central 90 % intervals that hold the truth. */
  coverage(): string {
    const share = (list: readonly number[]): string => `${(100 * average(list)).toFixed(0)} %`;
    return `${share(this.#inside)} (${share(this.#exactInside)})`;
  }
}
