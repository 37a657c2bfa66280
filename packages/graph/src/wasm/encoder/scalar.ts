/** Instructions on one number (https://webassembly.github.io/spec/core/binary/instructions.html). */
import {
  binary,
  load,
  store,
  unary,
  type F32,
  type F64,
  type I32,
  type I64,
} from "./expression.js";

const constantI32 = (value: number): I32 => ({
  type: "i32",
  write: (to) => {
    to.byte(0x41);
    to.signed(value | 0);
  },
});

const constantI64 = (value: bigint): I64 => ({
  type: "i64",
  write: (to) => {
    to.byte(0x42);
    to.signed(BigInt.asIntN(64, value));
  },
});

const constantF32 = (value: number): F32 => ({
  type: "f32",
  write: (to) => {
    to.byte(0x43);
    to.float32(value);
  },
});

const constantF64 = (value: number): F64 => ({
  type: "f64",
  write: (to) => {
    to.byte(0x44);
    to.float64(value);
  },
});

export const i32 = {
  const: constantI32,
  load: load("i32", [0x28]),
  load8: load("i32", [0x2d]),
  store: store("i32", [0x36]),
  store8: store("i32", [0x3a]),
  eqz: unary("i32", "i32", [0x45]),
  eq: binary("i32", "i32", [0x46]),
  ne: binary("i32", "i32", [0x47]),
  ltS: binary("i32", "i32", [0x48]),
  ltU: binary("i32", "i32", [0x49]),
  gtS: binary("i32", "i32", [0x4a]),
  gtU: binary("i32", "i32", [0x4b]),
  leU: binary("i32", "i32", [0x4d]),
  geS: binary("i32", "i32", [0x4e]),
  geU: binary("i32", "i32", [0x4f]),
  add: binary("i32", "i32", [0x6a]),
  sub: binary("i32", "i32", [0x6b]),
  mul: binary("i32", "i32", [0x6c]),
  divU: binary("i32", "i32", [0x6e]),
  and: binary("i32", "i32", [0x71]),
  or: binary("i32", "i32", [0x72]),
  xor: binary("i32", "i32", [0x73]),
  shl: binary("i32", "i32", [0x74]),
  shrU: binary("i32", "i32", [0x76]),
  wrap: unary("i64", "i32", [0xa7]),
} as const;

export const i64 = {
  const: constantI64,
  load: load("i64", [0x29]),
  load8: load("i64", [0x31]),
  load32: load("i64", [0x35]),
  store: store("i64", [0x37]),
  eq: binary("i64", "i32", [0x51]),
  ne: binary("i64", "i32", [0x52]),
  ltS: binary("i64", "i32", [0x53]),
  gtS: binary("i64", "i32", [0x55]),
  leS: binary("i64", "i32", [0x57]),
  geS: binary("i64", "i32", [0x59]),
  add: binary("i64", "i64", [0x7c]),
  sub: binary("i64", "i64", [0x7d]),
  mul: binary("i64", "i64", [0x7e]),
  divS: binary("i64", "i64", [0x7f]),
  and: binary("i64", "i64", [0x83]),
  or: binary("i64", "i64", [0x84]),
  shl: binary("i64", "i64", [0x86]),
  shrS: binary("i64", "i64", [0x87]),
  shrU: binary("i64", "i64", [0x88]),
  extend: unary("i32", "i64", [0xac]),
  extendU: unary("i32", "i64", [0xad]),
  truncF32: unary("f32", "i64", [0xfc, 4]),
  truncF64: unary("f64", "i64", [0xfc, 6]),
  ofBits: unary("f64", "i64", [0xbd]),
} as const;

export const f32 = {
  const: constantF32,
  load: load("f32", [0x2a]),
  store: store("f32", [0x38]),
  eq: binary("f32", "i32", [0x5b]),
  ne: binary("f32", "i32", [0x5c]),
  lt: binary("f32", "i32", [0x5d]),
  gt: binary("f32", "i32", [0x5e]),
  le: binary("f32", "i32", [0x5f]),
  ge: binary("f32", "i32", [0x60]),
  add: binary("f32", "f32", [0x92]),
  mul: binary("f32", "f32", [0x94]),
  convertI32: unary("i32", "f32", [0xb2]),
  convertI64: unary("i64", "f32", [0xb4]),
  demote: unary("f64", "f32", [0xb6]),
} as const;

export const f64 = {
  const: constantF64,
  load: load("f64", [0x2b]),
  store: store("f64", [0x39]),
  eq: binary("f64", "i32", [0x61]),
  ne: binary("f64", "i32", [0x62]),
  lt: binary("f64", "i32", [0x63]),
  gt: binary("f64", "i32", [0x64]),
  le: binary("f64", "i32", [0x65]),
  ge: binary("f64", "i32", [0x66]),
  abs: unary("f64", "f64", [0x99]),
  neg: unary("f64", "f64", [0x9a]),
  floor: unary("f64", "f64", [0x9c]),
  nearest: unary("f64", "f64", [0x9e]),
  sqrt: unary("f64", "f64", [0x9f]),
  add: binary("f64", "f64", [0xa0]),
  sub: binary("f64", "f64", [0xa1]),
  mul: binary("f64", "f64", [0xa2]),
  div: binary("f64", "f64", [0xa3]),
  min: binary("f64", "f64", [0xa4]),
  max: binary("f64", "f64", [0xa5]),
  copySign: binary("f64", "f64", [0xa6]),
  convertI32: unary("i32", "f64", [0xb7]),
  convertI64: unary("i64", "f64", [0xb9]),
  promote: unary("f32", "f64", [0xbb]),
  ofBits: unary("i64", "f64", [0xbf]),
} as const;
