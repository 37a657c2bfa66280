/**
 * Where parameters that stay and states lie in one flat vector: the parameters, and state after state each at all times.
 */
import type { Floats, ParameterSlot } from "../data/layout.js";
import { sizeOf } from "../data/shape.js";
import { stateWidth, type StatesAnswer } from "./states-file.js";

/** The layout of a series. */
export class StatesLayout {
  readonly #answer: StatesAnswer;
  readonly #slots: readonly ParameterSlot[];

  /** @param slots of the parameters that stay. */
  constructor(answer: StatesAnswer, slots: readonly ParameterSlot[]) {
    this.#answer = answer;
    this.#slots = slots;
  }

  /** Numbers of the parameters that stay. */
  get statics(): number {
    return this.#answer.statics;
  }

  /** Numbers of all states at one time. */
  get states(): number {
    return stateWidth(this.#answer);
  }

  /** Numbers of the flat vector of so many times. */
  width(times: number): number {
    return this.statics + times * this.states;
  }

  /** Places of all; of one time, states have the shape that they have at it. */
  slots(times: number | undefined): readonly ParameterSlot[] {
    let offset = this.statics;
    const states = this.#answer.states.map(({ name, shape }) => {
      const own = times === undefined ? shape : [times, ...shape];
      const slot = { name, shape: own, offset, size: sizeOf(own) };
      offset += slot.size;
      return slot;
    });
    return [...this.#slots, ...states];
  }

  /** Offsets of all numbers, from those of the parameters and of the states at one time. */
  offsets(
    statics: readonly number[] | undefined,
    states: readonly number[],
    times: number,
  ): readonly number[] | undefined {
    if (statics === undefined && states.every((value) => value === 0)) return undefined;
    const path = Float64Array.from({ length: times * this.states }, (_, i) => {
      return states[i % this.states] ?? 0;
    });
    const own = statics ?? Array.from({ length: this.statics }, () => 0);
    return [...this.join(Float64Array.from(own), path, 1, times)];
  }

  /** Parameters [rows, p] and paths [times, rows, d] as flat vectors [rows, width]. */
  join(statics: Floats, path: Floats, rows: number, times: number): Float64Array {
    const width = this.width(times);
    const all = new Float64Array(rows * width);
    for (let row = 0; row < rows; row++) {
      const own = statics.subarray(row * this.statics, (row + 1) * this.statics);
      all.set(own, row * width);
    }
    this.#each(times, (time, column, place) => {
      for (let row = 0; row < rows; row++) {
        all[row * width + place] = path[(time * rows + row) * this.states + column] ?? Number.NaN;
      }
    });
    return all;
  }

  /** Flat vectors [rows, width] as parameters [rows, p] and paths [times, rows, d]. */
  split(
    flat: Floats,
    rows: number,
    times: number,
  ): { readonly statics: Float32Array; readonly path: Float32Array } {
    const width = this.width(times);
    const statics = new Float32Array(rows * this.statics);
    const path = new Float32Array(times * rows * this.states);
    for (let row = 0; row < rows; row++) {
      const own = flat.subarray(row * width, row * width + this.statics);
      statics.set(own, row * this.statics);
    }
    this.#each(times, (time, column, place) => {
      for (let row = 0; row < rows; row++) {
        path[(time * rows + row) * this.states + column] = flat[row * width + place] ?? Number.NaN;
      }
    });
    return { statics, path };
  }

  /** The numbers of states: time, column among those of one time, and place in the flat vector. */
  #each(times: number, visit: (time: number, column: number, place: number) => void): void {
    let [first, place] = [0, this.statics];
    for (const { shape } of this.#answer.states) {
      const size = sizeOf(shape);
      for (let time = 0; time < times; time++) {
        for (let c = 0; c < size; c++) visit(time, first + c, place++);
      }
      first += size;
    }
  }
}
