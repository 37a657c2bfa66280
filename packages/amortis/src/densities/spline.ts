/**
 * The monotone rational-quadratic spline (Gregory & Delbourgo 1982; Durkan, Bekasov, Murray & Papamakarios 2019,
 * "Neural Spline Flows", arXiv 1906.04032), on the square [-bound, bound]², the identity outside.
 *
 * In a bin from (x₀, y₀), of width w and height h, with slopes d₀ and d₁ at its knots, with ξ = (x - x₀) / w, η = 1 - ξ and
 * s = h / w,
 *
 *     y = y₀ + h · ξ A₀ / D,      A₀ = s ξ + d₀ η,   A₁ = d₁ ξ + s η,   D = ξ A₀ + η A₁,
 *     dy/dx = (s / D)² Q,         Q = η A₀ + ξ A₁
 *
 * (the paper's formulae, with what they share taken out, and written so that no term is subtracted). Slopes at the ends of the square are one, so that the function is
 * smooth there, and at ξ = 0 and ξ = 1 the logarithm of its derivative is zero by itself.
 *
 * The gradient is derived by hand below, sharing everything with the value; spline-bins.ts says how a bin is found.
 */
import {
  abs,
  add,
  clip,
  customGradient,
  customGradients,
  div,
  equal,
  exp,
  greaterEqual,
  log,
  mul,
  neg,
  sqrt,
  square,
  sub,
  sumTo,
  where,
  zerosLike,
  type Tensor,
} from "@amortis/graph";
import { findBin, type Bin } from "./spline-bins.js";
import { knotMaps, type KnotMap } from "./spline-knots.js";

/** Shape of a spline. */
export interface SplineSettings {
  /** K. */
  readonly bins: number;
  /** The spline acts within [-bound, bound]. */
  readonly bound: number;
  /** How free numbers become widths, heights and slopes (spline-knots.ts). */
  readonly knots: keyof typeof knotMaps;
}

/** Values of a spline and the logarithms of its derivative there. */
export interface SplineValues {
  readonly value: Tensor;
  readonly logDerivative: Tensor;
}

/** A bin with its slopes: s relative to one, d₀ and d₁. */
interface Pieces extends Bin {
  readonly slope: Tensor;
  readonly slopeLeft: Tensor;
  readonly slopeRight: Tensor;
}

function pieces(bin: Bin, map: KnotMap): Pieces {
  const { width, height, totalWidth, totalHeight, tauLeft, tauRight } = bin;
  const slope = div(mul(div(totalWidth, totalHeight), height), width);
  return { ...bin, slope, slopeLeft: map.slope(tauLeft), slopeRight: map.slope(tauRight) };
}

/** What value and derivative share at ξ, η = 1 - ξ: all sums of positive terms. */
function terms({ slope, slopeLeft, slopeRight }: Pieces, xi: Tensor, eta: Tensor) {
  const a0 = add(mul(slope, xi), mul(slopeLeft, eta));
  const a1 = add(mul(slopeRight, xi), mul(slope, eta));
  const b0 = mul(xi, a0);
  return { a0, a1, b0, d: add(b0, mul(eta, a1)), q: add(mul(eta, a0), mul(xi, a1)) };
}

/** Values of a spline at x, and how cotangents of them become cotangents of x and of the parameters. */
interface Evaluation extends SplineValues {
  readonly pullBack: (ofValue: Tensor, ofLog: Tensor) => readonly [x: Tensor, raw: Tensor];
}

