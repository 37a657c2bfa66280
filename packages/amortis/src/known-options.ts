/**
 * Options that nothing reads are refused: one that is misspelt, or meant for something else, would be ignored without a word.
 */
import { InvalidArgumentError } from "@amortis/graph";

/** Every option of an interface, once: one that is forgotten does not compile. */
export type KnownOptions<O> = { readonly [K in keyof Required<O>]: true };

/**
 * Checks that options have no names but the known.
 *
 * @throws InvalidArgumentError which says which, and what there is.
 * @example requireKnown("train", options, { simulations: true, seed: true })
 */
export function requireKnown(
  what: string,
  options: object,
  known: Readonly<Record<string, true>>,
): void {
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(known, key));
  if (unknown === undefined) return;
  throw new InvalidArgumentError(
    `${what} has no option "${unknown}"; it has ${Object.keys(known).join(", ")}`,
  );
}
