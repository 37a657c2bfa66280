/**
 * Posteriors of parameters on an offset, from those of what is left once it is taken off.
 */
import type { Floats } from "../data/layout.js";
import type { PosteriorSource } from "./posterior-source.js";

/** Parameters [n, p] with an offset [p] put on, or taken off, in double precision. */
export function shifted(
  parameters: Floats,
  offset: readonly number[] | undefined,
  sign: 1 | -1,
): Float64Array {
  const values = Float64Array.from(parameters);
  if (offset === undefined) return values;
  return values.map((value, at) => value + sign * (offset[at % offset.length] ?? 0));
}

/**
 * A source of θ from one of θ - offset: draws become double, and densities are asked of what is left.
 *
 * @param offset [p], or undefined for none.
 */
export function offsetSource(
  source: PosteriorSource,
  offset: readonly number[] | undefined,
): PosteriorSource {
  if (offset === undefined) return source;
  return {
    ...source,
    draw: async (...asked) => {
      const drawn = await source.draw(...asked);
      return { ...drawn, draws: shifted(drawn.draws, offset, 1) };
    },
    logDensity: (parameters, start, end) =>
      source.logDensity(shifted(parameters, offset, -1), start, end),
  };
}
