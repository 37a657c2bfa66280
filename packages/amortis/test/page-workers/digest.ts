/** Bits of simulations in one word, which Node and a browser must agree on. */
import type { SimulatedData } from "../../src/index.js";

/** 300 of `spring`, seed 11. */
export const SPRING_DIGEST = "2c15c5ba";

/** FNV-1a of parameters and data, 32 bits. */
export function digestOf({ parameters, data }: SimulatedData): string {
  let hash = 0x811c9dc5;
  for (const { buffer, byteOffset, byteLength } of [parameters, ...Object.values(data)]) {
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) {
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
