/**
 * Whether a grid resolves a posterior.
 *
 * It does where sums over its cells err by little, no cell holds much, no peak is narrower than a cell, and nothing is left beyond its ends.
 */
import { makeGrid, type Grid } from "./grid.js";
import {
  midpointError,
  narrowPeaks,
  profileOf,
  type Evaluated,
  type Profile,
} from "./grid-profile.js";
import { closerEdges, type Beyond } from "./grid-refinement.js";

/** What sums over cells may err by, of the mass, by axes: of a normal density on even cells its sd spans 2.8 of them along one axis, or 2.8 times 2.8. */
const ERROR = [0.005, 0.01] as const;

/** The same of few points of one's own choice, times their square: 40 of one parameter are held to 0.005. */
const FEW = 8;

/** Largest share of the mass that one cell may hold, by axes. */
const LARGEST = [0.04, 0.02] as const;

/** Mass that peaks narrower than their cells may have beyond what the cells about them hold. */
const HIDDEN = 1e-3;

/** Density at an end, of the largest, from which on the posterior goes on beyond. */
const AT_END = 0.01;

/** What is thought of a grid. */
export type Verdict =
  | { readonly kind: "resolved" }
  /** How many times worse than it may be, how, and the grid for a closer look; Infinity where it does not reach far enough. */
  | {
      readonly kind: "again";
      readonly excess: number;
      readonly found: string;
      readonly next: () => Grid;
    }
  /** Nothing helps, and no other method would. */
  | { readonly kind: "never"; readonly found: string; readonly advice: string };

/**
 * @param beyond whether likelihoods mean something beyond ten standard deviations of the prior; a learned one does not.
 */
export function judgeGrid(found: Evaluated, beyond: boolean): Verdict {
  const { axes, endless } = found.grid.space;
  const profiles = Array.from({ length: axes }, (_, axis) => profileOf(found, axis));
  const ends = profiles.map((profile, axis) => (endless[axis] === true ? atEnds(profile) : WITHIN));
  const atEnd = ends.some(({ lower, upper }) => lower || upper);
  const next = (): Grid =>
    makeGrid(
      found.grid.space,
      profiles.map((profile, axis) => closerEdges(profile, ends[axis] ?? WITHIN)),
    );
  if (!profiles.every((profile, axis) => isToldApart(found.grid, profile, axis))) return TOO_FINE;
  if (atEnd)
    return beyond ? { kind: "again", excess: Infinity, found: BEYOND.found, next } : BEYOND;
  const worst = excessOf(found, profiles);
  return worst.excess > 1 ? { kind: "again", ...worst, next } : { kind: "resolved" };
}

const TOO_FINE = {
  kind: "never",
  found: "is narrower than numbers of single precision can tell apart",
  advice: "write the model in parameters whose posterior is not so close to one number",
} as const;

const BEYOND = {
  kind: "never",
  found: "lies at the end of the grid or beyond, ten standard deviations from the prior's mean",
  advice: 'check the data and the prior, or ask for method "mcmc"',
} as const;

const WITHIN: Beyond = { lower: false, upper: false };

function atEnds({ logDensities }: Profile): Beyond {
  const bound = logDensities.reduce((a, b) => Math.max(a, b), -Infinity) + Math.log(AT_END);
  return {
    lower: (logDensities[0] ?? 0) > bound,
    upper: (logDensities.at(-1) ?? 0) > bound,
  };
}

/** What is worst of a grid: how many times more than it may be. */
function excessOf(
  found: Evaluated,
  profiles: readonly Profile[],
): { readonly excess: number; readonly found: string } {
  const { axes, cells } = found.grid.space;
  const error = profiles.reduce(
    (sum, profile, axis) => sum + midpointError(found, profile, axis),
    0,
  );
  const largest = found.masses.reduce((a, b) => Math.max(a, b), 0);
  const hidden = profiles.reduce((sum, profile) => sum + hiddenMass(profile), 0);
  const flaws = [
    [error, Math.max(ERROR[axes - 1] ?? 0, FEW / cells ** 2), "sums over them err by"],
    [largest, Math.max(LARGEST[axes - 1] ?? 0, 2 / found.masses.length), "the largest holds"],
    [hidden, HIDDEN, "between them may lie"],
  ] as const;
  return flaws
    .map(([value, most, what]) => ({
      excess: value / most,
      found: `is too narrow for ${cells} cells along each axis, wherever they lie: ${what} ${percent(value)} of the mass (at most ${percent(most)} may be)`,
    }))
    .reduce((a, b) => (b.excess > a.excess ? b : a));
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

/** What peaks narrower than their cells may have beyond what is there. */
function hiddenMass(profile: Profile): number {
  const at = (i: number): number => profile.masses[i] ?? 0;
  return narrowPeaks(profile).reduce(
    (sum, { cell, mass }) => sum + Math.max(0, mass - at(cell - 1) - at(cell) - at(cell + 1)),
    0,
  );
}

/** Whether parameters are different numbers, once rounded, at steps of half a standard deviation (of a normal density) from the highest slab. */
function isToldApart(
  { space, edges }: Grid,
  { logDensities, widths }: Profile,
  axis: number,
): boolean {
  const peak = logDensities.indexOf(logDensities.reduce((a, b) => Math.max(a, b), -Infinity));
  const highest = Math.exp(logDensities[peak] ?? 0);
  const line = edges[axis] ?? new Float64Array(1);
  const from = line[peak] ?? 0;
  // Of a peak within one cell nothing is known but that it is narrower.
  const step = Math.max(0.2 / highest, widths[peak] ?? 0);
  const sign = from + 2 * step > (line.at(-1) ?? 0) ? -1 : 1;
  const points = [0, 1, 2].map((steps) => {
    const at = from + sign * steps * step;
    const w = Float64Array.from(edges, (other, i) => (i === axis ? at : middle(other)));
    return Float32Array.from(space.toParameters(w)).join();
  });
  return new Set(points).size === points.length;
}

function middle(line: Float64Array): number {
  return ((line[0] ?? 0) + (line.at(-1) ?? 0)) / 2;
}
