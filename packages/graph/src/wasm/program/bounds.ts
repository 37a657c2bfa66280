/**
 * What a program may take, checked before anything of it is compiled: operators and types are those of the table (onnx/signature.ts), and here are sizes,
 * turns and memory. A program from a stranger, or a call that is larger than was thought, breaks one of them and ends in one clear error.
 */
import { UnsupportedError } from "../../errors.js";
import { LIMITS } from "../../onnx/read-model.js";
import { sizeOf, type Value } from "../../onnx/operator.js";
import { BYTES } from "./operations.js";

/** Bytes of one value, which views by strides of 32 bits must reach over. */
const MOST_VALUE = 2 ** 31;

/** Bytes that a call works in, beside inputs and weights: what addresses of 32 bits reach, and room for those. */
const MOST_MEMORY = 2 ** 32 - 2 ** 26;

/** Operations that nodes are taken apart into. */
const MOST_OPERATIONS = 4 * LIMITS.nodes;

/** Turns of a loop, which are counted in 32 bits. */
const MOST_TURNS = 2 ** 31 - 1;

const mebibytes = (bytes: number): string =>
  `${Math.ceil(bytes / 2 ** 20).toLocaleString("en")} MiB`;

/** @throws UnsupportedError where a value has too many axes or elements. */
export function checkValue({ dtype, shape }: Value): void {
  if (shape.length > LIMITS.rank) {
    throw new UnsupportedError(`a value has ${shape.length} axes, more than ${LIMITS.rank}`);
  }
  const bytes = sizeOf(shape) * BYTES[dtype];
  if (bytes <= MOST_VALUE) return;
  throw new UnsupportedError(
    `a value of shape [${shape.join(", ")}] takes ${mebibytes(bytes)}, more than ${mebibytes(MOST_VALUE)}: ask for less at once`,
  );
}

/** @throws UnsupportedError where nodes are taken apart into too many operations. */
export function checkOperations(count: number): void {
  if (count <= MOST_OPERATIONS) return;
  throw new UnsupportedError(`the program takes more than ${MOST_OPERATIONS} operations`);
}

/** @throws UnsupportedError where a call works in more memory than there can be. */
export function checkMemory(bytes: number): void {
  if (bytes <= MOST_MEMORY) return;
  throw new UnsupportedError(
    `a call of this size works in ${mebibytes(bytes)} of memory, more than ${mebibytes(MOST_MEMORY)}: ask for less at once`,
  );
}

/** @throws UnsupportedError where a loop turns too often, or stacks too much. */
export function checkTurns(turns: number, stackedBytes: number): void {
  if (turns > MOST_TURNS) {
    throw new UnsupportedError(`a loop turns ${turns} times, more than ${MOST_TURNS}`);
  }
  if (turns * stackedBytes <= MOST_VALUE) return;
  throw new UnsupportedError(
    `a loop of ${turns} turns stacks ${mebibytes(turns * stackedBytes)}, more than ${mebibytes(MOST_VALUE)}: run fewer turns at once`,
  );
}
