/**
 * Groups of one design are one: all that the likelihood needs of them are sums.
 *
 * In balanced data all groups have the same X_j and Z_j, whatever their number, and an evaluation takes as long as of one group.
 */
import type { Problem } from "./problem.js";

/** Groups with the same products of columns of Z and X. */
export interface Pattern {
  readonly count: number;
  /** ZᵀZ [q, q], Zᵀ X [q, p], Xᵀ X [p, p]. */
  readonly zz: Float64Array;
  readonly zx: Float64Array;
  readonly xx: Float64Array;
  /** Sums over groups: Zᵀ y [q], Xᵀ y [p], yᵀ y, and (Zᵀ y)(Zᵀ y)ᵀ [q, q]. */
  readonly zy: Float64Array;
  readonly xy: Float64Array;
  readonly zyzy: Float64Array;
  yy: number;
}

/** The patterns of a problem, and which one each group has. */
export function patternsOf({ groups, p, q, products }: Problem): {
  readonly patterns: readonly Pattern[];
  readonly of: Int32Array;
} {
  const m = q + p + 1;
  const places = new Map<string, number>();
  const patterns: (Pattern & { count: number })[] = [];
  const of = new Int32Array(groups);
  for (let j = 0; j < groups; j++) {
    const own = products.subarray(j * m * m, (j + 1) * m * m);
    const at = (r: number, c: number): number => own[r * m + c] ?? 0;
    const block = (rows: number, columns: number, r: number, c: number): Float64Array =>
      Float64Array.from({ length: rows * columns }, (_, k) =>
        at(r + Math.floor(k / columns), c + (k % columns)),
      );
    const [zz, zx, xx] = [block(q, q, 0, 0), block(q, p, 0, q), block(p, p, q, q)];
    const key = [zz, zx, xx].map((part) => part.join(" ")).join("|");
    let place = places.get(key);
    if (place === undefined) {
      place = patterns.length;
      places.set(key, place);
      patterns.push({
        count: 0,
        zz,
        zx,
        xx,
        zy: new Float64Array(q),
        xy: new Float64Array(p),
        zyzy: new Float64Array(q * q),
        yy: 0,
      });
    }
    of[j] = place;
    const pattern = patterns[place];
    if (pattern === undefined) continue;
    pattern.count++;
    pattern.yy += at(m - 1, m - 1);
    for (let k = 0; k < p; k++) pattern.xy[k] = (pattern.xy[k] ?? 0) + at(q + k, m - 1);
    for (let r = 0; r < q; r++) {
      pattern.zy[r] = (pattern.zy[r] ?? 0) + at(r, m - 1);
      for (let c = 0; c < q; c++) {
        pattern.zyzy[r * q + c] = (pattern.zyzy[r * q + c] ?? 0) + at(r, m - 1) * at(c, m - 1);
      }
    }
  }
  return { patterns, of };
}
