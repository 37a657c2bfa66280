/** A model on this runtime: compiled for the shapes of a call when they first come, and run. */
import type { InferenceSession } from "onnxruntime-common";
import { AmortisError, EncodingError, RuntimeError, UnsupportedError } from "../errors.js";
import type { HostTensor } from "../host-tensor.js";
import type { OnnxGraph, OnnxNode } from "../onnx/ir.js";
import { readModel } from "../onnx/read-model.js";
import { checkSignature } from "../onnx/signature.js";
import { checkFeeds, KeptTensors } from "../runtimes/feeds.js";
import { Resident, type SessionFeed } from "../runtimes/resident.js";
import { reason } from "../runtimes/results.js";
import type { Session } from "../runtimes/runtime.js";
import { CELLS, Heap, MOST_CELLS } from "./heap.js";
import type { Assembled, AssembledLoop, Placed } from "./program/assemble.js";
import { checkTurns } from "./program/bounds.js";
import { compileGraph } from "./program/compile.js";
import { bodyOf, checkLoop, decidingInputs, streamedInputs, tripsOf } from "./program/loops.js";
import { bytesOf } from "./program/memory.js";
import { sizeOf } from "./program/view.js";
import { copyRows, evened, rounded, Rows, type Shape } from "./rows.js";
import { elementsAt, emptyArray } from "./transfer.js";

/** How programs are compiled. */
export interface WasmOptions {
  /**
   * Whether products are fused with the sums they go into, by relaxed SIMD: faster where the engine has it, and not the same bits on every
   * processor. By default they are not.
   */
  readonly fused?: boolean;
}

/** Most combinations of shapes that a session keeps compiled. */
const MOST_PROGRAMS = 32;

/** Combinations of shapes that are compiled as they come, before rows are rounded up. */
const AS_THEY_COME = 6;

/** A program compiled for some shapes. */
interface Ready {
  readonly program: Assembled;
  /** The parts, each a function of the address of the memory it works in. */
  readonly parts: readonly ((base: number) => void)[];
  readonly constants: number;
}

/** Memory that was taken. */
interface Piece {
  readonly address: number;
  readonly bytes: number;
}

const NOWHERE: Piece = { address: 0, bytes: 0 };

/** What is fed, by name. */
type Feeds = ReadonlyMap<string, SessionFeed>;

