/**
 * From the nodes of a graph, all sizes known, to operations on storages.
 *
 * Shapes follow from the one table of operators (onnx/operators.ts). What changes layout alone becomes a view; operators that are made of
 * others are taken apart, so that what is left are functions of elements, reductions, products and a few ways to go by number.
 */
import type { DType } from "../../dtype.js";
import { EncodingError, UnsupportedError } from "../../errors.js";
import { hostTensor, type HostTensor } from "../../host-tensor.js";
import { plain } from "../../onnx/allow-list.js";
import type { OnnxNode } from "../../onnx/ir.js";
import { sizeOf, type Attributes, type Value } from "../../onnx/operator.js";
import type { OperatorName } from "../../onnx/operators.js";
import { checkSignature } from "../../onnx/signature.js";
import type { MapName } from "../kernels/functions.js";
import { checkOperations, checkValue } from "./bounds.js";
import { EMITTERS } from "./emitters.js";
import type { Operation, ReduceOperation } from "./operations.js";
import {
  broadcastTo,
  isContiguous,
  newStorage,
  permute,
  reshape,
  whole,
  type View,
} from "./view.js";

/** A value of the graph: its type, its elements where they are known integers, and where it lies otherwise. */
export interface Known extends Value {
  readonly view?: View;
}

/** What the lowering of one operator is given. */
export interface EmitContext {
  readonly lowering: Lowering;
  readonly op: OperatorName;
  readonly attributes: Attributes;
  readonly operands: readonly (Known | undefined)[];
  /** Types of the results. */
  readonly results: readonly Value[];
}

/** Lowers nodes one after the other. */
export class Lowering {
  readonly operations: Operation[] = [];
  readonly #values = new Map<string, Known>();
  readonly #scalars = new Map<string, View>();
  readonly #outer: Lowering | undefined;

  /** @param outer the graph around the body of a loop. */
  constructor(outer?: Lowering) {
    this.#outer = outer;
  }

  /** Whether this is the body of a loop. */
  get isBody(): boolean {
    return this.#outer !== undefined;
  }

  give(name: string, value: Known): void {
    this.#values.set(name, value);
  }

  /** The value of a name. @throws EncodingError where nothing gave it. */
  value(name: string): Known {
    const found = this.#values.get(name);
    if (found !== undefined) return found;
    if (this.#outer !== undefined) return this.#outer.value(name);
    throw new EncodingError(`it reads "${name}", which nothing before it gives`);
  }

  /** Where a value lies. */
  view({ view, dtype, shape, integers }: Known): View {
    if (view !== undefined) return view;
    if (integers === undefined) throw new EncodingError("a value was neither computed nor known");
    return this.constant(hostTensor(integers, shape, dtype));
  }

  /** Lowers one node. @throws EncodingError, UnsupportedError where that cannot be. */
  node(node: OnnxNode): void {
    const operator = checkSignature(node);
    const op = node.op as OperatorName;
    const operands = node.inputs.map((name) => (name === "" ? undefined : this.value(name)));
    const attributes = plain(node.attributes);
    const results = operator.infer({ operands, attributes, results: node.outputs.length });
    for (const result of results) checkValue(result);
    const context: EmitContext = { lowering: this, op, attributes, operands, results };
    const known = results.every(({ integers }) => integers !== undefined);
    const views = known ? [] : EMITTERS[op](context);
    for (const [i, name] of node.outputs.entries()) {
      const result = results[i];
      const view = views[i];
      if (name === "" || result === undefined) continue;
      if (view === undefined && !known) {
        throw new UnsupportedError(`${op} has no result ${i} on this runtime`);
      }
      this.give(name, { ...result, ...(view && { view }) });
    }
    checkOperations(this.operations.length);
  }

  /** Memory of one run. */
  scratch(dtype: DType, shape: readonly number[]): View {
    const region = this.isBody ? 1 : 0;
    return whole(newStorage(dtype, sizeOf(shape), { kind: "scratch", region }), shape);
  }

  constant({ dtype, shape, data }: HostTensor): View {
    return whole(newStorage(dtype, data.length, { kind: "constant", data }), shape);
  }

  /** One number. */
  scalar(value: number, dtype: DType): View {
    if (this.#outer !== undefined) return this.#outer.scalar(value, dtype);
    const key = `${dtype} ${Object.is(value, -0) ? "-0" : value}`;
    const known = this.#scalars.get(key) ?? this.constant(hostTensor([value], [], dtype));
    this.#scalars.set(key, known);
    return known;
  }

  /** A function of elements; operands broadcast to the shape. */
  map(name: MapName, inputs: readonly View[], dtype: DType, shape: readonly number[]): View {
    const output = this.scratch(dtype, shape);
    this.mapInto(name, inputs, output);
    return output;
  }

  mapInto(name: MapName, inputs: readonly View[], output: View): void {
    if (sizeOf(output.shape) === 0) return;
    const form = bounded(name, inputs) ?? { name, inputs };
    const given = form.inputs.map((view) => broadcastTo(view, output.shape));
    this.operations.push({ kind: "map", name: form.name, inputs: given, output });
  }

  /** The same elements in a storage of their own. */
  copy(view: View): View {
    return this.map("identity", [view], view.storage.dtype, view.shape);
  }

  contiguous(view: View): View {
    return isContiguous(view) ? view : this.copy(view);
  }

  reshape(view: View, shape: readonly number[]): View {
    return reshape(view, shape) ?? this.reshape(this.copy(view), shape);
  }

  /** Reduces axes; they are left with one element each. */
  reduce(name: ReduceOperation["name"], given: View, axes: readonly number[]): View {
    const { shape } = given;
    const left = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const kept = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
    const sizes = kept.map((axis) => shape[axis] ?? 1);
    let view = permute(given, [...kept, ...axes]);
    while (view.shape.length > kept.length) {
      // As many of the last axes at once as lie evenly.
      let at = kept.length;
      const merged = (from: number): View | undefined =>
        reshape(view, [...view.shape.slice(0, from), sizeOf(view.shape.slice(from))]);
      while (at + 1 < view.shape.length && merged(at) === undefined) at++;
      const rows = merged(at) ?? view;
      const output = this.scratch(view.storage.dtype, rows.shape.slice(0, -1));
      if (output.storage.size > 0) {
        this.operations.push({ kind: "reduce", name, inputs: [rows], output });
      }
      view = output;
    }
    return this.reshape({ ...view, shape: sizes }, left);
  }
}

/** The number that a storage of float32 holds, where it is known, is one, and no NaN. */
function knownNumber({ storage: { dtype, place } }: View): number | undefined {
  if (dtype !== "float32" || place.kind !== "constant" || place.data.length !== 1) return undefined;
  const number = Number(place.data[0]);
  return Number.isNaN(number) ? undefined : number;
}

/** The larger or smaller of a value and a known number: NaN is the value's alone, which takes an instruction where two of either take eight. */
function bounded(
  name: MapName,
  [a, b]: readonly View[],
): { readonly name: MapName; readonly inputs: readonly View[] } | undefined {
  if ((name !== "max" && name !== "min") || a === undefined || b === undefined) return undefined;
  const form = name === "max" ? "atLeast" : "atMost";
  if (knownNumber(b) !== undefined) return { name: form, inputs: [a, b] };
  return knownNumber(a) === undefined ? undefined : { name: form, inputs: [b, a] };
}
