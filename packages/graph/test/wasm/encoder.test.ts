/** Modules by the encoder: bytes as the specification has them, and what WebAssembly makes of them. */
import { describe, expect, test } from "vitest";
import { Bytes } from "../../src/wasm/encoder/bytes.js";
import { select } from "../../src/wasm/encoder/expression.js";
import { call, ModuleBuilder, run } from "../../src/wasm/encoder/module.js";
import { f32, f64, i32, i64 } from "../../src/wasm/encoder/scalar.js";
import { f32x4, i32x4, v128 } from "../../src/wasm/encoder/vector.js";

function encoded(write: (to: Bytes) => void): readonly number[] {
  const bytes = new Bytes();
  write(bytes);
  return [...bytes.view()];
}

async function exportsOf(builder: ModuleBuilder, memory = new WebAssembly.Memory({ initial: 1 })) {
  const bytes = builder.finish();
  expect(WebAssembly.validate(bytes)).toBe(true);
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  return instance.exports as Record<string, (...given: readonly (number | bigint)[]) => unknown>;
}

describe("numbers", () => {
  test("unsigned ones are in LEB128", () => {
    expect(encoded((to) => to.unsigned(624485))).toEqual([0xe5, 0x8e, 0x26]);
    expect(encoded((to) => to.unsigned(0))).toEqual([0]);
    expect(encoded((to) => to.unsigned(2 ** 32 - 1))).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
  });

  test("signed ones are in LEB128, with their sign", () => {
    expect(encoded((to) => to.signed(-123456))).toEqual([0xc0, 0xbb, 0x78]);
    expect(encoded((to) => to.signed(63))).toEqual([0x3f]);
    expect(encoded((to) => to.signed(64))).toEqual([0xc0, 0]);
    expect(encoded((to) => to.signed(-64))).toEqual([0x40]);
    expect(encoded((to) => to.signed(-(2n ** 63n)))).toEqual([
      0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f,
    ]);
  });
});

test("instructions are those of the specification", () => {
  expect(encoded(i32.add(i32.const(1), i32.const(2)).write)).toEqual([0x41, 1, 0x41, 2, 0x6a]);
  expect(encoded(f32.const(1).write)).toEqual([0x43, 0, 0, 0x80, 0x3f]);
  // f32x4.add is 228, which takes two bytes after the prefix.
  expect(encoded(f32x4.add(v128.load(i32.const(0)), v128.load(i32.const(0), 16)).write)).toEqual([
    0x41, 0, 0xfd, 0, 0, 0, 0x41, 0, 0xfd, 0, 0, 16, 0xfd, 0xe4, 0x01,
  ]);
  expect(encoded(v128.store32Lane(i32.const(8), v128.load(i32.const(0)), 3, 4).write)).toEqual([
    0x41, 8, 0x41, 0, 0xfd, 0, 0, 0, 0xfd, 90, 0, 4, 3,
  ]);
});

test("a module of one function is this one, byte for byte", () => {
  const module = new ModuleBuilder();
  module.export(
    "add",
    module.define(["i32", "i32"], "i32", (f, [a, b]) => f.give(i32.add(a, b))),
  );
  expect([...module.finish()]).toEqual(
    [
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      [1, 7, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f],
      [2, 15, 1, 3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 0, 0],
      [3, 2, 1, 0],
      [7, 7, 1, 3, 0x61, 0x64, 0x64, 0, 0],
      [10, 9, 1, 7, 0, 0x20, 0, 0x20, 1, 0x6a, 0x0b],
    ].flat(),
  );
});

test("functions loop, branch and call themselves and others", async () => {
  const module = new ModuleBuilder();
  const factorial = module.define(["i64"], "i64", (f, [n], self) => {
    f.if(i64.leS(n, i64.const(1n)), () => f.return(i64.const(1n)));
    f.give(i64.mul(n, call(self, "i64", i64.sub(n, i64.const(1n)))));
  });
  const sum = module.define(["i32"], "i32", (f, [n]) => {
    const total = f.local("i32");
    f.for(i32.const(0), n, 1, (i) => f.increase(total, i));
    f.give(total);
  });
  const larger = module.define(["f64", "f64"], "f64", (f, [a, b]) =>
    f.give(select(f64.gt(a, b), a, b)),
  );
  module.export("factorial", factorial);
  module.export("sum", sum);
  module.export("larger", larger);
  const made = await exportsOf(module);
  expect(made["factorial"]?.(20n)).toBe(2432902008176640000n);
  expect(made["sum"]?.(101)).toBe(5050);
  expect(made["sum"]?.(0)).toBe(0);
  expect(made["larger"]?.(2, -3)).toBe(2);
});

test("vectors are loaded, worked on and stored, lane by lane", async () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new ModuleBuilder();
  const scale = module.define(["i32", "f32"], undefined, (f, [at, by]) => {
    const x = f.let(f32x4.mul(v128.load(at), f32x4.splat(by)));
    f.do(v128.store(at, x, 16));
    f.do(v128.store32Lane(at, x, 2, 32));
    const large = f.let(f32x4.gt(x, f32x4.const(5)));
    f.do(v128.store(at, v128.bitSelect(x, f32x4.const(-1), large), 48));
    f.do(v128.store(at, i32x4.shl(v128.load(at), i32.const(1)), 64));
  });
  module.export(
    "twice",
    module.define(["i32"], undefined, (f, [at]) => {
      f.do(run(scale, at, f32.const(2)));
    }),
  );
  const { twice } = await exportsOf(module, memory);
  const floats = new Float32Array(memory.buffer);
  floats.set([1, 2, 3, 4]);
  twice?.(0);
  expect([...floats.subarray(4, 8)]).toEqual([2, 4, 6, 8]);
  expect(floats[8]).toBe(6);
  expect([...floats.subarray(12, 16)]).toEqual([-1, -1, 6, 8]);
});

test("functions of one key are one", () => {
  const module = new ModuleBuilder();
  const make = () => module.define([], "i32", (f) => f.give(i32.const(1)));
  expect(module.shared("a", make)).toBe(module.shared("a", make));
  expect(module.shared("b", make)).not.toBe(module.shared("a", make));
});
