/**
 * The monotone rational-quadratic spline (Gregory & Delbourgo 1982; Durkan, Bekasov, Murray & Papamakarios 2019,
 * "Neural Spline Flows", arXiv 1906.04032), on the square [-bound, bound]², the identity outside.
 *
 * In a bin from (x₀, y₀), of width w and height h, with slopes d₀ and d₁ at its knots, with ξ = (x - x₀) / w, η = 1 - ξ and
 * s = h / w,
 *
 *     y = y₀ + h · ξ A₀ / D,      A₀ = s ξ + d₀ η,   A₁ = d₁ ξ + s η,   D = ξ A₀ + η A₁,
 *     dy/dx = (s / D)² Q,         Q = A₀ + A₁ - D
 *
 * (the paper's formulae, with what they share taken out). Slopes at the ends of the square are one, so that the function is
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
  maximum,
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
import { findBin, SLOPE_RANGE, type Bin } from "./spline-bins.js";

/** Shape of a spline. */
export interface SplineSettings {
  /** K. */
  readonly bins: number;
  /** The spline acts within [-bound, bound]. */
  readonly bound: number;
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

/** (a + τ) / (a - τ). */
function knotSlope(tau: Tensor): Tensor {
  return div(add(tau, SLOPE_RANGE), sub(SLOPE_RANGE, tau));
}

/** (a - τ)². */
function squaredRest(tau: Tensor): Tensor {
  return square(sub(SLOPE_RANGE, tau));
}

function pieces(bin: Bin): Pieces {
  const { width, height, totalWidth, totalHeight, tauLeft, tauRight } = bin;
  const slope = div(mul(div(totalWidth, totalHeight), height), width);
  return { ...bin, slope, slopeLeft: knotSlope(tauLeft), slopeRight: knotSlope(tauRight) };
}

/** Values of a spline at x, and how cotangents of them become cotangents of x and of the parameters. */
interface Evaluation extends SplineValues {
  readonly pullBack: (ofValue: Tensor, ofLog: Tensor) => readonly [x: Tensor, raw: Tensor];
}

function evaluate(x: Tensor, raw: Tensor, { bins, bound }: SplineSettings): Evaluation {
  const clipped = clip(x, -bound, bound);
  const t = add(clipped, bound);
  const p = pieces(findBin(t, raw, bins, "width", 2 * bound));
  const { slope, slopeLeft, slopeRight } = p;
  const xi = div(sub(mul(t, p.totalWidth), p.left), p.width);
  const eta = sub(1, xi);
  const a0 = add(mul(slope, xi), mul(slopeLeft, eta));
  const a1 = add(mul(slopeRight, xi), mul(slope, eta));
  const b0 = mul(xi, a0);
  const d = add(b0, mul(eta, a1));
  const q = sub(add(a0, a1), d);
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
      slopeLeft: div(mul(gA0, eta), squaredRest(p.tauLeft)),
      slopeRight: div(mul(gA1, xi), squaredRest(p.tauRight)),
      totalWidth: add(div(gSlope, p.totalWidth), mul(minusLeft, t)),
      minusTotalHeight: add(mul(scaled, inside), div(gSlope, p.totalHeight)),
    });
    return [sumTo(where(equal(x, clipped), gT, gy), x), gRaw];
  };
  return { value, logDerivative, pullBack };
}

/**
 * The spline at x and the logarithm of its derivative.
 *
 * @param x [..., 1, n]
 * @param raw free parameters, [..., 3K - 1, n or 1] (`splineParameters(K)` of them); zeros give the identity.
 * @param settings K and the bound
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
 * With β = (y - y₀) / h, ξ solves a ξ² + b ξ - s β = 0, a = s - b, b = d₀ (1 - β) + β (2 s - d₁). Of the two ways to write its
 * root, each sign of b has the one in which nothing cancels.
 *
 * The gradient of x is that of the function it inverts, f(x; raw) = y: dx = (dy - ∂f/∂raw · draw) / f'(x).
 */
export function splineInverse(
  y: Tensor,
  raw: Tensor,
  { bins, bound }: SplineSettings,
): SplineValues {
  const t = add(clip(y, -bound, bound), bound);
  const p = pieces(findBin(t, raw, bins, "height", 2 * bound));
  const { slope, slopeLeft, slopeRight } = p;
  // Rounding may put a point a little outside the bin it lies in.
  const beta = clip(div(sub(mul(t, p.totalHeight), p.bottom), p.height), 0, 1);
  const b = add(mul(slopeLeft, sub(1, beta)), mul(beta, sub(mul(slope, 2), slopeRight)));
  const a = sub(slope, b);
  const constantTerm = mul(slope, beta);
  const discriminant = maximum(add(square(b), mul(mul(a, constantTerm), 4)), 1e-20);
  const m = add(abs(b), sqrt(discriminant));
  const positive = greaterEqual(b, 0);
  const xi = clip(
    div(where(positive, mul(constantTerm, 2), m), where(positive, m, mul(a, 2))),
    0,
    1,
  );
  const eta = sub(1, xi);
  const a0 = add(mul(slope, xi), mul(slopeLeft, eta));
  const a1 = add(mul(slopeRight, xi), mul(slope, eta));
  const d = add(mul(xi, a0), mul(eta, a1));
  const q = sub(add(a0, a1), d);
  const inside = div(add(p.left, mul(p.width, xi)), p.totalWidth);
  const solved = add(inside, sub(y, t));
  const logDerivative = log(div(square(div(d, slope)), q));
  const value: Tensor = customGradient(solved, [y, raw], (g) => {
    const there = evaluate(value, raw, { bins, bound });
    const ofY = div(g, exp(there.logDerivative));
    const [, ofRaw] = there.pullBack(neg(ofY), zerosLike(ofY));
    return [sumTo(ofY, y), ofRaw];
  });
  return { value, logDerivative };
}
