/**
 * Rational-quadratic splines as the monotone functions of a flow (Durkan, Bekasov, Murray & Papamakarios 2019, arXiv 1906.04032).
 */
import * as z from "zod";
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
  /** How far apart widths, heights and slopes may be: sharp ones reach further than single precision can invert. */
  knots: z.enum(["mild", "sharp"]).default("mild"),
};

/** Version 0.1 had no other knots than sharp ones. */
export const splineBefore = { knots: "sharp" } as const;

/** The family of splines with so many bins on [-bound, bound]. */
export function rationalQuadratic(settings: SplineSettings): Monotone {
  return {
    parameters: splineParameters(settings.bins),
    forward: (x, raw) => spline(x, raw, settings),
    inverse: (y, raw) => splineInverse(y, raw, settings).value,
  };
}
