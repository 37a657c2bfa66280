/**
 * Lattice points of one to three dimensions: with one random shift each of them is uniform, and their mean over a smooth periodic function has an error that falls far faster than that of independent draws.
 *
 *     v_k = frac(k (1, a, a²) / K + shift),      k = 0 ... K - 1
 *
 * with the a whose lattice has the least worst-case error P₂ of all.
 *
 * References: Cranley & Patterson 1976 for the shift; Korobov 1959, Sloan & Joe 1994, "Lattice Methods for Multiple Integration", for a.
 */

/** Points k (1, a, a²) / K within [0, 1): [count, d]. */
export function lattice(count: number, d: number): Float64Array {
  let best: Float64Array = new Float64Array(count);
  let least = Infinity;
  for (let a = 1; a < (d === 1 ? 2 : count); a++) {
    const points = korobov(count, d, a);
    const error = worstCase(points, count, d);
    if (error < least) {
      best = points;
      least = error;
    }
  }
  return best;
}

function korobov(count: number, d: number, a: number): Float64Array {
  const points = new Float64Array(count * d);
  let step = 1;
  for (let k = 0; k < d; k++) {
    for (let i = 0; i < count; i++) points[i * d + k] = ((i * step) % count) / count;
    step = (step * a) % count;
  }
  return points;
}

/** Mean of Π (1 + 2 π² B₂(v)), B₂ = v² - v + 1/6. */
function worstCase(points: Float64Array, count: number, d: number): number {
  let total = 0;
  for (let i = 0; i < count; i++) {
    let product = 1;
    for (let k = 0; k < d; k++) {
      const v = points[i * d + k] ?? 0;
      product *= 1 + 2 * Math.PI ** 2 * (v * v - v + 1 / 6);
    }
    total += product;
  }
  return total / count;
}
