import type { Bijection } from "../../src/distributions/index.js";
import { choleskyFactor } from "../../src/math/index.js";

/** log |det ∂θ/∂u| by central differences, of as many coordinates of θ as there are of u. */
export function finiteDifferences(
  bijection: Bijection,
  u: Float64Array,
  kept: readonly number[] = Array.from(u.keys()),
): number {
  const k = u.length;
  const jacobian = new Float64Array(k * k);
  const h = 1e-5;
  for (let j = 0; j < k; j++) {
    const up = bijection.forward(u.map((value, i) => (i === j ? value + h : value)));
    const down = bijection.forward(u.map((value, i) => (i === j ? value - h : value)));
    for (const [i, row] of kept.entries()) {
      jacobian[i * k + j] = ((up[row] ?? 0) - (down[row] ?? 0)) / (2 * h);
    }
  }
  // |det J| = √det(J Jᵀ).
  const gram = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) {
      for (let l = 0; l < k; l++) {
        gram[i * k + j] =
          (gram[i * k + j] ?? 0) + (jacobian[i * k + l] ?? 0) * (jacobian[j * k + l] ?? 0);
      }
    }
  }
  const factor = choleskyFactor(gram, k) ?? new Float64Array(k * k);
  let total = 0;
  for (let i = 0; i < k; i++) total += Math.log(factor[i * k + i] ?? 0);
  return total;
}
