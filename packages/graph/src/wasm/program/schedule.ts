/**
 * In what order things are done, and what is done in one loop.
 *
 * Functions of elements join a loop over the same places as early as what they read is there, so that what passes from one to the next stays
 * in registers. What a later loop reads must be written, and nothing else is.
 */
import type { DType } from "../../dtype.js";
import { modeOf, type LoopBody, type Step } from "../kernels/map.js";
import type { Mode } from "../kernels/functions.js";
import type { MapOperation, Operation } from "./operations.js";
import { isContiguous, isScalar, isWhole, rowMajor, sizeOf, type View } from "./view.js";

/** One kernel call: an operation, or a loop over several, with what it reads and writes. */
export type Unit =
  | {
      readonly kind: "loop";
      readonly body: LoopBody;
      readonly reads: readonly View[];
      readonly writes: readonly View[];
    }
  | { readonly kind: "single"; readonly operation: Exclude<Operation, MapOperation> };

/** Most functions, and most arrays, of one loop: what a processor's registers and a compiler can bear. */
const MOST_STEPS = 48;
const MOST_ARRAYS = 20;

/** A loop that is being gathered. */
interface Group {
  readonly mode: Mode;
  shape: readonly number[];
  /** Whether all that it reads and writes lies in one piece, so that it may be seen in any shape. */
  flat: boolean;
  readonly operations: MapOperation[];
  readonly arrays: Set<string>;
}

type Slot = Group | Exclude<Operation, MapOperation>;

const isGroup = (slot: Slot | undefined): slot is Group =>
  slot !== undefined && "operations" in slot;

const squeezed = (shape: readonly number[]): readonly number[] =>
  shape.filter((size) => size !== 1);

const isFlat = ({ inputs, output }: MapOperation): boolean =>
  isContiguous(output) && inputs.every((view) => isScalar(view) || isContiguous(view));

const keyOf = ({ storage, offset, strides, shape }: View): string =>
  `${storage.id} ${offset} ${strides.filter((_, axis) => shape[axis] !== 1).join()}`;

const dtypesOf = ({ inputs, output }: MapOperation): readonly DType[] => [
  output.storage.dtype,
  ...inputs.map(({ storage }) => storage.dtype),
];

/** Orders operations and gathers loops. */
export class Scheduler {
  readonly #slots: Slot[] = [];
  /** Where each storage was last written, and the one operation that writes all of it, if there is such. */
  readonly #written = new Map<number, { at: number; by: MapOperation | undefined }>();
  /** Operations whose results stay in registers of the loops that read them: by storage, how often others read them. */
  readonly #outside = new Set<number>();

  constructor(operations: readonly Operation[], kept: Iterable<View>) {
    for (const view of kept) this.#outside.add(view.storage.id);
    for (const operation of operations) this.#place(operation);
  }

