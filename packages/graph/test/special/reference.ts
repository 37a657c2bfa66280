/** Functions in double precision on the host, to hold the engine's against: relative errors below 1e-13. */

/** e^x² erfc(x) for x >= 2, by its continued fraction (Abramowitz & Stegun 7.1.14). */
function scaledErfc(x: number): number {
  let f = x;
  for (let n = 150; n > 0; n--) f = x + n / 2 / f;
  return 1 / (Math.sqrt(Math.PI) * f);
}

/** erf by a series without alternating signs (Abramowitz & Stegun 7.1.6), for |x| < 2. */
function erfSeries(x: number): number {
  let [sum, term] = [0, x];
  for (let n = 1; n < 80; n++) {
    sum += term;
    term *= (2 * x * x) / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** 1 - erf. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 30) return 0;
  if (x >= 2) return Math.exp(-x * x) * scaledErfc(x);
  return x <= -2 ? 2 - erfc(-x) : 1 - erfSeries(x);
}

export function erf(x: number): number {
  return Math.abs(x) < 2 ? erfSeries(x) : Math.sign(x) * (1 - erfc(Math.abs(x)));
}

export function normalCdf(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2);
}

export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

export function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** sigmoid(x) sigmoid(-x). */
export function logisticDensity(x: number): number {
  return Number.isFinite(x) ? sigmoid(x) * sigmoid(-x) : sigmoid(-Math.abs(x));
}
