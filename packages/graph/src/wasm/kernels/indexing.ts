/** Elements and rows by number. A number out of range ends the run. */
import type { DType } from "../../dtype.js";
import { select, type I32 } from "../encoder/expression.js";
import type { FunctionBuilder, Local } from "../encoder/function.js";
import type { FunctionReference, ModuleBuilder } from "../encoder/module.js";
import { f32, f64, i32, i64 } from "../encoder/scalar.js";
import { v128 } from "../encoder/vector.js";
import { nest, nestLength } from "./nest.js";

/** A number from 0 to below a size, counted from the end where it is negative. */
function indexAt(f: FunctionBuilder, address: I32, size: I32): Local<"i32"> {
  const given = f.let(i64.load(address));
  const wide = i64.extend(size);
  const index = f.let(select(i64.ltS(given, i64.const(0n)), i64.add(given, wide), given));
  f.if(i32.or(i64.ltS(index, i64.const(0n)), i64.geS(index, wide)), () => f.trap());
  return f.let(i32.wrap(index));
}

/** Copies some bytes. */
function copyBytes(f: FunctionBuilder, from: I32, to: I32, bytes: I32): void {
  const source = f.let(from);
  const target = f.let(to);
  const left = f.let(bytes);
  const advance = (by: number): void => {
    f.increase(source, by);
    f.increase(target, by);
    f.increase(left, -by);
  };
  f.while(i32.geS(left, i32.const(16)), () => {
    f.do(v128.store(target, v128.load(source)));
    advance(16);
  });
  f.while(i32.geS(left, i32.const(4)), () => {
    f.do(i32.store(target, i32.load(source)));
    advance(4);
  });
  f.while(i32.gtS(left, i32.const(0)), () => {
    f.do(i32.store8(target, i32.load8(source)));
    advance(1);
  });
}

/** Rows by number: (data, indices, to, before, rows, how many indices, bytes of a row). */
export function gatherKernel(module: ModuleBuilder): FunctionReference {
  const params = Array.from({ length: 7 }, () => "i32" as const);
  return module.shared("gather", () =>
    module.define(params, undefined, (f, given) => {
      const [data, indices, to, before, rows, count, bytes] = given;
      if (!data || !indices || !to || !before || !rows || !count || !bytes) return;
      f.for(i32.const(0), before, 1, () => {
        const at = f.let(indices);
        f.for(i32.const(0), count, 1, () => {
          const row = indexAt(f, at, rows);
          copyBytes(f, i32.add(data, i32.mul(row, bytes)), to, bytes);
          f.increase(to, bytes);
          f.increase(at, 8);
        });
        f.increase(data, i32.mul(rows, bytes));
      });
    }),
  );
}

/** Writes an element: put in the place of what was there, or added to it. */
function update(f: FunctionBuilder, dtype: DType, to: I32, from: I32, adds: boolean): void {
  switch (dtype) {
    case "float32":
      f.do(f32.store(to, adds ? f32.add(f32.load(to), f32.load(from)) : f32.load(from)));
      break;
    case "float64":
      f.do(f64.store(to, adds ? f64.add(f64.load(to), f64.load(from)) : f64.load(from)));
      break;
    case "int64":
      f.do(i64.store(to, adds ? i64.add(i64.load(to), i64.load(from)) : i64.load(from)));
      break;
    default:
      f.do(i32.store8(to, i32.load8(from)));
  }
}

/**
 * Elements by number along an axis: (indices, elements, array, size of the axis, its stride in the array, nest of the three).
 * Gathering writes `elements` from the array, scattering the array from `elements`.
 */
export function elementsKernel(
  module: ModuleBuilder,
  dtype: DType,
  axes: number,
  direction: "gather" | "scatter" | "add",
): FunctionReference {
  const params = Array.from({ length: 5 + nestLength(axes, 3) }, () => "i32" as const);
  return module.shared(`elements ${dtype} ${axes} ${direction}`, () =>
    module.define(params, undefined, (f, given) => {
      const [indices, elements, array, size, stride, ...around] = given;
      if (!indices || !elements || !array || !size || !stride) return;
      nest(f, axes, [indices, elements, array], around, () => {
        const index = indexAt(f, indices, size);
        const place = f.let(i32.add(array, i32.mul(index, stride)));
        if (direction === "gather") update(f, dtype, elements, place, false);
        else update(f, dtype, place, elements, direction === "add");
      });
    }),
  );
}

/**
 * Rows put or added: (indices, updates, array, how many, elements of a row, then for each part of an index the size of its axis and bytes
 * from one to the next).
 */
export function scatterKernel(
  module: ModuleBuilder,
  dtype: DType,
  depth: number,
  adds: boolean,
): FunctionReference {
  const bytes = { float32: 4, float64: 8, int64: 8, bool: 1 }[dtype];
  const params = Array.from({ length: 5 + 2 * depth }, () => "i32" as const);
  return module.shared(`scatter ${dtype} ${depth} ${adds}`, () =>
    module.define(params, undefined, (f, given) => {
      const [indices, updates, array, count, elements, ...axes] = given;
      if (!indices || !updates || !array || !count || !elements) return;
      f.for(i32.const(0), count, 1, () => {
        const to = f.let(array);
        for (let part = 0; part < depth; part++) {
          const [size, step] = [axes[2 * part] ?? count, axes[2 * part + 1] ?? count];
          const index = indexAt(f, i32.add(indices, i32.const(8 * part)), size);
          f.increase(to, i32.mul(index, step));
        }
        f.increase(indices, 8 * depth);
        f.for(i32.const(0), elements, 1, () => {
          update(f, dtype, to, updates, adds);
          f.increase(to, bytes);
          f.increase(updates, bytes);
        });
      });
    }),
  );
}
