/**
 * Winograd's minimal filtering F(4×4, 3×3) as constant matrices (Lavin & Gray 2016, arXiv 1509.09308).
 *
 * A 3×3 convolution of a small map is, at 36 "frequencies" and for each tile of 4×4 outputs, one product over channels. With the
 * spatial axes outermost, moving to the frequencies and back are products with constant matrices from the left: nothing is
 * sliced, padded or copied, and the gradient is the same products transposed.
 */

/** Rows times columns of numbers. */
export type Matrix = readonly (readonly number[])[];

const INPUT: Matrix = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
];

const KERNEL: Matrix = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];

const OUTPUT: Matrix = [
  [1, 1, 1, 1, 1, 0],
  [0, 1, -1, 2, -2, 0],
  [0, 1, 1, 4, 4, 0],
  [0, 1, -1, 8, -8, 1],
];

/** Outputs of a tile along an axis. */
const TILE = 4;
/** Frequencies along an axis. */
const FREQUENCIES = 6;

/** Extent of a map, and how much border precedes it. */
export interface Extent {
  readonly height: number;
  readonly width: number;
  readonly top: number;
  readonly left: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
}

/** Number of tiles that cover the outputs. */
export function tileCount({ outputHeight, outputWidth }: Extent): number {
  return Math.ceil(outputHeight / TILE) * Math.ceil(outputWidth / TILE);
}

const at = (matrix: Matrix, i: number, j: number): number => matrix[i]?.[j] ?? 0;

/** From pixels to frequencies: [36 · tiles, height · width], frequencies outermost. */
export function inputTransform(extent: Extent): Float64Array {
  const { height, width, top, left, outputWidth } = extent;
  const across = Math.ceil(outputWidth / TILE);
  const tiles = tileCount(extent);
  const result = new Float64Array(FREQUENCIES ** 2 * tiles * height * width);
  for (let f = 0; f < FREQUENCIES ** 2; f++) {
    for (let t = 0; t < tiles; t++) {
      const row = (f * tiles + t) * height * width;
      const y0 = TILE * Math.floor(t / across) - top;
      const x0 = TILE * (t % across) - left;
      for (let dy = 0; dy < FREQUENCIES; dy++) {
        for (let dx = 0; dx < FREQUENCIES; dx++) {
          const [y, x] = [y0 + dy, x0 + dx];
          if (y < 0 || x < 0 || y >= height || x >= width) continue;
          result[row + y * width + x] =
            at(INPUT, Math.floor(f / FREQUENCIES), dy) * at(INPUT, f % FREQUENCIES, dx);
        }
      }
    }
  }
  return result;
}

/** From a 3×3 kernel to frequencies: [36, 9]. */
export function kernelTransform(): Float64Array {
  return Float64Array.from({ length: 36 * 9 }, (_, i) => {
    const [f, tap] = [Math.floor(i / 9), i % 9];
    const vertical = at(KERNEL, Math.floor(f / FREQUENCIES), Math.floor(tap / 3));
    return vertical * at(KERNEL, f % FREQUENCIES, tap % 3);
  });
}

/** From frequencies to the outputs at given places (y · outputWidth + x): [places, 36 · tiles]. */
export function outputTransform(extent: Extent, places: ArrayLike<number>): Float64Array {
  const { outputWidth } = extent;
  const across = Math.ceil(outputWidth / TILE);
  const tiles = tileCount(extent);
  const columns = FREQUENCIES ** 2 * tiles;
  const result = new Float64Array(places.length * columns);
  for (let i = 0; i < places.length; i++) {
    const place = places[i] ?? 0;
    const [y, x] = [Math.floor(place / outputWidth), place % outputWidth];
    const tile = Math.floor(y / TILE) * across + Math.floor(x / TILE);
    for (let f = 0; f < FREQUENCIES ** 2; f++) {
      result[i * columns + f * tiles + tile] =
        at(OUTPUT, y % TILE, Math.floor(f / FREQUENCIES)) * at(OUTPUT, x % TILE, f % FREQUENCIES);
    }
  }
  return result;
}
