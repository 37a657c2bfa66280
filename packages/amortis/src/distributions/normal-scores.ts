/**
 * Normal scores: the map by which a prior is standard normal in unconstrained space.
 *
 *     z = Φ⁻¹(F(θ)),   θ = F⁻¹(Φ(z)),   log |dθ/dz| = log φ(z) - log p(θ)
 *
 * A posterior that is the prior, or that the prior cuts off, is then as easy for a network as one of a normal prior. By the logarithm, for
 * instance, an exponential prior has a long lower tail and a short upper one, and what a network errs in the latter is a factor of θ.
 *
 * It is made in two steps, so that θ keeps its digits at both ends: z to u by a curve or a line, u to θ by the map that the support has.
 */
import { logNormalDensity, normalCdf, normalQuantile } from "../math/index.js";
import { affineBijection } from "./affine-bijection.js";
import type { Bijection } from "./bijection.js";
import { composedBijection } from "./composed-bijection.js";
import { intervalBijection } from "./interval-bijection.js";
import { scoreBijection } from "./score-bijection.js";
import { scoreCurve, type ScoreCurve } from "./score-curve.js";

/**
 * u at probability p = 1 - q, where u is what a `space` takes to θ: the support's own map (identity, logarithm, logit) unless another is
 * given. Both p and q have all their digits, and so must u to about twelve.
 */
export type PositionAt = (p: number, q: number) => number;

/** How a prior comes from a normal score z. */
export type Scores =
  /** u = shift + scale z. */
  | { readonly kind: "line"; readonly shift: number; readonly scale: number }
  | {
      readonly kind: "curve";
      /** One function gives one table, so those of one form better have one. */
      readonly at: PositionAt;
      readonly space?: Bijection;
      /** Where the density has a corner: the probability below it, and du/dp, which differences would get wrong beside it. */
      readonly corner?: { readonly p: number; readonly slope: PositionAt };
    };

const curves = new WeakMap<PositionAt, ScoreCurve>();

function curveOf({ at, corner }: Extract<Scores, { kind: "curve" }>): ScoreCurve {
  const known = curves.get(at);
  if (known !== undefined) return known;
  const made = scoreCurve({
    at: (z) => at(normalCdf(z), normalCdf(-z)),
    ...(corner && {
      corner: Math.max(-5, Math.min(5, normalQuantile(corner.p))),
      slope: (z) => corner.slope(normalCdf(z), normalCdf(-z)) * Math.exp(logNormalDensity(z)),
    }),
  });
  curves.set(at, made);
  return made;
}

/** The bijection from normal scores onto (lower, upper). */
export function normalScores(scores: Scores, lower: number, upper: number): Bijection {
  const space = intervalBijection(lower, upper);
  if (scores.kind === "curve") {
    return composedBijection(scoreBijection([curveOf(scores)]), scores.space ?? space);
  }
  const line = affineBijection([scores.shift], [scores.scale]);
  return lower === -Infinity && upper === Infinity ? line : composedBijection(line, space);
}

/** log p - log q: where a value is within an interval, in logits, by its shares of the width. */
export function logit(p: number, q: number): number {
  return Math.log(p) - Math.log(q);
}

/** -log q, of q = 1 - p, with its digits also where p is small. */
export function negativeLog(p: number, q: number): number {
  return p < 0.5 ? -Math.log1p(-p) : -Math.log(q);
}
