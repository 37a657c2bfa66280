/**
 * How free numbers become the widths, heights and slopes of a spline. Zeros give the identity either way.
 *
 *     mild      width ∝ 1 + 2ρ + tanh(raw / 2), ρ = 0.02;      slope = 100^τ,              τ = tanh(raw / log 100)
 *     sharp     width ∝ σ(raw) + ρ,             ρ = 0.002;     slope = (a + τ) / (a - τ),  τ = σ(raw) - 1/2,  a = 0.501
 *
 * (1 + tanh(x/2) is twice σ(x), so widths differ by ρ alone: the widest bin is at most 51, or 501, times the narrowest.) Slopes of mild
 * knots lie within 1/100 and 100, and those of sharp ones, which version 0.1 had, within 1/1000 and 1000.
 *
 * Why there are mild ones: where a bin is low and wide, s = h / w, between steep knots of slopes d, the derivative in its middle is near
 * s² / d, and the inverse multiplies the rounding of y by d / s²: up to 2.5e8 for sharp knots, a whole bin in single precision, however
 * carefully it is computed. For mild ones it is 2.6e5 at most.
 */
import {
  add,
  constant,
  div,
  exp,
  mul,
  sigmoid,
  square,
  sub,
  tanh,
  type Tensor,
} from "@amortis/graph";

/** What a free number gives. */
export type KnotKind = "width" | "height" | "slope";

/** A way from free numbers to a table of widths and heights, and of τ for slopes (zero where the slope is one). */
export interface KnotMap {
  /** A bounded function of the free numbers, [..., P, n], of which the table is a shift. */
  readonly open: (raw: Tensor, kinds: readonly KnotKind[]) => Tensor;
  /** What is added to `open`. */
  readonly shift: (kind: KnotKind) => number;
  /** The derivative of `open` by the free numbers, over the factors below. */
  readonly openSlope: (open: Tensor) => Tensor;
  /** What τ is multiplied by where it is picked from the table. */
  readonly unit: number;
  /** The slope for τ in that unit. */
  readonly slope: (tau: Tensor) => Tensor;
  /** A cotangent of a slope as one of its τ, over the factor below. */
  readonly pullSlope: (cotangent: Tensor, tau: Tensor, slope: Tensor) => Tensor;
  /** Constant factors that the two derivatives leave out. */
  readonly factor: (kind: KnotKind) => number;
}

const column = (values: readonly number[], like: Tensor): Tensor =>
  constant(values, [values.length, 1], like.dtype);

const MILD_FLOOR = 0.02;
const LOG_SLOPE = Math.log(100);

const mild: KnotMap = {
  open: (raw, kinds) =>
    tanh(
      mul(
        raw,
        column(
          kinds.map((kind) => (kind === "slope" ? 1 / LOG_SLOPE : 0.5)),
          raw,
        ),
      ),
    ),
  shift: (kind) => (kind === "slope" ? 0 : 1 + 2 * MILD_FLOOR),
  openSlope: (open) => sub(1, square(open)),
  unit: LOG_SLOPE,
  slope: exp,
  pullSlope: (cotangent, _, slope) => mul(cotangent, slope),
  factor: (kind) => (kind === "slope" ? 1 / LOG_SLOPE : 0.5),
};

const SHARP_FLOOR = 2e-3;

/** a: slopes are (a + τ) / (a - τ). */
const SLOPE_RANGE = 0.501;

const sharp: KnotMap = {
  open: (raw) => sigmoid(raw),
  shift: (kind) => (kind === "slope" ? -0.5 : SHARP_FLOOR),
  openSlope: (open) => sub(open, square(open)),
  unit: 1,
  slope: (tau) => div(add(tau, SLOPE_RANGE), sub(SLOPE_RANGE, tau)),
  pullSlope: (cotangent, tau) => div(cotangent, square(sub(SLOPE_RANGE, tau))),
  factor: (kind) => (kind === "slope" ? 2 * SLOPE_RANGE : 1),
};

/** The maps by name. */
export const knotMaps = { mild, sharp };
