/**
 * Kolmogorov-Smirnov tests: asymptotic p-values with Stephens' correction.
 */

/** What a p-value must exceed: seeds are fixed, so that a test that passes once passes always. */
export const RARE = 1e-3;

/** p-value of draws against a continuous distribution function. */
export function kolmogorovSmirnov(draws: ArrayLike<number>, cdf: (x: number) => number): number {
  const sorted = Float64Array.from(draws).toSorted();
  const n = sorted.length;
  let largest = 0;
  for (const [i, x] of sorted.entries()) {
    const f = cdf(x);
    largest = Math.max(largest, f - i / n, (i + 1) / n - f);
  }
  return tail(largest, n);
}

/** p-value of two sets of draws against one another. */
export function kolmogorovSmirnovTwo(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const [a, b] = [Float64Array.from(first).toSorted(), Float64Array.from(second).toSorted()];
  let [i, j, largest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    if ((a[i] ?? 0) <= (b[j] ?? 0)) i++;
    else j++;
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return tail(largest, (a.length * b.length) / (a.length + b.length));
}

/** P(largest distance of n draws is larger). */
function tail(largest: number, n: number): number {
  const x = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * largest;
  if (Number.isNaN(x)) return 0;
  if (x < 0.3) return 1;
  let sum = 0;
  for (let k = 1; k < 50; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return sum;
}
