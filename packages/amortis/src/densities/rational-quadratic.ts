/**
 * Rational-quadratic splines as the monotone functions of a flow (Durkan, Bekasov, Murray & Papamakarios 2019, arXiv 1906.04032).
 */
import { z } from "zod";
import { positive } from "../settings/fields.js";
import type { Monotone } from "./monotone.js";
import { splineParameters } from "./spline-bins.js";
import { spline, splineInverse, type SplineSettings } from "./spline.js";

/** The settings. */
export const splineSettings = {
  /** Bins of each spline. */
  bins: z.int().min(2).default(10),
  /** Splines act within [-bound, bound], in units of the standardised parameters, and are the identity outside. */
  bound: positive.default(5),
};

/** The family of splines with so many bins on [-bound, bound]. */
export function rationalQuadratic({ bins, bound }: SplineSettings): Monotone {
  return {
    parameters: splineParameters(bins),
    forward: (x, raw) => spline(x, raw, { bins, bound }),
    inverse: (y, raw) => splineInverse(y, raw, { bins, bound }).value,
  };
}