function evaluate(x: Tensor, raw: Tensor, { bins, bound, knots }: SplineSettings): Evaluation {
  const map = knotMaps[knots];
  const t = clip(x, -bound, bound);
  const p = pieces(findBin(t, raw, bins, "width", 2 * bound, map), map);
  const { slope, slopeLeft, slopeRight } = p;
  const xi = div(sub(mul(t, p.totalWidth), p.left), p.width);
  const eta = sub(1, xi);
  const { a0, a1, b0, d, q } = terms(p, xi, eta);
  const fraction = div(b0, d);
  const inside = div(add(p.bottom, mul(p.height, fraction)), p.totalHeight);
  const logDerivative = log(mul(square(div(slope, d)), q));
  const value = add(inside, sub(x, t));

  const pullBack: Evaluation["pullBack"] = (gy, gl) => {
    const scaled = div(gy, p.totalHeight);
    const ofB0 = div(mul(scaled, p.height), d);
    const ofQ = div(gl, q);
    const minusD = add(mul(ofB0, fraction), add(div(mul(gl, 2), d), ofQ));
    const gB0 = sub(ofB0, minusD);
    const gA0 = add(ofQ, mul(gB0, xi));
    const gA1 = sub(ofQ, mul(minusD, eta));
    // The cotangents of s and ξ, times s and w.
    const gSlope = add(mul(gl, 2), mul(slope, add(mul(gA0, xi), mul(gA1, eta))));
    const gXi = add(
      add(mul(gB0, a0), mul(minusD, a1)),
      add(mul(gA0, sub(slope, slopeLeft)), mul(gA1, sub(slopeRight, slope))),
    );
    const minusLeft = div(gXi, p.width);
    const gT = mul(minusLeft, p.totalWidth);
    const gRaw = p.pullBack({
      minusLeft,
      bottom: scaled,
      minusWidth: div(add(gSlope, mul(gXi, xi)), p.width),
      height: add(mul(scaled, fraction), div(gSlope, p.height)),
      tauLeft: map.pullSlope(mul(gA0, eta), p.tauLeft, slopeLeft),
      tauRight: map.pullSlope(mul(gA1, xi), p.tauRight, slopeRight),
      totalWidth: add(div(gSlope, p.totalWidth), mul(minusLeft, t)),
      minusTotalHeight: add(mul(scaled, inside), div(gSlope, p.totalHeight)),
    });
    return [sumTo(where(equal(x, t), gT, gy), x), gRaw];
  };
  return { value, logDerivative, pullBack };
}

/**
 * The spline at x and the logarithm of its derivative.
 *
 * @param x [..., 1, n]
 * @param raw free parameters, [..., 3K - 1, n or 1] (`splineParameters(K)` of them); zeros give the identity.
 * @param settings K, the bound and the kind of knots
 */
export function spline(x: Tensor, raw: Tensor, settings: SplineSettings): SplineValues {
  const found = evaluate(x, raw, settings);
  const [value = x, logDerivative = x] = customGradients(
    [found.value, found.logDerivative],
    [x, raw],
    ([ofValue, ofLog]) =>
      found.pullBack(ofValue ?? zerosLike(found.value), ofLog ?? zerosLike(found.value)),
  );
  return { value, logDerivative };
}

/**
 * The x at which the spline is y, and the logarithm of the inverse's derivative.
 *
 * With β = (y - y₀) / h and γ = 1 - β, ξ is a root of a quadratic whose discriminant is a sum of squares, and which is written the
 * one way or the other so that nothing cancels, in ξ nor in η:
 *
 *     e = d₀ γ - d₁ β,     m = |e| + √(e² + 4 s² β γ),
 *     ξ / η = 2 s β / m  where e ≥ 0,     m / (2 s γ)  elsewhere.
 *
 * What error is left is that of y: its rounding over the derivative.
 *
 * The gradient of x is that of the function it inverts, f(x; raw) = y: dx = (dy - ∂f/∂raw · draw) / f'(x).
 */
export function splineInverse(y: Tensor, raw: Tensor, settings: SplineSettings): SplineValues {
  const { bins, bound, knots } = settings;
  const map = knotMaps[knots];
  const t = clip(y, -bound, bound);
  const p = pieces(findBin(t, raw, bins, "height", 2 * bound, map), map);
  // Rounding may put a point a little outside the bin it lies in.
  const beta = clip(div(sub(mul(t, p.totalHeight), p.bottom), p.height), 0, 1);
  const gamma = sub(1, beta);
  const twice = mul(p.slope, 2);
  const e = sub(mul(p.slopeLeft, gamma), mul(p.slopeRight, beta));
  const root = sqrt(add(square(e), mul(square(twice), mul(beta, gamma))));
  const m = add(abs(e), root);
  const first = greaterEqual(e, 0);
  const other = mul(twice, where(first, beta, gamma));
  const whole = add(m, other);
  const xi = div(where(first, other, m), whole);
  const eta = div(where(first, m, other), whole);
  const { d, q } = terms(p, xi, eta);
  const inside = div(add(p.left, mul(p.width, xi)), p.totalWidth);
  const solved = add(inside, sub(y, t));
  const logDerivative = log(div(square(div(d, p.slope)), q));
  const value: Tensor = customGradient(solved, [y, raw], (g) => {
    const there = evaluate(value, raw, settings);
    const ofY = div(g, exp(there.logDerivative));
    const [, ofRaw] = there.pullBack(neg(ofY), zerosLike(ofY));
    return [sumTo(ofY, y), ofRaw];
  });
  return { value, logDerivative };
}
