/**
 * Data of groups within groups, as arrays: those of one innermost group, and the same of all groups of a data set, [groups, ..., ...shape].
 *
 * Groups and elements that are not there are NaN. Numbers that share units in one group share them in all, so that what is learned of the arrays of all groups is what
 * networks of one group see by.
 */
import { mayLack, type ArraySpec, type ArraySpecs } from "./array-spec.js";
import type { Moments } from "./moments.js";
import type { Standardization } from "./standardization.js";

/**
 * The arrays of all groups.
 *
 * @param innermost the arrays of one innermost group.
 * @param counts the levels, outermost first: the name of each, and how many groups it has within one of the level above, at most.
 */
export function nestedSpecs(
  innermost: ArraySpecs,
  counts: readonly (readonly [level: string, most: number])[],
): ArraySpecs {
  const [outermost] = counts;
  if (outermost === undefined) return innermost;
  const sizes = counts.map(([, most]) => most);
  return Object.fromEntries(
    Object.entries(innermost).map(([name, spec]) => [
      name,
      Object.freeze({
        kind: "set",
        shape: Object.freeze([...sizes, ...spec.shape]),
        channels: hasColumns(spec),
        varies: true,
        size: outermost[0],
        missing: counts.length > 1 || mayLack(spec),
      } satisfies ArraySpec),
    ]),
  );
}

/** Whether the last axis has units of its own in each place. */
function hasColumns({ kind, shape, channels }: ArraySpec): boolean {
  return channels || ((kind === "array" || kind === "vector") && shape.length === 1);
}

/** What was learned of the arrays of all groups, as networks of one innermost group see by it. */
export function innermostStandardization(
  standardization: Standardization,
  innermost: ArraySpecs,
): Standardization {
  const data = Object.entries(standardization.data).map(([name, moments]) => [
    name,
    innermostMoments(moments, innermost[name]?.shape.length ?? 0),
  ]);
  return { ...standardization, data: Object.fromEntries(data) };
}

/** Moments of the last `rank` axes; of those before, none has units of its own. */
function innermostMoments(moments: Moments, rank: number): Moments {
  const { shape } = moments;
  return shape === undefined ? moments : { ...moments, shape: shape.slice(shape.length - rank) };
}
