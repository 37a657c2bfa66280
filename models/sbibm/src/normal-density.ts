/**
 * Normal densities that tasks share.
 */
const LOG_2PI = Math.log(2 * Math.PI);

/** log N(x; mean, variance·I) of two vectors of one length. */
export function logNormalDensity(
  x: ArrayLike<number>,
  mean: ArrayLike<number>,
  variance: number,
): number {
  let squares = 0;
  for (let i = 0; i < x.length; i++) squares += ((x[i] ?? Number.NaN) - (mean[i] ?? 0)) ** 2;
  return -0.5 * (squares / variance + x.length * (LOG_2PI + Math.log(variance)));
}

/** log(eᵃ + eᵇ). */
export function logAddExp(a: number, b: number): number {
  const larger = Math.max(a, b);
  return larger === -Infinity ? larger : larger + Math.log1p(Math.exp(Math.min(a, b) - larger));
}