  /** The units in their order. */
  units(): readonly Unit[] {
    return this.#slots.flatMap((slot): readonly Unit[] =>
      isGroup(slot) ? this.#loop(slot) : [{ kind: "single", operation: slot }],
    );
  }

  #place(operation: Operation): void {
    if (operation.kind === "map") return this.#placeMap(operation);
    for (const view of operation.inputs) if (view !== undefined) this.#outside.add(view.storage.id);
    const at = this.#slots.push(operation) - 1;
    this.#written.set(operation.output.storage.id, { at, by: undefined });
  }

  #placeMap(operation: MapOperation): void {
    const count = sizeOf(operation.output.shape);
    let earliest = 0;
    for (const view of operation.inputs) {
      const written = this.#written.get(view.storage.id);
      if (written === undefined) continue;
      const passes = this.#passes(view, count);
      earliest = Math.max(earliest, passes ? written.at : written.at + 1);
    }
    const mode = modeOf(dtypesOf(operation));
    let at = earliest;
    while (at < this.#slots.length && !this.#fits(this.#slots[at], operation, mode)) at++;
    const found = this.#slots[at];
    const group: Group = isGroup(found)
      ? found
      : {
          mode,
          shape: squeezed(operation.output.shape),
          flat: true,
          operations: [],
          arrays: new Set(),
        };
    if (found === undefined) this.#slots.push(group);
    this.#join(group, operation, at);
  }

  /** Whether a value may pass from the function that makes it to one of the same places in a register. */
  #passes(view: View, count: number): boolean {
    const by = this.#written.get(view.storage.id)?.by;
    return by !== undefined && isWhole(view) && view.storage.size === count;
  }

  #fits(slot: Slot | undefined, operation: MapOperation, mode: Mode): boolean {
    if (!isGroup(slot) || slot.mode !== mode) return false;
    const { shape } = operation.output;
    if (sizeOf(slot.shape) !== sizeOf(shape)) return false;
    const arrays = slot.arrays.size + operation.inputs.length + 1;
    if (slot.operations.length >= MOST_STEPS || arrays > MOST_ARRAYS) return false;
    return slot.flat || isFlat(operation) || squeezed(shape).join() === slot.shape.join();
  }

  #join(group: Group, operation: MapOperation, at: number): void {
    const { inputs, output } = operation;
    const count = sizeOf(output.shape);
    if (group.flat && !isFlat(operation)) {
      group.shape = squeezed(output.shape);
      group.flat = false;
    }
    group.operations.push(operation);
    for (const view of inputs) {
      const written = this.#written.get(view.storage.id);
      if (written?.at === at && this.#passes(view, count)) continue;
      this.#outside.add(view.storage.id);
      group.arrays.add(keyOf(view));
    }
    const before = this.#written.get(output.storage.id);
    const isOnly = before === undefined && isWhole(output);
    if (!isOnly) group.arrays.add(keyOf(output));
    this.#written.set(output.storage.id, {
      at: Math.max(at, before?.at ?? 0),
      by: isOnly ? operation : undefined,
    });
  }

  #loop(group: Group): readonly Unit[] {
    const { shape } = group;
    const reads: View[] = [];
    const numbers = new Map<string, number>();
    const made = new Map<number, MapOperation>();
    for (const operation of group.operations) {
      for (const view of operation.inputs) {
        if (this.#isMade(made, view, shape)) continue;
        const key = keyOf(view);
        if (!numbers.has(key)) numbers.set(key, reads.push(view) - 1);
      }
      made.set(operation.output.storage.id, operation);
    }
    const steps: Step[] = [];
    const results = new Map<number, number>();
    const writes: View[] = [];
    const values: number[] = [];
    for (const { name, inputs, output } of group.operations) {
      const operands = inputs.map((view) => {
        const passed = isWhole(view) ? results.get(view.storage.id) : undefined;
        return passed ?? numbers.get(keyOf(view)) ?? 0;
      });
      const { dtype } = output.storage;
      const isPlain = name === "identity" && inputs[0]?.storage.dtype === dtype;
      const value = isPlain
        ? (operands[0] ?? 0)
        : reads.length + steps.push({ name, operands, dtype }) - 1;
      if (isWhole(output)) results.set(output.storage.id, value);
      if (isWhole(output) && !this.#outside.has(output.storage.id)) continue;
      writes.push(output);
      values.push(value);
    }
    if (writes.length === 0) return [];
    const access = (view: View) => ({
      dtype: view.storage.dtype,
      strides: stridesOver(view, shape),
    });
    const body: LoopBody = {
      shape,
      loads: reads.map(access),
      steps,
      stores: writes.map((view, i) => ({ ...access(view), value: values[i] ?? 0 })),
      fillsWhole: writes.every(isWhole),
    };
    return [{ kind: "loop", body, reads, writes }];
  }

  #isMade(made: ReadonlyMap<number, MapOperation>, view: View, shape: readonly number[]): boolean {
    const by = made.get(view.storage.id);
    return (
      by !== undefined && isWhole(view) && isWhole(by.output) && view.storage.size === sizeOf(shape)
    );
  }
}

/** Strides of a view over the places of a loop. */
function stridesOver(view: View, shape: readonly number[]): readonly number[] {
  const own = view.strides.filter((_, axis) => view.shape[axis] !== 1);
  if (squeezed(view.shape).join() === shape.join()) return own;
  // Of another shape it lies in one piece, or is one number.
  return isContiguous(view) ? rowMajor(shape) : shape.map(() => 0);
}
