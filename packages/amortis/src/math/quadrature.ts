/**
 * Gauss-Legendre quadrature.
 */

/** Nodes in (-1, 1) and weights: exact for polynomials of degree below 2n. */
export interface QuadratureRule {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

/** The rule of n nodes, by Newton's method on the Legendre polynomial. */
export function gaussLegendre(n: number): QuadratureRule {
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 1;
    for (let step = 0; step < 20; step++) {
      let [previous, value] = [1, x];
      for (let k = 2; k <= n; k++) {
        [previous, value] = [value, ((2 * k - 1) * x * value - (k - 1) * previous) / k];
      }
      slope = (n * (x * value - previous)) / (x * x - 1);
      const change = value / slope;
      x -= change;
      if (Math.abs(change) < 1e-16) break;
    }
    nodes[i] = x;
    weights[i] = 2 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}

/** ∫ f over [a, b] by a rule. */
export function integrate(
  f: (x: number) => number,
  a: number,
  b: number,
  { nodes, weights }: QuadratureRule,
): number {
  const half = (b - a) / 2;
  let sum = 0;
  for (let i = 0; i < nodes.length; i++) {
    sum += (weights[i] ?? 0) * f(a + half * (1 + (nodes[i] ?? 0)));
  }
  return half * sum;
}
