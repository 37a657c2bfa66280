/**
 * Functions of elements, many at once in one loop.
 *
 * A kernel is a function of a module: what differs from call to call (addresses, sizes, strides) are its arguments, so that parts of a
 * program that are built alike share one.
 */
import type { DType } from "../../dtype.js";
import type { Expression, I32 } from "../encoder/expression.js";
import type { FunctionBuilder, Local } from "../encoder/function.js";
import type { FunctionReference, ModuleBuilder } from "../encoder/module.js";
import { i32 } from "../encoder/scalar.js";
import { BYTES } from "../program/operations.js";
import { loadAt, storeAt, type Position, type Spacing } from "./accesses.js";
import { applyFunction, type MapName, type Mode, type Typed } from "./functions.js";
import { collapse, nest, nestArguments, nestLength, type Space } from "./nest.js";

/** An array that a loop reads or writes. */
export interface Access {
  readonly dtype: DType;
  /** Elements from one to the next along each axis of the loop's shape. */
  readonly strides: readonly number[];
}

/** One function of values: loads are numbered first, then steps. */
export interface Step {
  readonly name: MapName;
  readonly operands: readonly number[];
  readonly dtype: DType;
}

/** Loads, what is made of them, and which values are written where. */
export interface LoopBody {
  readonly shape: readonly number[];
  readonly loads: readonly Access[];
  readonly steps: readonly Step[];
  readonly stores: readonly (Access & { readonly value: number })[];
  /** Whether every store fills a storage of its own, so that a few elements more than there are do no harm. */
  readonly fillsWhole: boolean;
}

/** A kernel, and its arguments after the addresses of loads and stores. */
export interface Kernel {
  readonly reference: FunctionReference;
  readonly numbers: readonly number[];
}

/** Whether all types are such that four elements go at a time. */
export function modeOf(dtypes: readonly DType[]): Mode {
  return dtypes.every((dtype) => dtype === "float32" || dtype === "bool") ? "vector" : "scalar";
}

/** An innermost axis shorter than this gives way to a longer one. */
const SHORT = 8;

/** The axes with the best one to be innermost last. */
function withInnermost(space: Space): Space {
  const { sizes, strides } = space;
  const last = sizes.length - 1;
  if ((sizes[last] ?? 1) >= SHORT) return space;
  const longest = sizes.indexOf(Math.max(...sizes));
  if (longest === last) return space;
  const order = [...sizes.keys()].filter((axis) => axis !== longest);
  order.push(longest);
  const reorder = (list: readonly number[]): readonly number[] =>
    order.map((axis) => list[axis] ?? 0);
  return { sizes: reorder(sizes), strides: strides.map(reorder) };
}

export function spacingOf(dtype: DType, stride: number): Spacing {
  if (stride === 0) return "same";
  return stride === BYTES[dtype] ? "next" : "apart";
}

/** The kernel of a loop, made if there is none that is built alike. */
export function mapKernel(module: ModuleBuilder, body: LoopBody): Kernel {
  const accesses: readonly Access[] = [...body.loads, ...body.stores];
  const dtypes = [...accesses, ...body.steps].map(({ dtype }) => dtype);
  const mode = modeOf(dtypes);
  const bytes = accesses.map(({ dtype, strides }) => strides.map((step) => step * BYTES[dtype]));
  const space = withInnermost(collapse({ sizes: body.shape, strides: bytes }));
  const outer: Space = {
    sizes: space.sizes.slice(0, -1),
    strides: space.strides.map((steps) => steps.slice(0, -1)),
  };
  const gaps = space.strides.map((steps) => steps.at(-1) ?? 0);
  const spacings = accesses.map(({ dtype }, i) => spacingOf(dtype, gaps[i] ?? 0));
  const fixed = body.loads.map((_, i) => (space.strides[i] ?? []).every((step) => step === 0));
  const n = space.sizes.at(-1) ?? 1;
  const axes = outer.sizes.length;
  const overruns = body.fillsWhole && axes === 0 && !spacings.includes("apart");
  const hasTail = mode === "vector" && n % 4 !== 0 && !overruns;
  const shape: LoopShape = { mode, axes, spacings, fixed, hasTail };
  const steps = body.steps.map(({ name, operands, dtype }) => [name, dtype, ...operands].join(" "));
  const values = body.stores.map(({ value }) => value);
  const key = `map ${JSON.stringify([shape, accesses.map(({ dtype }) => dtype), steps, values])}`;
  const reference = module.shared(key, () => write(module, body, shape));
  const count = mode === "vector" && overruns ? 4 * Math.ceil(n / 4) : n;
  const apart = gaps.filter((_, i) => spacings[i] === "apart");
  return { reference, numbers: [count, ...apart, ...nestArguments(outer)] };
}

interface LoopShape {
  readonly mode: Mode;
  /** Axes around the innermost. */
  readonly axes: number;
  readonly spacings: readonly Spacing[];
  /** Loads of one element throughout. */
  readonly fixed: readonly boolean[];
  /** Whether elements may be left after the last four. */
  readonly hasTail: boolean;
}

