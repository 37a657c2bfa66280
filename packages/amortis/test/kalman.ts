/**
 * Exact answers of a linear Gaussian state space model of one number, in double precision: Kalman's filter, the smoother of Rauch, Tung & Striebel (1965), and the evidence.
 *
 *     x_1 ~ N(0, q² / (1 - φ²)),   x_t = φ x_{t-1} + q ε_t,   y_t = x_t + r η_t
 */

/** Parameters of the model. */
export interface Linear {
  /** Autoregression, within (-1, 1). */
  readonly phi: number;
  /** Standard deviation of what is new in a state. */
  readonly q: number;
  /** Standard deviation of the noise. */
  readonly r: number;
}

/** Normal distributions of the state at each time. */
export interface Normals {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** What is known of the states. */
export interface Known {
  /** log p(y_1 ... y_T). */
  readonly logEvidence: number;
  /** Given what is seen up to each time. */
  readonly filtered: Normals;
  /** Given all that is seen. */
  readonly smoothed: Normals;
  /** Covariances of neighbours x_t, x_{t+1} given all that is seen, [T - 1]. */
  readonly neighbours: Float64Array;
}

/** All answers at once; what is NaN in y is not seen. */
export function kalman(y: ArrayLike<number>, { phi, q, r }: Linear): Known {
  const n = y.length;
  const filtered = { mean: new Float64Array(n), variance: new Float64Array(n) };
  const ahead = new Float64Array(n);
  let logEvidence = 0;
  let [mean, variance] = [0, q ** 2 / (1 - phi ** 2)];
  for (let t = 0; t < n; t++) {
    ahead[t] = variance;
    const seen = y[t] ?? Number.NaN;
    if (!Number.isNaN(seen)) {
      const total = variance + r ** 2;
      logEvidence += -0.5 * (Math.log(2 * Math.PI * total) + (seen - mean) ** 2 / total);
      const gain = variance / total;
      mean += gain * (seen - mean);
      variance *= 1 - gain;
    }
    filtered.mean[t] = mean;
    filtered.variance[t] = variance;
    mean *= phi;
    variance = phi ** 2 * variance + q ** 2;
  }
  const smoothed = { mean: filtered.mean.slice(), variance: filtered.variance.slice() };
  const neighbours = new Float64Array(Math.max(0, n - 1));
  for (let t = n - 2; t >= 0; t--) {
    const [m, v] = [filtered.mean[t] ?? NaN, filtered.variance[t] ?? NaN];
    const next = ahead[t + 1] ?? NaN;
    const gain = (phi * v) / next;
    const [later, spread] = [smoothed.mean[t + 1] ?? NaN, smoothed.variance[t + 1] ?? NaN];
    smoothed.mean[t] = m + gain * (later - phi * m);
    smoothed.variance[t] = v + gain ** 2 * (spread - next);
    neighbours[t] = gain * spread;
  }
  return { logEvidence, filtered, smoothed, neighbours };
}
