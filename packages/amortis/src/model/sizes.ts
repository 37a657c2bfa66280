/**
 * Named sizes that vary from one data set to the next: how many replicates, elements or places there are.
 */
import type { LargestSizes } from "../data/array-spec.js";
import type { ScalarDistribution } from "../distributions/index.js";
import type { Stream } from "../random/index.js";

/** How many there are: a prior of whole numbers that the simulator is told a draw of, or at most so many, where the simulator chooses. */
export type SizeInput = ScalarDistribution | { readonly upTo: number };

/** Named sizes that vary. */
export type SizeSpec = Readonly<Record<string, SizeInput>>;

/** What a simulator is told of each size: how many it must be; of one that it chooses, how many it may be at most. */
export type SizesOf<S> = { readonly [K in keyof S]: number };

/** Sizes for which programs have names of their own. */
const TAKEN = ["batch", "draws", "parameters"];

/** Largest size: an array of so many numbers is no longer one that fits memory for each of many data sets. */
const MOST = 2 ** 20;

/** What is wrong with the sizes of a model, in words; undefined where nothing is. */
export function wrongSize(sizes: SizeSpec, used: ReadonlySet<string>): string | undefined {
  for (const name of used) {
    if (!Object.hasOwn(sizes, name)) {
      return `the size "${name}" of its data has no prior: give sizes: { ${name}: discreteUniform(1, 50) }, or { ${name}: { upTo: 50 } } where the simulator chooses`;
    }
  }
  for (const [name, size] of Object.entries(sizes)) {
    if (!used.has(name))
      return `no data have the size "${name}": name it in a shape, as in ["${name}", 3]`;
    if (TAKEN.includes(name)) return `no size may be called "${name}": rename it`;
    const numbers = valuesOf(size);
    const bad = numbers?.find((value) => !Number.isInteger(value) || value < 0);
    const most = numbers === undefined ? Number.NaN : Math.max(...numbers);
    if (bad !== undefined || !(most >= 1 && most <= MOST)) {
      return `the size "${name}" must be among whole numbers up to ${MOST}: give a prior such as discreteUniform(1, 50), or { upTo: 50 }`;
    }
  }
  return undefined;
}

/** What the sizes can be at most. */
export function largestSizes(sizes: SizeSpec): LargestSizes {
  return mapSizes(sizes, (size) => Math.max(...(valuesOf(size) ?? [])));
}

/** How many there are of each in one data set. */
export function drawSizes(sizes: SizeSpec, random: Stream): Record<string, number> {
  return mapSizes(sizes, (size) => ("upTo" in size ? size.upTo : (size.sample(random)[0] ?? 0)));
}

function mapSizes(sizes: SizeSpec, map: (size: SizeInput) => number): Record<string, number> {
  return Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, map(size)]));
}

/** Values that a size can have, as far as they bound it; undefined where it is of no finite set. */
function valuesOf(size: SizeInput): readonly number[] | undefined {
  if ("upTo" in size) return [size.upTo];
  const { support } = size;
  return support.kind === "discrete" ? support.values?.[0] : undefined;
}