function write(module: ModuleBuilder, body: LoopBody, shape: LoopShape): FunctionReference {
  const { mode, axes, spacings, fixed } = shape;
  const accesses: readonly Access[] = [...body.loads, ...body.stores];
  const apart = spacings.filter((spacing) => spacing === "apart").length;
  const count = accesses.length + 1 + apart + nestLength(axes, accesses.length);
  const params = Array.from({ length: count }, () => "i32" as const);
  return module.define(params, undefined, (f, all) => {
    const pointers = all.slice(0, accesses.length);
    const n = all[accesses.length] ?? f.local("i32");
    const gaps = all.slice(accesses.length + 1, accesses.length + 1 + apart);
    const outer = all.slice(accesses.length + 1 + apart);
    let next = 0;
    const gapOf = spacings.map((spacing) =>
      spacing === "apart" ? (gaps[next++] ?? i32.const(0)) : i32.const(0),
    );
    const held = new Map<number, Expression>();
    const hold = (i: number): void => {
      const position = positionAt(accesses, shape, i, pointers[i] ?? n, gapOf[i] ?? n);
      held.set(i, f.let(loadAt(f, mode, position, 1)));
    };
    for (const i of body.loads.keys()) if (fixed[i] === true) hold(i);
    nest(f, axes, pointers, outer, () => {
      for (const i of body.loads.keys()) if (fixed[i] !== true && spacings[i] === "same") hold(i);
      new Innermost(module, f, body, shape, { pointers, gaps: gapOf, held }).write(n);
    });
  });
}

function positionAt(
  accesses: readonly Access[],
  { spacings }: LoopShape,
  i: number,
  address: I32,
  gap: I32,
): Position {
  return {
    dtype: accesses[i]?.dtype ?? "float32",
    spacing: spacings[i] ?? "next",
    address,
    gap,
  };
}

interface Arrays {
  readonly pointers: readonly Local<"i32">[];
  readonly gaps: readonly I32[];
  /** Values that the innermost loop does not change. */
  readonly held: ReadonlyMap<number, Expression>;
}

/** The innermost loop. */
class Innermost {
  readonly #module: ModuleBuilder;
  readonly #f: FunctionBuilder;
  readonly #body: LoopBody;
  readonly #shape: LoopShape;
  readonly #arrays: Arrays;
  readonly #accesses: readonly Access[];
  /** Pointers that move along, for arrays with gaps or of several types. */
  readonly #moving: readonly (Local<"i32"> | undefined)[];
  /** Bytes gone by of an array of float32. */
  readonly #gone: Local<"i32">;

  constructor(
    module: ModuleBuilder,
    f: FunctionBuilder,
    body: LoopBody,
    shape: LoopShape,
    arrays: Arrays,
  ) {
    this.#module = module;
    this.#f = f;
    this.#body = body;
    this.#shape = shape;
    this.#arrays = arrays;
    this.#accesses = [...body.loads, ...body.stores];
    this.#gone = f.let(i32.const(0));
    this.#moving = shape.spacings.map((spacing, i) => {
      if (spacing === "same" || (spacing === "next" && shape.mode === "vector")) return undefined;
      return f.let(arrays.pointers[i] ?? this.#gone);
    });
  }

  write(n: I32): void {
    const f = this.#f;
    const { mode, hasTail } = this.#shape;
    const end = f.let(i32.shl(n, i32.const(2)));
    if (mode === "scalar") {
      f.while(i32.ltU(this.#gone, end), () => this.#turn(1));
      return;
    }
    const whole = hasTail ? f.let(i32.and(end, i32.const(-16))) : end;
    f.while(i32.ltU(this.#gone, whole), () => this.#turn(4));
    if (hasTail) f.while(i32.ltU(this.#gone, end), () => this.#turn(1));
  }

  #turn(lanes: 4 | 1): void {
    const f = this.#f;
    const { mode, spacings } = this.#shape;
    const { loads, steps, stores } = this.#body;
    const values: Typed[] = loads.map(({ dtype }, i) => ({
      dtype,
      value: this.#arrays.held.get(i) ?? f.let(loadAt(f, mode, this.#position(i), lanes)),
    }));
    for (const { name, operands, dtype } of steps) {
      const given = operands.map((i) => values[i] ?? { dtype, value: this.#gone });
      const value = applyFunction(this.#module, mode, name, given, dtype);
      values.push({ dtype, value: name === "identity" ? value : f.let(value) });
    }
    for (const [i, { value }] of stores.entries()) {
      const found = values[value]?.value;
      if (found !== undefined) storeAt(f, mode, this.#position(loads.length + i), found, lanes);
    }
    for (const [i, pointer] of this.#moving.entries()) {
      if (pointer === undefined) continue;
      const size = BYTES[this.#accesses[i]?.dtype ?? "float32"];
      const gap = spacings[i] === "next" ? i32.const(size) : (this.#arrays.gaps[i] ?? this.#gone);
      f.increase(pointer, lanes === 4 ? i32.shl(gap, i32.const(2)) : gap);
    }
    f.increase(this.#gone, 4 * lanes);
  }

  #position(i: number): Position {
    const start = this.#arrays.pointers[i] ?? this.#gone;
    const dtype = this.#accesses[i]?.dtype;
    const gone = dtype === "bool" ? i32.shrU(this.#gone, i32.const(2)) : this.#gone;
    const address = this.#moving[i] ?? i32.add(start, gone);
    return positionAt(this.#accesses, this.#shape, i, address, this.#arrays.gaps[i] ?? this.#gone);
  }
}
