/**
 * Parts of a program as one module, and where everything is in memory.
 *
 * The module exports its parts in order, `part0`, `part1`, ...: stretches of the program, and the bodies of its loops, each of which is one
 * turn. A part takes the addresses of the memory that the program and the body of a loop work in.
 */
import type { I32, Statement } from "../encoder/expression.js";
import type { Bytes } from "../encoder/bytes.js";
import { ModuleBuilder } from "../encoder/module.js";
import { i32 } from "../encoder/scalar.js";
import { checkMemory } from "./bounds.js";
import { callsOf, type CallContext } from "./calls.js";
import type { LoopDraft } from "./loop-draft.js";
import type { Trips } from "./loops.js";
import { aligned, bytesOf, layOut, touched, type Layout } from "./memory.js";
import { BYTES, type Operation } from "./operations.js";
import { packedBytes } from "./product-calls.js";
import { Scheduler, type Unit } from "./schedule.js";
import { newStorage, type Storage, type View } from "./view.js";

export interface AssembleOptions {
  /** Where the weights of the model are. */
  readonly weights: ReadonlyMap<string, number>;
  /** Takes memory for the constants of the program, and says where it is. */
  readonly takeConstants: (bytes: number) => number;
  /** Where cells are that say where inputs are. */
  readonly cells: number;
  /** Whether products may be fused with sums. */
  readonly fused: boolean;
}

/** Something that JavaScript reads or writes. */
export interface Placed {
  /** From the memory of a run on, or where it is for good. */
  readonly address: number;
  readonly relative: boolean;
  readonly view: View;
}

/** A loop, as a session turns it. */
export interface AssembledLoop {
  readonly trips: Trips;
  readonly count: number | undefined;
  readonly iteration: Placed;
  readonly carried: readonly {
    readonly initial: Placed;
    readonly state: Placed;
    readonly final: Placed;
  }[];
  readonly stacked: readonly { readonly name: string; readonly value: Placed }[];
}

/** A program as a module, and what there is to know of its memory. */
export interface Assembled {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The loop whose turn a part is; undefined for a stretch. */
  readonly parts: readonly (AssembledLoop | undefined)[];
  readonly inputs: ReadonlyMap<string, Placed>;
  readonly outputs: ReadonlyMap<string, Placed>;
  readonly constants: readonly { readonly address: number; readonly storage: Storage }[];
  readonly constantBytes: number;
  /** Bytes that a run works in. */
  readonly workspace: number;
}

/** A part before it is compiled. */
export type Draft =
  | { readonly kind: "stretch"; readonly operations: readonly Operation[] }
  | LoopDraft;

/** A part in the order of its units. */
interface Part {
  readonly draft: Draft;
  readonly units: readonly Unit[];
  /** What each unit touches, and memory that it alone works in. */
  readonly steps: readonly (readonly View[])[];
  readonly spaces: ReadonlyMap<Unit, View>;
}

export function assemble(
  drafts: readonly Draft[],
  inputs: ReadonlyMap<string, View>,
  outputs: ReadonlyMap<string, View>,
  options: AssembleOptions,
): Assembled {
  const kept = [...outputs.values(), ...drafts.flatMap(crossing)];
  const parts = drafts.map((draft) => schedule(draft, kept));
  const outer = layOut(parts.flatMap(outerSteps), 0, [...inputs.values()], [...outputs.values()]);
  const bodies = parts.map((part) => (part.draft.kind === "loop" ? layOutBody(part) : undefined));
  const body = Math.max(0, ...bodies.map((layout) => layout?.bytes ?? 0));
  const start = aligned(outer.bytes);
  checkMemory(start + body);
  const constants = placeConstants(parts, [...kept, ...inputs.values()], options);
  const placed = (layout: Layout | undefined, view: View): Placed =>
    place(view, { outer, body: layout, start, constants, options });
  const module = new ModuleBuilder();
  for (const [i, part] of parts.entries()) {
    writePart(module, part, `part${i}`, (view) => placed(bodies[i], view), options);
  }
  return {
    bytes: module.finish(),
    parts: parts.map(({ draft }, i) =>
      draft.kind === "loop" ? placeLoop(draft, (view) => placed(bodies[i], view)) : undefined,
    ),
    inputs: mapValues(inputs, (view) => placed(undefined, view)),
    outputs: mapValues(outputs, (view) => placed(undefined, view)),
    constants: [...constants.places].map(([storage, address]) => ({ storage, address })),
    constantBytes: constants.bytes,
    workspace: start + body,
  };
}

const mapValues = <T, U>(map: ReadonlyMap<string, T>, of: (value: T) => U): Map<string, U> =>
  new Map([...map].map(([key, value]) => [key, of(value)]));

const operationsOf = (draft: Draft): readonly Operation[] =>
  draft.kind === "loop" ? draft.lowering.operations : draft.operations;

/** Values that outlive the part that makes them, or come from another. */
function crossing(draft: Draft): readonly View[] {
  const operations = operationsOf(draft);
  const made = new Set(operations.map(({ output }) => output.storage.id));
  const read = operations.flatMap(({ inputs }) => inputs.flatMap((view) => view ?? []));
  const others = read.filter(({ storage }) => !made.has(storage.id));
  if (draft.kind === "stretch") return others;
  const { carried, stacked } = draft;
  const own = [...carried.map(({ next }) => next), ...stacked.map(({ value }) => value)];
  return [...own, ...carried.map(({ initial }) => initial), ...others];
}

