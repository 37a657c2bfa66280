/**
 * Sums, largest and smallest along one axis, of what a loop makes of its loads.
 *
 * Sums of float32 are pairwise: halves of what is summed are summed by themselves, down to a few dozen numbers, so that the error grows with
 * the logarithm of how many there are (Higham 1993).
 */
import type { DType } from "../../dtype.js";
import type { Expression, I32, V128 } from "../encoder/expression.js";
import { select } from "../encoder/expression.js";
import type { FunctionBuilder, Local } from "../encoder/function.js";
import { call, type FunctionReference, type ModuleBuilder } from "../encoder/module.js";
import { f64, i32, i64 } from "../encoder/scalar.js";
import { f32x4, v128 } from "../encoder/vector.js";
import { BYTES } from "../program/operations.js";
import { loadAt, storeAt, type Spacing } from "./accesses.js";
import { applyFunction, type Mode, type Typed } from "./functions.js";
import { modeOf, spacingOf, type Access, type Kernel, type Step } from "./map.js";
import { collapse, nest, nestArguments, nestLength, type Space } from "./nest.js";

export type ReduceName = "sum" | "max" | "min";

/** What is reduced: the last axis of the shape is. The value is that of the last step, or of the only load. */
export interface ReduceBody {
  readonly name: ReduceName;
  readonly shape: readonly number[];
  readonly loads: readonly Access[];
  readonly steps: readonly Step[];
  readonly dtype: DType;
  /** Strides of the result along all axes but the last. */
  readonly output: readonly number[];
}

/** Which elements are worked on together: four along the reduced axis, four results, or one by one. */
type Direction = "row" | "columns" | "single";

interface ReduceShape {
  readonly name: ReduceName;
  readonly mode: Mode;
  readonly direction: Direction;
  readonly dtype: DType;
  readonly loads: readonly { readonly dtype: DType; readonly spacing: Spacing }[];
  readonly output: Spacing;
  readonly steps: readonly Step[];
  readonly axes: number;
}

/** Numbers that are added one after the other, of each lane. */
const RUN = 32;

/** The kernel of a reduction. */
export function reduceKernel(module: ModuleBuilder, body: ReduceBody): Kernel {
  const { name, dtype, loads, steps, shape } = body;
  const mode = modeOf([...loads, ...steps, { dtype }].map((each) => each.dtype));
  const length = shape.at(-1) ?? 1;
  const gaps = loads.map((load) => (load.strides.at(-1) ?? 0) * BYTES[load.dtype]);
  const kept = collapse({
    sizes: shape.slice(0, -1),
    strides: [
      ...loads.map((load) => load.strides.slice(0, -1).map((step) => step * BYTES[load.dtype])),
      body.output.map((step) => step * BYTES[dtype]),
    ],
  });
  const inner = kept.strides.map((steps_) => steps_.at(-1) ?? 0);
  const results = kept.sizes.at(-1) ?? 1;
  const along = loads.map((load, i) => spacingOf(load.dtype, gaps[i] ?? 0));
  const across = loads.map((load, i) => spacingOf(load.dtype, inner[i] ?? 0));
  const direction = directionOf(mode, length, results, along, across);
  const spacings = direction === "columns" ? across : along;
  const outer: Space = {
    sizes: kept.sizes.slice(0, -1),
    strides: kept.strides.map((steps_) => steps_.slice(0, -1)),
  };
  const form: ReduceShape = {
    name,
    mode,
    direction,
    dtype,
    loads: loads.map((load, i) => ({ dtype: load.dtype, spacing: spacings[i] ?? "next" })),
    output: spacingOf(dtype, inner.at(-1) ?? 0),
    steps,
    axes: outer.sizes.length,
  };
  const reference = module.shared(`reduce ${JSON.stringify(form)}`, () => write(module, form));
  return { reference, numbers: [length, results, ...gaps, ...inner, ...nestArguments(outer)] };
}

