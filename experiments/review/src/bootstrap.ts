/**
 * Standard errors of medians, by the bootstrap: the standard deviation of the median over fields drawn with replacement.
 *
 * Reference: Efron 1979, "Bootstrap methods: another look at the jackknife".
 */
import { stream } from "amortis";

const RESAMPLES = 500;

/**
 * The standard error of a function of the median.
 *
 * All calls resample the same fields, so that methods differ by their answers only.
 *
 * @param each one number a field.
 * @param of what is taken of the median.
 */
export function errorOfMedian(
  each: ArrayLike<number>,
  of: (median: number) => number = (median) => median,
): number {
  const n = each.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i).toSorted(
    (a, b) => (each[a] ?? Number.NaN) - (each[b] ?? Number.NaN),
  );
  const rank = new Uint32Array(n);
  for (const [at, field] of order.entries()) rank[field] = at;
  const random = stream("review/bootstrap");
  const places = new Float64Array(n);
  const medians = Float64Array.from({ length: RESAMPLES }, () => {
    random.fillUniform(places);
    // How often each rank is drawn: nothing is sorted again.
    const times = new Uint32Array(n);
    for (const place of places) {
      const at = rank[Math.floor(place * n)] ?? 0;
      times[at] = (times[at] ?? 0) + 1;
    }
    const nth = (which: number): number => {
      let [at, seen] = [-1, 0];
      while (seen <= which) seen += times[++at] ?? n;
      return each[order[at] ?? 0] ?? Number.NaN;
    };
    return of((nth(Math.floor((n - 1) / 2)) + nth(Math.floor(n / 2))) / 2);
  });
  const mean = medians.reduce((a, b) => a + b, 0) / RESAMPLES;
  return Math.sqrt(medians.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (RESAMPLES - 1));
}