export class WasmSession implements Session {
  readonly #graph: OnnxGraph;
  readonly #metadata: readonly InferenceSession.ValueMetadata[];
  readonly #streamed: readonly string[];
  readonly #deciding: ReadonlySet<string>;
  readonly #options: WasmOptions;
  readonly #rows: Rows | undefined;
  readonly #heap = new Heap();
  readonly #weights = new Map<string, number>();
  /** Tensors that are kept; memory is given back when nothing stands for them any more. */
  readonly #kept = new KeptTensors<Piece>(({ address, bytes }) => {
    this.#heap.give(address, bytes);
  });
  readonly #ready = new Map<string, Promise<Ready>>();
  #workspace = { address: 0, bytes: 0 };
  #released = false;

  /**
   * @param rows sizes by name of which each row is computed by itself.
   * @throws EncodingError, UnsupportedError naming what cannot be run.
   */
  constructor(model: Uint8Array, options: WasmOptions = {}, rows: readonly string[] = []) {
    this.#graph = readModel(model, { loops: true });
    this.#options = options;
    this.#rows = Rows.of(this.#graph, rows);
    checkNodes(this.#graph);
    this.#streamed = streamedInputs(this.#graph).slice(0, MOST_CELLS);
    this.#deciding = decidingInputs(this.#graph);
    this.#metadata = this.#graph.inputs.map(({ name, dtype, shape }) => ({
      name,
      isTensor: true,
      type: dtype,
      shape,
    }));
    for (const { name, tensor } of this.#graph.initializers) {
      if (tensor.data.length > 1) this.#weights.set(name, this.#place(tensor));
    }
  }

  keep(tensor: HostTensor): Resident {
    return this.#kept.keep(tensor, (given) => ({
      address: this.#place(given),
      bytes: given.data.byteLength,
    }));
  }

  async run(feeds: Readonly<Record<string, SessionFeed>>): Promise<Record<string, HostTensor>> {
    if (this.#released) throw new RuntimeError("the session was released and cannot run");
    const given: Feeds = new Map(checkFeeds(this.#metadata, feeds));
    // Says whose a tensor is that is kept elsewhere, before anything is done.
    for (const [name, feed] of given) this.#kept.of(name, feed, () => NOWHERE);
    try {
      const ready = await this.#prepare(given);
      return this.#compute(ready, given);
    } catch (cause) {
      throw new RuntimeError(`the program could not be run: ${whyNot(cause)}`, { cause });
    }
  }

  async release(): Promise<void> {
    this.#released = true;
    this.#ready.clear();
  }

  /** Copies a tensor into memory that it keeps. */
  #place({ dtype, data }: HostTensor): number {
    const address = this.#heap.take(data.byteLength);
    elementsAt(this.#heap.memory, dtype, address, data.length).set(data as never);
    return address;
  }

  /** The program for the shapes of a call. */
  async #prepare(feeds: Feeds): Promise<Ready> {
    const shapes = new Map<string, Shape>();
    const deciding = new Map<string, readonly number[]>();
    for (const [name, feed] of feeds) {
      const isStreamed = this.#streamed.includes(name);
      shapes.set(name, isStreamed ? [1, ...feed.shape.slice(1)] : feed.shape);
      if (this.#deciding.has(name)) deciding.set(name, this.#numbers(name, feed));
    }
    const keyOf = (of: ReadonlyMap<string, Shape>): string =>
      JSON.stringify([[...of], [...deciding]]);
    const even = this.#rows?.resized(shapes, evened) ?? shapes;
    const isNew = this.#ready.size >= AS_THEY_COME && !this.#ready.has(keyOf(even));
    const chosen = (isNew ? this.#rows?.resized(shapes, rounded) : undefined) ?? even;
    const key = keyOf(chosen);
    const ready = this.#ready.get(key) ?? this.#compile(chosen, deciding);
    // The order is that of use.
    this.#ready.delete(key);
    this.#ready.set(key, ready);
    // One that failed to compile is not kept.
    ready.catch(() => this.#ready.delete(key));
    await this.#forget();
    return ready;
  }

  /** Numbers of an input that decides shapes. */
  #numbers(name: string, feed: SessionFeed): readonly number[] {
    if (!(feed instanceof Resident)) return Array.from(feed.data, Number);
    const { address } = this.#kept.of(name, feed, () => NOWHERE);
    const data = elementsAt(this.#heap.memory, feed.dtype, address, sizeOf(feed.shape));
    return Array.from(data, Number);
  }

  async #compile(
    shapes: ReadonlyMap<string, readonly number[]>,
    deciding: ReadonlyMap<string, readonly number[]>,
  ): Promise<Ready> {
    let constants = 0;
    const program = compileGraph(this.#graph, {
      shapes,
      deciding,
      streamed: this.#streamed,
      weights: this.#weights,
      cells: CELLS,
      fused: this.#options.fused === true,
      takeConstants: (bytes) => (constants = this.#heap.take(bytes)),
    });
    for (const { address, storage } of program.constants) {
      const { place, dtype, size } = storage;
      if (place.kind !== "constant") continue;
      elementsAt(this.#heap.memory, dtype, address, size).set(place.data as never);
    }
    // A page's own thread may not compile much at once.
    const module =
      "document" in globalThis
        ? await WebAssembly.compile(program.bytes)
        : new WebAssembly.Module(program.bytes);
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#heap.memory } });
    const parts = program.parts.map((_, i) => exports[`part${i}`] as (base: number) => void);
    return { program, parts, constants };
  }

  /** Gives back the memory of programs that were not used for long. */
  async #forget(): Promise<void> {
    const stale = [...this.#ready].slice(0, Math.max(0, this.#ready.size - MOST_PROGRAMS));
    for (const [key, ready] of stale) {
      this.#ready.delete(key);
      const { constants, program } = await ready;
      this.#heap.give(constants, program.constantBytes);
    }
  }

  #compute({ program, parts }: Ready, feeds: Feeds): Record<string, HostTensor> {
    const base = this.#reserve(program.workspace);
    const fed: Piece[] = [];
    try {
      for (const [name, feed] of feeds) {
        const placed = program.inputs.get(name);
        if (placed === undefined) continue;
        if (placed.relative) this.#copyFeed(name, feed, base + placed.address, placed);
        else fed.push(...this.#pointTo(name, feed, placed.address));
      }
      const stacked: Record<string, HostTensor> = {};
      for (const [i, part] of parts.entries()) {
        const loop = program.parts[i];
        if (loop === undefined) part(base);
        else Object.assign(stacked, this.#turn(loop, part, base, feeds));
      }
      const given = new Map([...feeds].map(([name, { shape }]) => [name, shape]));
      const outputs = this.#graph.outputs.map((output) => {
        const placed = program.outputs.get(output.name);
        if (placed === undefined) return [output.name, stacked[output.name]] as const;
        const { shape } = placed.view;
        const asked = this.#rows?.asked(output, shape, given) ?? shape;
        return [output.name, this.#read(placed, base, asked)] as const;
      });
      return Object.fromEntries(
        outputs.flatMap(([name, tensor]) => (tensor ? [[name, tensor]] : [])),
      );
    } finally {
      for (const { address, bytes } of fed) this.#heap.give(address, bytes);
    }
  }

  /** Memory for one run; all programs of a session work in the same. */
  #reserve(bytes: number): number {
    if (bytes > this.#workspace.bytes) {
      this.#heap.give(this.#workspace.address, this.#workspace.bytes);
      this.#workspace = { address: 0, bytes: 0 };
      this.#workspace = { address: this.#heap.take(bytes), bytes };
    }
    return this.#workspace.address;
  }

  #copyFeed(name: string, feed: SessionFeed, address: number, { view }: Placed): void {
    const { dtype, size } = view.storage;
    const target = elementsAt(this.#heap.memory, dtype, address, size);
    const source =
      feed instanceof Resident
        ? elementsAt(
            this.#heap.memory,
            dtype,
            this.#kept.of(name, feed, () => NOWHERE).address,
            sizeOf(feed.shape),
          )
        : feed.data;
    copyRows(target, view.shape, source, feed.shape);
  }

  /** Says in a cell where an input is, and how many rows it has; gives what was taken for it. */
  #pointTo(name: string, feed: SessionFeed, cell: number): readonly Piece[] {
    const isKept = feed instanceof Resident;
    const address = isKept ? this.#kept.of(name, feed, () => NOWHERE).address : this.#place(feed);
    const cells = new Uint32Array(this.#heap.memory.buffer, cell, 2);
    cells.set([address, feed.shape[0] ?? 0]);
    return isKept ? [] : [{ address, bytes: feed.data.byteLength }];
  }

  /** Turns a loop, and gives what it stacks. */
  #turn(
    { trips, count, iteration, carried, stacked }: AssembledLoop,
    part: (base: number) => void,
    base: number,
    feeds: Feeds,
  ): Record<string, HostTensor> {
    const { memory } = this.#heap;
    const turns = count ?? this.#turns(trips, feeds);
    const bytes = stacked.map(({ value: { view } }) => bytesOf(view.storage));
    checkTurns(
      turns,
      bytes.reduce((a, b) => a + b, 0),
    );
    for (const { initial, state } of carried) this.#copy(initial, state, base);
    const collected = stacked.map(({ value }) => {
      const { storage, shape } = value.view;
      const from = this.#elements(value, base);
      const data = emptyArray(storage.dtype, turns * storage.size);
      return { from, data, shape: [turns, ...shape], dtype: storage.dtype };
    });
    const number = new DataView(memory.buffer, base + iteration.address, 8);
    number.setInt32(4, 0, true);
    for (let i = 0; i < turns; i++) {
      number.setInt32(0, i, true);
      part(base);
      for (const { from, data } of collected) data.set(from as never, i * from.length);
    }
    for (const { state, final } of carried) this.#copy(state, final, base);
    return Object.fromEntries(
      collected.map(({ data, shape, dtype }, i) => [
        stacked[i]?.name ?? "",
        { data, shape, dtype },
      ]),
    );
  }

  #turns(trips: AssembledLoop["trips"], feeds: Feeds): number {
    if (trips.kind === "rows") return feeds.get(trips.input)?.shape[0] ?? 0;
    const feed = feeds.get(trips.name);
    return feed === undefined ? 0 : Math.max(0, this.#numbers(trips.name, feed)[0] ?? 0);
  }

  #elements({ address, relative, view }: Placed, base: number) {
    const { dtype } = view.storage;
    const size = sizeOf(view.shape);
    return elementsAt(this.#heap.memory, dtype, relative ? base + address : address, size);
  }

  #copy(from: Placed, to: Placed, base: number): void {
    this.#elements(to, base).set(this.#elements(from, base) as never);
  }

  #read(placed: Placed, base: number, shape: readonly number[]): HostTensor {
    const { storage, shape: whole } = placed.view;
    const data = emptyArray(storage.dtype, sizeOf(shape));
    copyRows(data, shape, this.#elements(placed, base), whole);
    return { dtype: storage.dtype, shape, data };
  }
}

function whyNot(cause: unknown): string {
  if (!(cause instanceof WebAssembly.RuntimeError)) return reason(cause);
  return `${reason(cause)}; an index out of its range does that, or a whole number divided by zero`;
}

/** @throws EncodingError, UnsupportedError naming a node that cannot be run. */
function checkNodes(graph: OnnxGraph): void {
  for (const [index, node] of graph.nodes.entries()) {
    try {
      checkNode(graph, node);
    } catch (error) {
      if (!(error instanceof AmortisError)) throw error;
      throw new EncodingError(`its node ${index} (${node.op}): ${error.message}`, { cause: error });
    }
  }
}

function checkNode(graph: OnnxGraph, node: OnnxNode): void {
  if (node.op !== "Loop") {
    checkSignature(node);
    return;
  }
  const body = bodyOf(node);
  if (body === undefined) throw new UnsupportedError("Loop without a body");
  checkLoop(body);
  tripsOf(graph, node);
  for (const inner of body.nodes) checkSignature(inner);
}
