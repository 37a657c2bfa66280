/**
 * The two that may be chosen: the default, and the best of the others that were trained in whole.
 */
import type { Journal, Reopening } from "./journal.js";
import { challengerIn, DEFAULT, FULL, type HeatResult } from "./racing.js";
import type { Contender, Trial, TrialRecord } from "./trial.js";

/** Results as the race knows them. */
export function resultsOf(trials: readonly TrialRecord[]): readonly HeatResult[] {
  return trials.map(({ contestant, rung, score }) => ({
    contestant,
    rung,
    score: score ?? -Infinity,
  }));
}

/** Keeps the finalists, in memory and in the search's folder. */
export class Finalists {
  readonly #journal: Journal;
  readonly #kept = new Map<number, Contender>();

  private constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Those of a search that goes on; a training whose estimator is no longer there is to be made again. */
  static async open(journal: Journal, how: Reopening): Promise<Finalists> {
    const finalists = new Finalists(journal);
    for (const contestant of finalists.#due()) {
      const estimator = await journal.load(fileOf(contestant), how);
      if (estimator !== undefined) finalists.#kept.set(contestant, estimator);
      else journal.forget((trial) => trial.contestant === contestant && trial.rung === FULL);
    }
    return finalists;
  }

  get default(): Contender | undefined {
    return this.#kept.get(DEFAULT);
  }

  get challenger(): Contender | undefined {
    const contestant = challengerIn(resultsOf(this.#journal.trials));
    return contestant === undefined ? undefined : this.#kept.get(contestant);
  }

  /** Notes a training, and keeps its estimator where it is among the best. */
  async add({ record, estimator }: Trial): Promise<void> {
    const { contestant, rung } = record;
    const enters = estimator !== undefined && rung === FULL && record.score !== null;
    if (enters) {
      // The estimator is written first: a search that is ended in between makes the training again.
      await this.#journal.save(fileOf(contestant), estimator);
      this.#kept.set(contestant, estimator);
    } else await estimator?.release();
    await this.#journal.add(record);
    const due = this.#due();
    for (const [other, left] of this.#kept) {
      if (due.includes(other)) continue;
      this.#kept.delete(other);
      await left.release();
      await this.#journal.remove(fileOf(other));
    }
  }

  /** Frees all but one. */
  async releaseOthers(chosen?: Contender): Promise<void> {
    for (const estimator of this.#kept.values()) {
      if (estimator !== chosen) await estimator.release();
    }
  }

  /** Contestants that may be chosen, by what was tried. */
  #due(): readonly number[] {
    const results = resultsOf(this.#journal.trials);
    const challenger = challengerIn(results);
    const usual = results.some((r) => r.contestant === DEFAULT && r.rung === FULL);
    return [...(usual ? [DEFAULT] : []), ...(challenger === undefined ? [] : [challenger])];
  }
}

function fileOf(contestant: number): string {
  return `contestant-${contestant}.amortis`;
}
