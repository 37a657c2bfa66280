/**
 * Two sites of the inverted max-stable field.
 *
 * On the scale of X = 1/Y, with ρ the correlation of the two sites, Schlather's process has
 *
 *   P(X₁ > x₁, X₂ > x₂) = e^{-V},   V = ½ (x₁ + x₂ + a),   a² = x₁² - 2ρ x₁ x₂ + x₂²,
 *
 * and so the density f = e^{-V} (V₁ V₂ - V₁₂), with V₁ = ∂V/∂x₁ = ½ (1 + (x₁ - ρ x₂)/a), V₂ likewise, and
 * -V₁₂ = ½ (1 - ρ²) x₁ x₂ / a³. On the scale of Y it is f(1/y₁, 1/y₂) / (y₁ y₂)².
 */

/** log f, and its derivative in ρ. */
export interface PairSlope {
  readonly value: number;
  readonly correlation: number;
}

/**
 * The log-density of a pair, and its derivative in the correlation.
 *
 * @param x1 > 0, x2 > 0: inverted values, exponential each.
 * @param rho in (-1, 1).
 * @example pairLogDensity(0.3, 0.7, 0.5).value
 */
export function pairLogDensity(x1: number, x2: number, rho: number): PairSlope {
  // a² as a sum of positive terms, since the two sites are close where ρ is close to one.
  const a = Math.sqrt((x1 - x2) ** 2 + 2 * (1 - rho) * x1 * x2);
  const u = x1 / a;
  const v = x2 / a;
  const uv = u * v;
  const rest = (1 - rho) * (1 + rho);
  const [along1, along2] = [u - rho * v, v - rho * u];
  const v1 = 0.5 * (1 + along1);
  const v2 = 0.5 * (1 + along2);
  const mixed = (0.5 * rest * uv) / a;
  const sum = v1 * v2 + mixed;
  // Derivatives in ρ: of a, -uv a; of V₁, -½ v² (v - ρ u); of V₂, -½ u² (u - ρ v).
  const change =
    -0.5 * (v * v * along2 * v2 + u * u * along1 * v1) +
    ((0.5 * uv) / a) * (3 * rest * uv - 2 * rho);
  return { value: Math.log(sum) - 0.5 * (x1 + x2 + a), correlation: 0.5 * uv * a + change / sum };
}