function schedule(draft: Draft, kept: readonly View[]): Part {
  const operations = operationsOf(draft);
  const units = new Scheduler(operations, kept).units();
  const region = draft.kind === "loop" ? 1 : 0;
  const spaces = new Map<Unit, View>();
  const steps = units.map((unit) => {
    const packed =
      unit.kind === "single" && unit.operation.kind === "matmul" ? packedBytes(unit.operation) : 0;
    if (packed === 0) return touched(unit);
    const storage = newStorage("float32", packed / 4, { kind: "scratch", region });
    const space: View = { storage, shape: [packed / 4], strides: [1], offset: 0 };
    spaces.set(unit, space);
    return [...touched(unit), space];
  });
  return { draft, units, steps, spaces };
}

/** What a part touches of the program's memory, step by step; a loop is one step. */
function outerSteps({ draft, steps }: Part): readonly (readonly View[])[] {
  if (draft.kind === "stretch") return steps;
  const around = draft.carried.flatMap(({ initial, final }) => [initial, final]);
  return [[...steps.flat(), ...around]];
}

function layOutBody({ draft, steps }: Part): Layout | undefined {
  if (draft.kind === "stretch") return undefined;
  const { iteration, condition, carried, stacked } = draft;
  const states = [iteration, condition, ...carried.map(({ state }) => state)];
  const ends = [...carried.map(({ next }) => next), ...stacked.map(({ value }) => value)];
  return layOut(steps, 1, states, [...states, ...ends]);
}

interface Constants {
  readonly places: ReadonlyMap<Storage, number>;
  readonly bytes: number;
}

function placeConstants(
  parts: readonly Part[],
  others: readonly View[],
  { takeConstants }: AssembleOptions,
): Constants {
  const found = new Set<Storage>();
  for (const { storage } of [...parts.flatMap(({ steps }) => steps.flat()), ...others]) {
    if (storage.place.kind === "constant") found.add(storage);
  }
  const bytes = [...found].reduce((sum, storage) => sum + bytesOf(storage), 0);
  let next = takeConstants(bytes);
  const places = new Map<Storage, number>();
  for (const storage of found) {
    places.set(storage, next);
    next += bytesOf(storage);
  }
  return { places, bytes };
}

interface Places {
  readonly outer: Layout;
  readonly body: Layout | undefined;
  /** Where the memory of loops begins. */
  readonly start: number;
  readonly constants: Constants;
  readonly options: AssembleOptions;
}

function place(view: View, { outer, body, start, constants, options }: Places): Placed {
  const { storage, offset } = view;
  const { place: where, dtype, id } = storage;
  const skipped = offset * BYTES[dtype];
  switch (where.kind) {
    case "constant":
      return { address: (constants.places.get(storage) ?? 0) + skipped, relative: false, view };
    case "weight":
      return { address: (options.weights.get(where.name) ?? 0) + skipped, relative: false, view };
    case "stream":
      return { address: options.cells + 8 * where.cell, relative: false, view };
    default: {
      const at = where.region === 0 ? outer.offsets.get(id) : body?.offsets.get(id);
      const base = where.region === 0 ? 0 : start;
      return { address: base + (at ?? 0) + skipped, relative: true, view };
    }
  }
}

function placeLoop(
  { trips, count, iteration, carried, stacked }: LoopDraft,
  placed: (view: View) => Placed,
): AssembledLoop {
  return {
    trips,
    count,
    iteration: placed(iteration),
    carried: carried.map(({ initial, state, final }) => ({
      initial: placed(initial),
      state: placed(state),
      final: placed(final),
    })),
    stacked: stacked.map(({ name, value }) => ({ name, value: placed(value) })),
  };
}

/** A function of the address of the memory that a run works in. */
function writePart(
  module: ModuleBuilder,
  { draft, units, spaces }: Part,
  name: string,
  placed: (view: View) => Placed,
  { fused }: AssembleOptions,
): void {
  const reference = module.define(["i32"], undefined, (f, [base]) => {
    const absolute = (view: View): I32 => {
      const { address, relative } = placed(view);
      if (relative) return i32.add(base, i32.const(address));
      // A cell says where an input of any number of rows is.
      return view.storage.place.kind === "stream"
        ? i32.load(i32.const(0), address)
        : i32.const(address);
    };
    const context: CallContext = {
      module,
      fused,
      address: absolute,
      rows: (view) => i32.load(i32.const(0), placed(view).address + 4),
      workspace: (unit) => {
        const space = spaces.get(unit);
        return space === undefined ? base : absolute(space);
      },
    };
    for (const unit of units) for (const call of callsOf(context, unit)) f.do(call);
    if (draft.kind === "stretch") return;
    for (const { next, state } of draft.carried) {
      f.do(copy(absolute(state), absolute(next), state));
    }
  });
  module.export(name, reference);
}

/** Copies all of a storage. */
function copy(to: I32, from: I32, { storage: { dtype, size } }: View): Statement {
  return {
    write: (bytes: Bytes) => {
      to.write(bytes);
      from.write(bytes);
      i32.const(BYTES[dtype] * size).write(bytes);
      bytes.bytes([0xfc, 10, 0, 0]);
    },
  };
}
