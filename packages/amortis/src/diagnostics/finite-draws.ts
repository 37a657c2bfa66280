/**
 * Draws and truths that nothing can be said of: infinite ones, and those whose squares no number holds.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { ScoredDraws } from "./scored-draws.js";

/** Squares of larger numbers overflow, and of smaller ones vanish. */
const [LARGEST, SMALLEST] = [1e150, 1e-150];

/**
 * @throws InvalidArgumentError where names are no names of their own; where a draw or a truth is not finite, or all of a parameter's are too large or too small for their variances to be numbers.
 */
export function requireFinite({ draws, truth, names }: ScoredDraws): void {
  requireNames(names);
  const largest = new Float64Array(names.length);
  see("true value", truth, names, 1, largest);
  see("draw", draws, names, draws.length / truth.length, largest);
  for (const [k, most] of largest.entries()) {
    if (most === 0 || (most > SMALLEST && most < LARGEST)) continue;
    throw new InvalidArgumentError(
      `values of ${names[k]} are up to ${most.toExponential(0)}, whose squares are no numbers: give the parameter in another unit, between ${SMALLEST} and ${LARGEST}`,
    );
  }
}

function requireNames(names: readonly string[]): void {
  const wrong = names.find((name, k) => name.trim() === "" || names.indexOf(name) !== k);
  if (wrong === undefined) return;
  throw new InvalidArgumentError(
    `each parameter needs a name of its own, but the names are ${names.map((name) => `"${name}"`).join(", ")}`,
  );
}

/** Notes the largest size of each parameter's values. */
function see(
  what: string,
  values: ArrayLike<number>,
  names: readonly string[],
  each: number,
  largest: Float64Array,
): void {
  const p = names.length;
  for (let at = 0; at < values.length; at++) {
    const size = Math.abs(values[at] ?? Number.NaN);
    if (!(size < Infinity)) {
      throw new InvalidArgumentError(
        `a ${what} of ${names[at % p]} in data set ${Math.floor(at / (each * p))} is ${values[at]}: true values and draws must be finite; leave the data set out, or give it NaN for its draws, which counts as refused`,
      );
    }
    if (size > (largest[at % p] ?? 0)) largest[at % p] = size;
  }
}
