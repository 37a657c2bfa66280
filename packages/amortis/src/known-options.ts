/**
 * Options that nothing reads are refused: one that is misspelt, or meant for something else, would be ignored without a word.
 */
import { InvalidArgumentError } from "@amortis/graph";

/** Every option of an interface, once: one that is forgotten does not compile. */
export type KnownOptions<O> = { readonly [K in keyof Required<O>]: true };

/**
 * Checks that no option is given that another one leaves without anything to say.
 *
 * @param beside what is given as well.
 * @param names of options that nothing reads then.
 * @throws InvalidArgumentError which says which.
 * @example requireUnread("train", options, "data", ["simulations"])
 */
export function requireUnread(
  what: string,
  options: object,
  beside: string,
  names: readonly string[],
): void {
  const given = names.filter((name) => (options as Record<string, unknown>)[name] !== undefined);
  if (given.length === 0) return;
  throw new InvalidArgumentError(
    `${what}: ${given.join(" and ")} would be read by nothing beside ${beside}: leave out ${beside}, or ${given.join(" and ")}`,
  );
}

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
