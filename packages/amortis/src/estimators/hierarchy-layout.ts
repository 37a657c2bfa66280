/**
 * Where the parameters of some groups lie in one flat vector: the globals, and level after level each parameter of all groups.
 */
import { hostTensor, type HostTensor } from "@amortis/graph";
import type { ParameterSlot } from "../data/layout.js";
import type { View } from "./hierarchy-members.js";

/** A level as a file says it, the globals being the first. */
export interface AnswerPart {
  readonly name: string;
  /** Numbers of the flat parameters that are of one of its groups. */
  readonly size: number;
  readonly noise: { readonly normal: number; readonly uniform: number };
  /** Groups within one of the level above, at most, of those that were simulated. */
  readonly most?: number | undefined;
}

/** Values of each level, [groups, rows, size]; of the globals, [rows, size]. */
export type LevelValues = readonly Float32Array[];

/** Rows of a level, of some of its groups. */
export type LevelBlock = Readonly<Record<"from" | "to" | "first" | "last", number>>;

/** The layout of the groups of a view. */
export class HierarchyLayout {
  readonly view: View;
  readonly #parts: readonly AnswerPart[];
  readonly #slots: readonly ParameterSlot[];
  /** Where the parameters of each level start in those of one group of each. */
  readonly #starts: readonly number[];

  /** @param slots of the parameters of one group of each level. */
  constructor(view: View, parts: readonly AnswerPart[], slots: readonly ParameterSlot[]) {
    this.view = view;
    this.#parts = parts;
    this.#slots = slots;
    let start = 0;
    this.#starts = parts.map(({ size }) => (start += size) - size);
  }

  /** Groups of a level; of the globals one. */
  count(level: number): number {
    return level === 0 ? 1 : (this.view.groups[level - 1]?.length ?? 0);
  }

  /** Numbers of the flat vector. */
  get width(): number {
    const own = this.#parts.slice(0, this.view.groups.length + 1);
    return own.reduce((sum, { size }, level) => sum + size * this.count(level), 0);
  }

  /** Places of the parameters. @param single whether there is one group of each level, whose parameters are as the model has them. */
  slots(single: boolean): readonly ParameterSlot[] {
    let offset = 0;
    return this.#slots.flatMap((slot) => {
      const level = this.#levelOf(slot.offset);
      if (level > this.view.groups.length) return [];
      const count = this.count(level);
      const shape = level === 0 || single ? slot.shape : [count, ...slot.shape];
      const placed = { name: slot.name, shape, offset, size: count * slot.size };
      offset += placed.size;
      return [placed];
    });
  }

  #levelOf(place: number): number {
    return this.#starts.findLastIndex((start) => start <= place);
  }

  /** Values of each level as flat vectors [rows, width]. */
  join(levels: LevelValues, rows: number): Float32Array {
    const { width } = this;
    const all = new Float32Array(rows * width);
    this.#each((level, group, column, place) => {
      const [values, size] = [levels[level], this.#parts[level]?.size ?? 1];
      for (let row = 0; row < rows; row++) {
        all[row * width + place] = values?.[(group * rows + row) * size + column] ?? 0;
      }
    });
    return all;
  }

  /** Flat vectors [rows, width] as values of each level. */
  split(flat: ArrayLike<number>, rows: number): LevelValues {
    const { width } = this;
    const levels = this.#parts
      .slice(0, this.view.groups.length + 1)
      .map(({ size }, level) => new Float32Array(this.count(level) * rows * size));
    this.#each((level, group, column, place) => {
      const [values, size] = [levels[level], this.#parts[level]?.size ?? 1];
      if (values === undefined) return;
      for (let row = 0; row < rows; row++) {
        values[(group * rows + row) * size + column] = flat[row * width + place] ?? 0;
      }
    });
    return levels;
  }

  /** The offset of each number of the flat vector, from those of one group of each level. */
  offsets(offset: readonly number[] | undefined): readonly number[] | undefined {
    if (offset === undefined) return undefined;
    const all: number[] = [];
    this.#each((level, _, column, place) => {
      all[place] = offset[(this.#starts[level] ?? 0) + column] ?? 0;
    });
    return all;
  }

  /** What is above the groups [from, to) of a level in the rows [first, last): [to - from, last - first, size of all above]. */
  above(
    levels: LevelValues,
    level: number,
    rows: number,
    { from, to, first, last }: LevelBlock,
  ): HostTensor {
    const width = this.#starts[level] ?? 0;
    const each = last - first;
    const all = new Float32Array((to - from) * each * width);
    for (let i = 0; i < to - from; i++) {
      let group = from + i;
      for (let k = level - 1; k >= 0; k--) {
        group = k === 0 ? 0 : (this.view.parents[k]?.[group] ?? 0);
        const [size, start] = [this.#parts[k]?.size ?? 0, this.#starts[k] ?? 0];
        const values = levels[k]?.subarray((group * rows + first) * size);
        for (let row = 0; row < each; row++) {
          for (let c = 0; c < size; c++) {
            all[(i * each + row) * width + start + c] = values?.[row * size + c] ?? 0;
          }
        }
      }
    }
    return hostTensor(all, [to - from, each, width]);
  }

  /** The numbers of a flat vector: level, place of the group, its column, and the place in the vector. */
  #each(visit: (level: number, group: number, column: number, place: number) => void): void {
    let place = 0;
    for (const { offset, size } of this.#slots) {
      const level = this.#levelOf(offset);
      if (level > this.view.groups.length) continue;
      const column = offset - (this.#starts[level] ?? 0);
      for (let group = 0; group < this.count(level); group++) {
        for (let c = 0; c < size; c++) visit(level, group, column + c, place++);
      }
    }
  }
}
