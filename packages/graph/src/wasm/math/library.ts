/** The elementary functions as functions of a module, each there once and only where it is called. */
import type { F64, V128 } from "../encoder/expression.js";
import { call, type FunctionReference, type ModuleBuilder } from "../encoder/module.js";
import { f32, f64 } from "../encoder/scalar.js";
import { f32x4 } from "../encoder/vector.js";
import * as double from "./double.js";
import * as single from "./single.js";

/** Functions of one operand. */
export type UnaryFunction = "exp" | "log" | "tanh" | "sigmoid" | "erf" | "sin" | "cos";

const DOUBLE: Readonly<Partial<Record<UnaryFunction, double.ScalarFunction>>> = {
  exp: double.exp,
  log: double.log,
  tanh: double.tanh,
  sigmoid: double.sigmoid,
  sin: double.sin,
  cos: double.cos,
};

/** Those that are not here have no form for four numbers at a time: each goes by double precision. */
const SINGLE: Readonly<Partial<Record<UnaryFunction, single.VectorFunction>>> = {
  exp: single.exp,
  log: single.log,
  tanh: single.tanh,
  sigmoid: single.sigmoid,
  erf: single.erf,
};

/** f(x) in double precision. @throws TypeError for erf, which programs have in single precision alone. */
export function callDouble(module: ModuleBuilder, name: UnaryFunction, x: F64): F64 {
  const write = DOUBLE[name];
  if (write === undefined) throw new TypeError(`there is no ${name} in double precision`);
  const reference = module.shared(`${name}64`, () =>
    module.define(["f64"], "f64", (f, [given]) => f.give(write(f, given))),
  );
  return call(reference, "f64", x);
}

/** f(x) of four numbers. */
export function callSingle(module: ModuleBuilder, name: UnaryFunction, x: V128): V128 {
  const reference = module.shared(`${name}32`, () =>
    module.define(["v128"], "v128", (f, [given]) => {
      const write = SINGLE[name];
      const each = ([one = f64.const(0)]: readonly F64[]): F64 => callDouble(module, name, one);
      f.give(write === undefined ? byLane([given], each) : write(f, given));
    }),
  );
  return call(reference, "v128", x);
}

function pow64(module: ModuleBuilder): FunctionReference {
  return module.shared("pow64", () =>
    module.define(["f64", "f64"], "f64", (f, [a, b]) => f.give(double.pow(f, a, b))),
  );
}

export function callPow(module: ModuleBuilder, a: F64, b: F64): F64 {
  return call(pow64(module), "f64", a, b);
}

/** Powers of four numbers. */
export function callPowSingle(module: ModuleBuilder, a: V128, b: V128): V128 {
  const reference = module.shared("pow32", () =>
    module.define(["v128", "v128"], "v128", (f, given) => {
      f.give(byLane(given, ([x, y]) => callPow(module, x ?? f64.const(0), y ?? f64.const(0))));
    }),
  );
  return call(reference, "v128", a, b);
}

/** A function of float64, of each lane. */
function byLane(operands: readonly V128[], of: (lanes: readonly F64[]) => F64): V128 {
  const lanes = [0, 1, 2, 3].map((at) =>
    f32.demote(of(operands.map((x) => f64.promote(f32x4.lane(x, at))))),
  );
  const [first = f32.const(0), ...others] = lanes;
  return others.reduce<V128>((x, lane, i) => f32x4.replace(x, i + 1, lane), f32x4.splat(first));
}
