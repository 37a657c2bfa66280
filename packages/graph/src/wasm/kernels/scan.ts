/** What goes along an axis element by element: running sums, and the place of the largest. */
import type { DType } from "../../dtype.js";
import type { F64, I32, I64 } from "../encoder/expression.js";
import type { FunctionReference, ModuleBuilder } from "../encoder/module.js";
import { f32, f64, i32, i64 } from "../encoder/scalar.js";
import { nest, nestLength } from "./nest.js";

const zero = i32.const(0);

/** A number as float64; sums of float32 are taken in double precision. */
const loadFloat = (dtype: DType, address: I32): F64 =>
  dtype === "float32" ? f64.promote(f32.load(address)) : f64.load(address);

/** Running sums: (from, to, length, strides of both, nest of the two). */
export function cumulateKernel(
  module: ModuleBuilder,
  dtype: DType,
  axes: number,
  exclusive: boolean,
): FunctionReference {
  const params = Array.from({ length: 5 + nestLength(axes, 2) }, () => "i32" as const);
  return module.shared(`cumulate ${dtype} ${axes} ${exclusive}`, () =>
    module.define(params, undefined, (f, given) => {
      const [from, to, length, fromStep, toStep, ...around] = given;
      if (!from || !to || !length || !fromStep || !toStep) return;
      const whole = f.local("i64");
      const real = f.local("f64");
      nest(f, axes, [from, to], around, () => {
        const [x, y] = [f.let(from), f.let(to)];
        f.set(whole, i64.const(0n));
        f.set(real, f64.const(0));
        const add = (): void => {
          if (dtype === "int64") f.set(whole, i64.add(whole, i64.load(x)));
          else f.set(real, f64.add(real, loadFloat(dtype, x)));
        };
        f.for(zero, length, 1, () => {
          if (!exclusive) add();
          if (dtype === "int64") f.do(i64.store(y, whole));
          else if (dtype === "float32") f.do(f32.store(y, f32.demote(real)));
          else f.do(f64.store(y, real));
          if (exclusive) add();
          f.increase(x, fromStep);
          f.increase(y, toStep);
        });
      });
    }),
  );
}

/** Places of the first of the largest: (from, to, length, stride, nest of the two). NaN is larger than anything. */
export function argMaxKernel(module: ModuleBuilder, dtype: DType, axes: number): FunctionReference {
  const params = Array.from({ length: 4 + nestLength(axes, 2) }, () => "i32" as const);
  return module.shared(`argMax ${dtype} ${axes}`, () =>
    module.define(params, undefined, (f, given) => {
      const [from, to, length, step, ...around] = given;
      if (!from || !to || !length || !step) return;
      const best = f.local("i32");
      const [whole, real] = [f.local("i64"), f.local("f64")];
      nest(f, axes, [from, to], around, () => {
        const x = f.let(from);
        f.for(zero, length, 1, (at) => {
          const larger = isLarger(dtype, x, whole, real);
          f.if(i32.or(i32.eqz(at), larger), () => {
            f.set(best, at);
            if (dtype === "int64") f.set(whole, i64.load(x));
            else f.set(real, loadFloat(dtype, x));
          });
          f.increase(x, step);
        });
        f.do(i64.store(to, i64.extend(best)));
      });
    }),
  );
}

function isLarger(dtype: DType, x: I32, whole: I64, real: F64): I32 {
  if (dtype === "int64") return i64.gtS(i64.load(x), whole);
  const value = loadFloat(dtype, x);
  const isNew = i32.and(f64.ne(value, value), f64.eq(real, real));
  return i32.or(f64.gt(value, real), isNew);
}
