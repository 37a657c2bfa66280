/** Whether an engine has relaxed SIMD, by which products are fused with sums. */
import { ModuleBuilder } from "./encoder/module.js";
import { i32 } from "./encoder/scalar.js";
import { f32x4, v128 } from "./encoder/vector.js";

let known: boolean | undefined;

export function hasRelaxedSimd(): boolean {
  if (known === undefined) {
    const module = new ModuleBuilder();
    module.define([], undefined, (f) => {
      const x = f.let(f32x4.const(1));
      f.do(v128.store(i32.const(0), f32x4.relaxedMadd(x, x, x)));
    });
    known = WebAssembly.validate(module.finish());
  }
  return known;
}
