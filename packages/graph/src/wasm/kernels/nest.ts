/** Loops around loops over several arrays at once: how kernels go over what does not lie in one piece. */
import type { FunctionBuilder, Local } from "../encoder/function.js";
import type { I32 } from "../encoder/expression.js";
import { i32 } from "../encoder/scalar.js";

/** Axes that several arrays are gone over by: each array's strides, in bytes. */
export interface Space {
  readonly sizes: readonly number[];
  /** For each array, strides along the axes. */
  readonly strides: readonly (readonly number[])[];
}

/**
 * The same places in as few axes as possible: those of one element are left out, neighbours that all arrays step through evenly are one.
 * There is always an axis.
 */
export function collapse({ sizes, strides }: Space): Space {
  const kept: { size: number; readonly steps: number[] }[] = [];
  for (const [axis, size] of sizes.entries()) {
    if (size === 1) continue;
    const steps = strides.map((array) => array[axis] ?? 0);
    const last = kept.at(-1);
    if (last !== undefined && last.steps.every((step, i) => step === (steps[i] ?? 0) * size)) {
      kept[kept.length - 1] = { size: last.size * size, steps };
    } else {
      kept.push({ size, steps });
    }
  }
  if (kept.length === 0) kept.push({ size: 1, steps: strides.map(() => 0) });
  return {
    sizes: kept.map(({ size }) => size),
    strides: strides.map((_, i) => kept.map(({ steps }) => steps[i] ?? 0)),
  };
}

/**
 * What a nest of loops is given for its outer axes: sizes, and for each array how far it goes on after each turn of an axis, once the axes
 * within have gone by.
 */
export function nestArguments({ sizes, strides }: Space): readonly number[] {
  return [
    ...sizes,
    ...strides.flatMap((steps) =>
      steps.map(
        (step, axis) =>
          step - (axis + 1 < steps.length ? (steps[axis + 1] ?? 0) * (sizes[axis + 1] ?? 0) : 0),
      ),
    ),
  ];
}

/** Number of parameters of a nest. */
export const nestLength = (axes: number, arrays: number): number => axes * (1 + arrays);

/**
 * Does something at each place of the outer axes; pointers are moved along.
 *
 * @param given the parameters, in the order of `nestArguments`.
 */
export function nest(
  f: FunctionBuilder,
  axes: number,
  pointers: readonly Local<"i32">[],
  given: readonly I32[],
  body: () => void,
  axis = 0,
): void {
  if (axis === axes) return body();
  const left = f.let(given[axis] ?? i32.const(1));
  f.while(left, () => {
    nest(f, axes, pointers, given, body, axis + 1);
    for (const [i, pointer] of pointers.entries()) {
      f.increase(pointer, given[axes + i * axes + axis] ?? i32.const(0));
    }
    f.increase(left, -1);
  });
}
