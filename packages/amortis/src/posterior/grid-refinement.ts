/**
 * Where the cells of a closer look lie: as many as before, by the posterior's own mass.
 *
 * A sum over cells errs by Σ |f″| h³ / 24, which is least where there are cells in proportion to f^(1/3): half of them are put so. A third follow the
 * mass itself, so that no cell holds much of it, and the rest lie evenly, so that mass which was overlooked turns up. A peak narrower than its cell counts
 * with the mass that it may have. Neighbouring cells differ by no more than a factor, so that what lies beside a peak is not lost in one wide cell.
 *
 * Nothing is cut off: tails get wide cells, and however narrow a mode is, its cell is cut into some fifty for two axes, and some three hundred for one.
 */
import { narrowPeaks, type Profile } from "./grid-profile.js";

/** Shares of cells by f^(1/3), and by mass. */
const BY_ROOT = 0.5;
const BY_MASS = 0.35;

/** Density of cells, at most, of that of the neighbour. */
const GRADING = 2;

/** Which ends a grid is to reach beyond, by as much as it spans. */
export interface Beyond {
  readonly lower: boolean;
  readonly upper: boolean;
}

/** The edges of as many cells, ascending. */
export function closerEdges(profile: Profile, beyond: Beyond): Float64Array {
  const { edges, masses } = extend(profile, beyond);
  const widths = edges.slice(1).map((edge, i) => edge - (edges[i] ?? 0));
  const weights = smooth(masses);
  for (const { cell, mass } of narrowPeaks(profile)) {
    const at = cell + (beyond.lower ? 1 : 0);
    weights[at] = Math.max(weights[at] ?? 0, mass);
  }
  const roots = weights.map((weight, i) => Math.cbrt(weight / (widths[i] ?? 1)) * (widths[i] ?? 0));
  const [byRoot, byMass, evenly] = [share(roots), share(weights), share(widths)];
  const counts = widths.map(
    (_, i) =>
      BY_ROOT * (byRoot[i] ?? 0) +
      BY_MASS * (byMass[i] ?? 0) +
      (1 - BY_ROOT - BY_MASS) * (evenly[i] ?? 0),
  );
  return spread(edges, share(grade(counts, widths)), profile.masses.length);
}

/** With a slab more at ends to reach beyond, as dense as the last one. */
function extend(
  { edges, masses, widths }: Profile,
  beyond: Beyond,
): Pick<Profile, "edges" | "masses"> {
  const [lower = 0, upper = 0] = [edges[0], edges.at(-1)];
  const span = upper - lower;
  const density = (i: number): number => (masses.at(i) ?? 0) / (widths.at(i) ?? 1);
  return {
    edges: Float64Array.of(
      ...(beyond.lower ? [lower - span] : []),
      ...edges,
      ...(beyond.upper ? [upper + span] : []),
    ),
    masses: Float64Array.of(
      ...(beyond.lower ? [density(0) * span] : []),
      ...masses,
      ...(beyond.upper ? [density(-1) * span] : []),
    ),
  };
}

function smooth(masses: Float64Array): Float64Array {
  return masses.map(
    (mass, i) => ((masses[i - 1] ?? mass) + 2 * mass + (masses[i + 1] ?? mass)) / 4,
  );
}

/** With sum one. */
function share(values: Float64Array): Float64Array {
  const sum = values.reduce((a, b) => a + b, 0);
  return values.map((value) => value / sum);
}

/** Numbers of cells by slab, so that their density falls from slab to slab by a factor at most. */
function grade(counts: Float64Array, widths: Float64Array): Float64Array {
  const density = counts.map((count, i) => count / (widths[i] ?? 1));
  const raise = (i: number, from: number): void => {
    density[i] = Math.max(density[i] ?? 0, (density[from] ?? 0) / GRADING);
  };
  for (let i = 1; i < density.length; i++) raise(i, i - 1);
  for (let i = density.length - 2; i >= 0; i--) raise(i, i + 1);
  return density.map((value, i) => value * (widths[i] ?? 0));
}

/** Edges of cells from shares of them by slab. */
function spread(edges: Float64Array, shares: Float64Array, cells: number): Float64Array {
  const result = new Float64Array(cells + 1);
  let [slab, reached] = [0, 0];
  for (let i = 0; i < cells; i++) {
    const level = i / cells;
    while (slab + 1 < shares.length && reached + (shares[slab] ?? 0) < level) {
      reached += shares[slab++] ?? 0;
    }
    const within = (level - reached) / (shares[slab] ?? 1);
    const [from = 0, to = 0] = edges.subarray(slab, slab + 2);
    result[i] = from + Math.min(1, within) * (to - from);
  }
  result[cells] = edges.at(-1) ?? 0;
  return result;
}
