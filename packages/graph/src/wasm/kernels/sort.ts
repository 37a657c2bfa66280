/** The order of elements along an axis, by merging: of equal ones the first comes first, and NaN is larger than anything. */
import type { DType } from "../../dtype.js";
import { select, type I32 } from "../encoder/expression.js";
import type { FunctionBuilder, Local } from "../encoder/function.js";
import type { FunctionReference, ModuleBuilder } from "../encoder/module.js";
import { f32, f64, i32, i64 } from "../encoder/scalar.js";
import { nest, nestLength } from "./nest.js";

/** Whether the element at one address is less than that at another. */
function isLess(dtype: DType, a: I32, b: I32): I32 {
  if (dtype === "int64") return i64.ltS(i64.load(a), i64.load(b));
  const [x, y] = [a, b].map((address) =>
    dtype === "float32" ? f64.promote(f32.load(address)) : f64.load(address),
  );
  if (x === undefined || y === undefined) return i32.const(0);
  return i32.or(f64.lt(x, y), i32.and(f64.eq(x, x), f64.ne(y, y)));
}

/** Places in order, smallest or largest first: (from, to, room for as many places, length, stride, nest of the first two). */
export function sortKernel(
  module: ModuleBuilder,
  dtype: DType,
  axes: number,
  largest: boolean,
): FunctionReference {
  const params = Array.from({ length: 5 + nestLength(axes, 2) }, () => "i32" as const);
  return module.shared(`sort ${dtype} ${axes} ${largest}`, () =>
    module.define(params, undefined, (f, given) => {
      const [from, to, room, length, stride, ...around] = given;
      if (!from || !to || !room || !length || !stride) return;
      const isBefore = (left: I32, right: I32): I32 => {
        const [a, b] = [left, right].map((place) =>
          i32.add(from, i32.mul(i32.wrap(i64.load(place)), stride)),
        );
        if (a === undefined || b === undefined) return i32.const(0);
        return largest ? isLess(dtype, b, a) : isLess(dtype, a, b);
      };
      nest(f, axes, [from, to], around, () => {
        f.for(i32.const(0), length, 1, (i) =>
          f.do(i64.store(i32.add(to, i32.shl(i, i32.const(3))), i64.extend(i))),
        );
        mergeAll(f, { to, room, length }, isBefore);
      });
    }),
  );
}

interface Places {
  readonly to: I32;
  readonly room: I32;
  readonly length: I32;
}

/** Merges runs of one, of two, of four, ... from one array to the other and back. */
function mergeAll(
  f: FunctionBuilder,
  { to, room, length }: Places,
  isBefore: (left: I32, right: I32) => I32,
): void {
  const [source, target] = [f.let(to), f.let(room)];
  const bytes = f.let(i32.shl(length, i32.const(3)));
  const width = f.let(i32.const(8));
  f.while(i32.ltU(width, bytes), () => {
    const start = f.let(i32.const(0));
    f.while(i32.ltU(start, bytes), () => {
      merge(f, source, target, start, width, bytes, isBefore);
      f.increase(start, i32.shl(width, i32.const(1)));
    });
    const swapped = f.let(source);
    f.set(source, target);
    f.set(target, swapped);
    f.set(width, i32.shl(width, i32.const(1)));
  });
  f.if(i32.ne(source, to), () =>
    f.for(i32.const(0), bytes, 8, (at) =>
      f.do(i64.store(i32.add(to, at), i64.load(i32.add(source, at)))),
    ),
  );
}

function merge(
  f: FunctionBuilder,
  source: I32,
  target: I32,
  start: I32,
  width: I32,
  bytes: I32,
  isBefore: (left: I32, right: I32) => I32,
): void {
  const least = (a: I32, b: I32): I32 => select(i32.ltU(a, b), a, b);
  const middle = f.let(least(i32.add(start, width), bytes));
  const end = f.let(least(i32.add(middle, width), bytes));
  const [left, right] = [f.let(start), f.let(middle)];
  const out = f.let(i32.add(target, start));
  const take = (from: Local<"i32">): void => {
    f.do(i64.store(out, i64.load(i32.add(source, from))));
    f.increase(from, 8);
    f.increase(out, 8);
  };
  const isLeft = i32.ltU(left, middle);
  f.while(i32.or(isLeft, i32.ltU(right, end)), () => {
    const comesFirst = f.let(i32.eqz(isLeft));
    f.if(i32.and(isLeft, i32.ltU(right, end)), () =>
      f.set(comesFirst, isBefore(i32.add(source, right), i32.add(source, left))),
    );
    f.if(
      comesFirst,
      () => take(right),
      () => take(left),
    );
  });
}
