/**
 * Priors that are dragged: normals, cut off at the bounds of the parameter.
 */
import type { DistributionJson } from "amortis/extend";
import type { FlatParameter } from "../protocol/types.js";
import type { CurvePoint } from "./marginals.js";

/** Where the grips are: at the mean, and one standard deviation to its right. */
export interface PriorHandles {
  readonly middle: number;
  readonly side: number;
}

const POINTS = 160;
/** Least standard deviation, as a share of the axis. */
const NARROWEST = 0.01;

/** The grips of a prior that `fromHandles` made. */
export function handlesOf(prior: DistributionJson): PriorHandles {
  const [mean, sd] = [Number(prior["mean"]), Number(prior["sd"])];
  return { middle: mean, side: mean + sd };
}

/** The prior of grips. */
export function fromHandles(
  { middle, side }: PriorHandles,
  { from, to, lower, upper }: FlatParameter,
): DistributionJson {
  const sd = Math.max(NARROWEST * (to - from), side - middle);
  return {
    name: "truncatedNormal",
    mean: Number(middle.toPrecision(5)),
    sd: Number(sd.toPrecision(5)),
    lower: Number.isFinite(lower) ? lower : "-Infinity",
    upper: Number.isFinite(upper) ? upper : "Infinity",
  };
}

/** A prior to begin with: in the middle of the axis, a quarter of it wide. */
export function startPrior(flat: FlatParameter): DistributionJson {
  const { from, to } = flat;
  const middle = (from + to) / 2;
  return fromHandles({ middle, side: middle + (to - from) / 4 }, flat);
}

/** Its density over the axis, up to a factor. */
export function densityOf(
  prior: DistributionJson,
  { from, to, lower, upper }: FlatParameter,
): readonly CurvePoint[] {
  const { middle, side } = handlesOf(prior);
  return Array.from({ length: POINTS }, (_, i) => {
    const x = from + ((to - from) * i) / (POINTS - 1);
    const z = (x - middle) / (side - middle);
    return { x, y: x < lower || x > upper ? 0 : Math.exp(-0.5 * z * z) };
  });
}
