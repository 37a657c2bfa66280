/**
 * What a search may still do: trainings, and time.
 */
import type { TuneSettings } from "./options.js";
import { DEFAULT, SHARES, type Heat } from "./racing.js";
import type { TrialRecord } from "./trial.js";

/** Counts trainings and time, those of earlier runs too. */
export class Budget {
  readonly #minutes: number;
  readonly #trials: number;
  readonly #before: number;
  readonly #started = performance.now();

  constructor(
    { minutes = Infinity, trials = Infinity }: Pick<TuneSettings, "minutes" | "trials">,
    before: readonly TrialRecord[],
  ) {
    this.#minutes = minutes;
    this.#trials = trials;
    this.#before = before.reduce((total, { seconds }) => total + seconds, 0);
  }

  /** Spent so far. */
  get seconds(): number {
    return this.#before + (performance.now() - this.#started) / 1000;
  }

  get secondsLeft(): number {
    return 60 * this.#minutes - this.seconds;
  }

  /**
   * The next training, if there is enough left for it and for the one that must be the last; that one, where there is enough for it alone.
   *
   * @returns undefined where the search is over.
   */
  choose(next: Heat, last: Heat | undefined, trials: readonly TrialRecord[]): Heat | undefined {
    // Without the default there is nothing to compare with.
    if (next.contestant === DEFAULT) return next;
    const ending = last === undefined ? [] : [last];
    if (this.#allows([next, ...ending], trials)) return next;
    return this.#allows(ending, trials) ? last : undefined;
  }

  #allows(heats: readonly Heat[], trials: readonly TrialRecord[]): boolean {
    const seconds = heats.reduce((total, heat) => total + secondsOf(heat, trials), 0);
    return trials.length + heats.length <= this.#trials && seconds <= this.secondsLeft;
  }
}

/** What a training takes, about: by what the contestant took before, or else by what the others took there, or the default. */
function secondsOf({ contestant, rung }: Heat, trials: readonly TrialRecord[]): number {
  const own = trials.findLast((trial) => trial.contestant === contestant);
  if (own !== undefined) return own.seconds * ((SHARES[rung] ?? 1) / (SHARES[own.rung] ?? 1));
  const alike = trials.filter((trial) => trial.rung === rung && trial.contestant !== DEFAULT);
  if (alike.length > 0) {
    return alike.reduce((total, { seconds }) => total + seconds, 0) / alike.length;
  }
  const usual = trials.find((trial) => trial.contestant === DEFAULT);
  return (usual?.seconds ?? 0) * (SHARES[rung] ?? 1);
}
