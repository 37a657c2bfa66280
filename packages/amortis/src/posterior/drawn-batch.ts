/**
 * Draws of a batch as they come, a data set after another.
 */
import type { Floats } from "../data/layout.js";
import type { Drawn } from "./posterior-source.js";
import { refused, type Answer, type Refusal } from "./refusal.js";

/** Collects draws of the data sets [start, end); those of data sets that are refused are NaN. */
export class DrawnBatch {
  readonly #draws: number;
  readonly #p: number;
  readonly #values: Float32Array;
  readonly #answers: Answer[] = [];

  /**
   * @param sets how many data sets there are.
   * @param draws of each.
   * @param p numbers of a draw.
   */
  constructor(sets: number, draws: number, p: number) {
    this.#draws = draws;
    this.#p = p;
    this.#values = new Float32Array(sets * draws * p).fill(Number.NaN);
  }

  /** The next data set is refused. */
  refuse(refusal: Refusal): void {
    this.#answers.push(refused(refusal));
  }

  /** The next data set has these draws, [draws, p]. */
  answer(answer: Answer, values: Floats): void {
    this.#values.set(values, this.#answers.push(answer) * this.#span - this.#span);
  }

  /** The next data set has these of some rows [n, p], in their order. */
  choose(answer: Answer, rows: Floats, chosen: ArrayLike<number>): void {
    const first = this.#answers.push(answer) * this.#span - this.#span;
    for (let i = 0; i < this.#draws; i++) {
      const row = chosen[i] ?? 0;
      const values = rows.subarray(row * this.#p, (row + 1) * this.#p);
      this.#values.set(values, first + i * this.#p);
    }
  }

  /** Of all data sets, once each was answered or refused. */
  get drawn(): Drawn {
    return { draws: this.#values, answers: this.#answers };
  }

  get #span(): number {
    return this.#draws * this.#p;
  }
}