function directionOf(
  mode: Mode,
  length: number,
  results: number,
  along: readonly Spacing[],
  across: readonly Spacing[],
): Direction {
  if (mode === "scalar") return "single";
  if (results >= 4 && !across.includes("apart") && (across.includes("next") || length < 4)) {
    return "columns";
  }
  return length >= 4 && !along.includes("apart") ? "row" : "single";
}

const least = (name: ReduceName): number =>
  name === "sum" ? 0 : name === "max" ? -Infinity : Infinity;

/** What changes no result. */
function neutral(name: ReduceName, dtype: DType): Expression {
  if (dtype === "float32") return f32x4.const(least(name));
  if (dtype === "float64") return f64.const(least(name));
  const extremes = { sum: 0n, max: -(2n ** 63n), min: 2n ** 63n - 1n };
  return i64.const(extremes[name]);
}

function write(module: ModuleBuilder, form: ReduceShape): FunctionReference {
  const { loads, axes, direction, dtype, mode, output } = form;
  const one = module.shared(`part ${JSON.stringify({ ...form, axes: 0, output: "" })}`, () =>
    writePart(module, form, direction === "columns" ? 4 : 1),
  );
  const narrow =
    direction === "columns"
      ? module.shared(`narrow ${JSON.stringify({ ...form, axes: 0, output: "" })}`, () =>
          writePart(module, form, 1),
        )
      : one;
  const arrays = loads.length + 1;
  const count = arrays + 2 + loads.length + arrays + nestLength(axes, arrays);
  const params = Array.from({ length: count }, () => "i32" as const);
  return module.define(params, undefined, (f, all) => {
    const pointers = all.slice(0, arrays);
    const [length = f.local("i32"), results = f.local("i32")] = all.slice(arrays);
    const gaps = all.slice(arrays + 2, arrays + 2 + loads.length);
    const inner = all.slice(arrays + 2 + loads.length, arrays + 2 + loads.length + arrays);
    const outer = all.slice(arrays + 2 + loads.length + arrays);
    nest(f, axes, pointers, outer, () => {
      const moving = pointers.map((pointer) => f.let(pointer));
      const left = f.let(results);
      const turn = (reference: FunctionReference, lanes: 4 | 1): void => {
        const given = [...moving.slice(0, -1), length, ...gaps];
        const value = call(reference, resultType(dtype), ...given);
        const place = moving.at(-1) ?? left;
        const position = { dtype, spacing: output, address: place, gap: inner.at(-1) ?? left };
        storeAt(f, mode, position, f.let(value), lanes);
        for (const [i, pointer] of moving.entries()) {
          const step = inner[i] ?? left;
          f.increase(pointer, lanes === 4 ? i32.shl(step, i32.const(2)) : step);
        }
        f.increase(left, -lanes);
      };
      if (direction === "columns") f.while(i32.geS(left, i32.const(4)), () => turn(one, 4));
      f.while(i32.gtS(left, i32.const(0)), () => turn(narrow, 1));
    });
  });
}

const resultType = (dtype: DType) =>
  dtype === "float32" ? "v128" : dtype === "float64" ? "f64" : "i64";

