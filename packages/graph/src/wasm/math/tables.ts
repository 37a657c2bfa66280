/**
 * Numbers that functions read from memory, at its start.
 *
 * A vector that is a constant of the code is put together anew, from two integers, wherever V8 has no register left for it, which in a long polynomial is at every
 * term; read from memory and spread it is one instruction.
 */
import type { V128 } from "../encoder/expression.js";
import { i32 } from "../encoder/scalar.js";
import { v128 } from "../encoder/vector.js";

/** 2/π in pieces of 24 bits. */
const TWO_OVER_PI: readonly number[] = [
  0xa2f983, 0x6e4e44, 0x1529fc, 0x2757d1, 0xf534dd, 0xc0db62, 0x95993c, 0x439041, 0xfe5163,
  0xabdebb, 0xc561b7, 0x246e3a, 0x424dd2, 0xe00649, 0x2eea09, 0xd1921c, 0xfe1deb, 0x1cb129,
  0xa73ee8, 0x8235f5, 0x2ebb44, 0x84e99c, 0x7026b4, 0x5f7e41, 0x3991d6, 0x398353, 0x39f49c,
  0x845f8b, 0xbdf928, 0x3b1ff8, 0x97ffde, 0x5980f, 0xef2f11, 0x8b5a0a, 0x6d1f6d, 0x367ecf, 0x27cb09,
  0xb74f46, 0x3f669e, 0x5fea2d, 0x7527ba, 0xc7ebe5, 0xf17b3d, 0x739f7, 0x8a5292, 0xea6bfb, 0x5fb11f,
  0x8d5d08, 0x560330, 0x46fc7b, 0x6babf0, 0xcfbc20, 0x9af436, 0x1da9e3,
];

/** Where the table of 2/π is, as float64. */
export const TWO_OVER_PI_ADDRESS = 64;

/** Where numbers of float32 begin. */
const SINGLES_ADDRESS = TWO_OVER_PI_ADDRESS + 8 * TWO_OVER_PI.length;

/** What functions of float32 are made of, by bits: they are added as their modules are loaded, and before there is any memory. */
const singles: number[] = [];

/** How many there is room for before what a session keeps there (`CELLS` in heap.ts). */
export const MOST_SINGLES = (1024 - SINGLES_ADDRESS) / 4;

const bitsOf = (value: number): number => new Int32Array(Float32Array.of(value).buffer)[0] ?? 0;

function entry(bits: number): V128 {
  const known = singles.indexOf(bits);
  const at = known < 0 ? singles.push(bits) - 1 : known;
  if (at >= MOST_SINGLES) throw new RangeError(`the table has room for ${MOST_SINGLES} numbers`);
  return v128.load32Splat(i32.const(0), SINGLES_ADDRESS + 4 * at);
}

/** Four times a number, from the table. Call it as a module is loaded. */
export const tabled = (value: number): V128 => entry(bitsOf(value));

/** Four times a whole number, from the table. Call it as a module is loaded. */
export const tabledInteger = (value: number): V128 => entry(value | 0);

/** Writes the tables into a memory. */
export function writeTables({ buffer }: WebAssembly.Memory): void {
  new Float64Array(buffer, TWO_OVER_PI_ADDRESS).set(TWO_OVER_PI);
  new Int32Array(buffer, SINGLES_ADDRESS).set(singles);
}
