/**
 * What a grid says of a posterior along each axis: masses, densities, and peaks that may be narrower than cells.
 */
import type { Grid } from "./grid.js";

/** A grid with what was found on it. */
export interface Evaluated {
  readonly grid: Grid;
  /** log p(Z | θ) p(θ) |cell| of each cell. */
  readonly logs: Float64Array;
  /** The same as probabilities, with sum one. */
  readonly masses: Float64Array;
  /** Logarithm of what their sum was. */
  readonly logEvidence: number;
}

/** Slabs across one axis. */
export interface Profile {
  readonly edges: Float64Array;
  readonly widths: Float64Array;
  readonly masses: Float64Array;
  /** Logarithm of the density along the axis, also where masses are too small for a number. */
  readonly logDensities: Float64Array;
}

/** A peak of a profile that is narrower than its cell, so that its mass is a guess. */
export interface Peak {
  readonly cell: number;
  /** By the parabola through the logarithms of three densities; of the whole mass of the grid, and at most one. */
  readonly mass: number;
}

/** Masses below this have no logarithm worth having. */
const SMALL = 1e-200;

/** The posterior along one axis, the other one summed over. */
export function profileOf(found: Evaluated, axis: number): Profile {
  const { cells } = found.grid.space;
  const edges = found.grid.edges[axis] ?? new Float64Array(cells + 1);
  const widths = Float64Array.from(
    { length: cells },
    (_, i) => (edges[i + 1] ?? 0) - (edges[i] ?? 0),
  );
  const lines = found.masses.length / cells;
  const [stride, across] = axis === 0 ? [1, cells] : [cells, 1];
  const masses = new Float64Array(cells);
  const logDensities = new Float64Array(cells);
  for (let i = 0; i < cells; i++) {
    let mass = 0;
    for (let line = 0; line < lines; line++) mass += found.masses[i * stride + line * across] ?? 0;
    masses[i] = mass;
    const log = mass > SMALL ? Math.log(mass) : logSum(found, i * stride, across, lines);
    logDensities[i] = log - Math.log(widths[i] ?? 1);
  }
  return { edges, widths, masses, logDensities };
}

/** Logarithm of the mass of a slab: cells from a first one on, so far apart. */
function logSum(
  { logs, logEvidence }: Evaluated,
  from: number,
  apart: number,
  count: number,
): number {
  let largest = -Infinity;
  for (let i = 0; i < count; i++) largest = Math.max(largest, logs[from + i * apart] ?? -Infinity);
  if (largest === -Infinity) return largest;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Math.exp((logs[from + i * apart] ?? -Infinity) - largest);
  return largest + Math.log(sum) - logEvidence;
}

/** The largest log p(Z | θ) p(θ) |dθ/dw| at a centre. */
export function highest({ grid: { edges, space }, logs }: Evaluated): number {
  const logWidths = edges.map((line) =>
    Float64Array.from({ length: space.cells }, (_, i) =>
      Math.log((line[i + 1] ?? 0) - (line[i] ?? 0)),
    ),
  );
  const [first, second] = logWidths;
  return logs.reduce((most, log, c) => {
    const logWidth = first?.[c % space.cells] ?? 0;
    const other = second?.[Math.floor(c / space.cells)] ?? 0;
    return Math.max(most, log - logWidth - other);
  }, -Infinity);
}

/**
 * Peaks with less than one standard deviation a cell.
 *
 * A normal mode has a parabola, whatever cells it lies between. What the vertex lies above the cell's own density is at most what its neighbours
 * lie below it: a jump has a steep parabola on one side alone, and is no peak.
 */
export function narrowPeaks({ edges, widths, logDensities }: Profile): readonly Peak[] {
  const peaks: Peak[] = [];
  const centre = (i: number): number => ((edges[i] ?? 0) + (edges[i + 1] ?? 0)) / 2;
  for (let i = 1; i + 1 < widths.length; i++) {
    const [left = 0, here = 0, right = 0] = logDensities.subarray(i - 1, i + 2);
    const [rise, fall] = [here - left, here - right];
    if (!(here > -Infinity && rise >= 0 && fall >= 0 && rise + fall > 0)) continue;
    const [before, after] = [centre(i) - centre(i - 1), centre(i + 1) - centre(i)];
    const [up, down] = [rise / before, fall / after];
    const curvature = (2 * (up + down)) / (before + after);
    const width = widths[i] ?? 0;
    // Beside no mass at all a cell is what it is.
    if (!(curvature < Infinity && curvature * width ** 2 > 1)) continue;
    const slope = (up * after - down * before) / (before + after);
    const gain = Math.min(slope ** 2 / (2 * curvature), rise, fall);
    const logMass = here + gain + 0.5 * Math.log((2 * Math.PI) / curvature);
    peaks.push({ cell: i, mass: Math.exp(Math.min(0, logMass)) });
  }
  return peaks;
}

/**
 * By how much a sum over cells of one axis errs, of the whole mass: the midpoint rule's Σ |f″| h³ / 24, with f″ from three neighbours, and half the first difference
 * in the cells at both ends, where the density may have no derivative.
 */
export function midpointError(
  { grid, masses }: Evaluated,
  { edges, widths }: Profile,
  axis: number,
): number {
  const { cells } = grid.space;
  const lines = masses.length / cells;
  const [stride, across] = axis === 0 ? [1, cells] : [cells, 1];
  const apart = Float64Array.from(
    { length: cells - 1 },
    (_, i) => ((edges[i + 2] ?? 0) - (edges[i] ?? 0)) / 2,
  );
  const density = new Float64Array(cells);
  let error = 0;
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < cells; i++) {
      density[i] = (masses[line * across + i * stride] ?? 0) / (widths[i] ?? 1);
    }
    error += lineError(density, widths, apart);
  }
  return error;
}

function lineError(density: Float64Array, widths: Float64Array, apart: Float64Array): number {
  const n = density.length;
  const difference = (i: number): number => (density[i + 1] ?? 0) - (density[i] ?? 0);
  let error = 0;
  for (let i = 1; i + 1 < n; i++) {
    const [before, after] = [apart[i - 1] ?? 1, apart[i] ?? 1];
    const bend = difference(i) / after - difference(i - 1) / before;
    error += (Math.abs(bend) / (before + after)) * ((widths[i] ?? 0) ** 3 / 12);
  }
  const ends =
    Math.abs(difference(0)) * (widths[0] ?? 0) + Math.abs(difference(n - 2)) * (widths[n - 1] ?? 0);
  return error + ends / 2;
}