/** One result, or four: of addresses, how many are reduced, and the gaps between them. */
function writePart(module: ModuleBuilder, form: ReduceShape, lanes: 4 | 1): FunctionReference {
  const { name, dtype, loads, direction } = form;
  const params = Array.from({ length: 2 * loads.length + 1 }, () => "i32" as const);
  const part = module.define(params, resultType(dtype), (f, all, self) => {
    const pointers = all.slice(0, loads.length);
    const n = all[loads.length] ?? f.local("i32");
    const gaps = all.slice(loads.length + 1);
    const long = direction === "row" ? 4 * RUN : RUN;
    if (name === "sum") {
      f.if(i32.gtU(n, i32.const(long)), () => {
        const half = f.let(i32.and(i32.shrU(n, i32.const(1)), i32.const(-RUN)));
        const first = f.let(select(half, half, i32.const(RUN)));
        const rest = pointers.map((pointer, i) => i32.add(pointer, i32.mul(first, gaps[i] ?? n)));
        const type = resultType(dtype);
        const [a, b] = [
          call(self, type, ...pointers, first, ...gaps),
          call(self, type, ...rest, i32.sub(n, first), ...gaps),
        ];
        f.return(combine("sum", dtype, a, b));
      });
    }
    const total = f.let(neutral(name, dtype));
    const step = (width: 4 | 1, value: Expression): void => {
      f.set(total, combine(name, dtype, total, value));
      for (const [i, pointer] of pointers.entries()) {
        const gap = gaps[i] ?? n;
        f.increase(pointer, width === 4 && direction === "row" ? i32.shl(gap, i32.const(2)) : gap);
      }
      f.increase(n, direction === "row" ? -width : -1);
    };
    if (direction === "row") {
      f.while(i32.geS(n, i32.const(4)), () => step(4, valueOf(module, f, form, pointers, gaps, 4)));
      f.while(i32.gtS(n, i32.const(0)), () => {
        const value = valueOf(module, f, form, pointers, gaps, 1) as V128;
        step(1, v128.bitSelect(value, neutral(name, dtype) as V128, FIRST_LANE));
      });
    } else {
      f.while(n, () => step(1, valueOf(module, f, form, pointers, gaps, lanes)));
    }
    f.give(total);
  });
  return direction === "row" ? acrossLanes(module, form, part) : part;
}

const FIRST_LANE = v128.const(new Uint8Array(Int32Array.of(-1, 0, 0, 0).buffer));

/** The result of a row from its four lanes. */
function acrossLanes(
  module: ModuleBuilder,
  { name, loads }: ReduceShape,
  part: FunctionReference,
): FunctionReference {
  const params = Array.from({ length: 2 * loads.length + 1 }, () => "i32" as const);
  return module.define(params, "v128", (f, all) => {
    const lanes = f.let(call(part, "v128", ...all));
    const swap = (x: V128, places: readonly number[]): V128 =>
      v128.shuffle(
        x,
        x,
        places.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
      );
    const pairs = f.let(combine(name, "float32", lanes, swap(lanes, [2, 3, 0, 1])) as V128);
    f.give(combine(name, "float32", pairs, swap(pairs, [1, 0, 3, 2])));
  });
}

/** What is reduced, at the place of the pointers. */
function valueOf(
  module: ModuleBuilder,
  f: FunctionBuilder,
  { loads, steps, mode, direction }: ReduceShape,
  pointers: readonly Local<"i32">[],
  gaps: readonly I32[],
  lanes: 4 | 1,
): Expression {
  const values: Typed[] = loads.map(({ dtype, spacing }, i) => {
    const [address, gap] = [pointers[i] ?? f.local("i32"), gaps[i] ?? i32.const(0)];
    const value = loadAt(
      f,
      mode,
      { dtype, spacing, address, gap },
      direction === "single" ? 1 : lanes,
    );
    return { dtype, value: f.let(value) };
  });
  for (const { name, operands, dtype } of steps) {
    const given = operands.flatMap((i) => values[i] ?? []);
    values.push({ dtype, value: f.let(applyFunction(module, mode, name, given, dtype)) });
  }
  return values.at(-1)?.value ?? i32.const(0);
}

function combine(name: ReduceName, dtype: DType, a: Expression, b: Expression): Expression {
  if (dtype === "float32") {
    const of = { sum: f32x4.add, max: f32x4.max, min: f32x4.min }[name];
    return of(a as V128, b as V128);
  }
  if (dtype === "float64") {
    const of = { sum: f64.add, max: f64.max, min: f64.min }[name];
    return of(a as Expression<"f64">, b as Expression<"f64">);
  }
  const [x, y] = [a as Expression<"i64">, b as Expression<"i64">];
  if (name === "sum") return i64.add(x, y);
  return select(name === "max" ? i64.gtS(x, y) : i64.ltS(x, y), x, y);
}
