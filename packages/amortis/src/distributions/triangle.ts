/**
 * Symmetric matrices as flat vectors: the lower triangle, row by row, with the diagonal or without.
 */
import { constant, linear, reshape, type Tensor } from "@amortis/graph";

/** Places of a triangle's entries in a row-major matrix [d, d]. */
export function trianglePlaces(d: number, diagonal: boolean): readonly number[] {
  return Array.from({ length: d }, (_, i) =>
    Array.from({ length: i + (diagonal ? 1 : 0) }, (__, j) => i * d + j),
  ).flat();
}

/** The size of matrices whose triangle, with its diagonal, has so many entries. */
export function triangleSize(entries: number): number {
  return Math.round((Math.sqrt(8 * entries + 1) - 1) / 2);
}

/** The symmetric matrix [d, d] of a triangle; without its diagonal, that is of ones. */
export function symmetricOf(
  entries: ArrayLike<number>,
  d: number,
  diagonal: boolean,
): Float64Array {
  const matrix = new Float64Array(d * d).fill(1);
  for (const [k, at] of trianglePlaces(d, diagonal).entries()) {
    const [i, j] = [Math.floor(at / d), at % d];
    matrix[i * d + j] = matrix[j * d + i] = entries[k] ?? Number.NaN;
  }
  return matrix;
}

/** The triangle of a matrix [d, d]. */
export function triangleOf(matrix: ArrayLike<number>, d: number, diagonal: boolean): Float64Array {
  return Float64Array.from(trianglePlaces(d, diagonal), (at) => matrix[at] ?? Number.NaN);
}

/** Triangles [..., entries] with their diagonal as matrices [..., d, d]: symmetric, or zero above the diagonal. */
export function matricesOf(entries: Tensor, d: number, kind: "symmetric" | "lower"): Tensor {
  const places = trianglePlaces(d, true);
  const mirrored = (at: number): number => (at % d) * d + Math.floor(at / d);
  const picks = places.flatMap((at) =>
    Array.from({ length: d * d }, (_, to) =>
      to === at || (kind === "symmetric" && to === mirrored(at)) ? 1 : 0,
    ),
  );
  const flat = linear(entries, constant(picks, [places.length, d * d], entries.dtype));
  return reshape(flat, [...flat.shape.slice(0, -1), d, d], flat);
}

/** The triangles of matrices [..., d, d], with their diagonal: [..., entries]. */
export function trianglesOf(matrices: Tensor, d: number): Tensor {
  const places = trianglePlaces(d, true);
  const picks = Array.from({ length: d * d * places.length }, (_, at) =>
    places[at % places.length] === Math.floor(at / places.length) ? 1 : 0,
  );
  const flat = reshape(matrices, [...matrices.shape.slice(0, -2), d * d], matrices);
  return linear(flat, constant(picks, [d * d, places.length], matrices.dtype));
}
