/**
 * Noise levels of diffusions by their published schedules, as angles tan φ = σ / α (`noise-levels.ts`).
 *
 *     edm  log σ ~ N(-1.2, 1.2²), α = 1                        (Karras et al. 2022, arXiv 2206.00364)
 *     vp   α = exp(-¼ t² (20 - .1) - ½ t .1), σ² = 1 - α²      (Song et al. 2021, arXiv 2011.13456, equation 32)
 *     ve   σ = .002 (80 / .002)^t, α = 1                       (the same, equation 30)
 *
 * with t uniform. The parameters have unit scale, which is EDM's σ_data. All count errors of F alike, as EDM does; to count errors of the noise, as VP and VE were published with, gives
 * levels near pure noise next to no weight, and F is badly learned there (the same for images: Salimans & Ho 2022, arXiv 2202.00512).
 */
import {
  abs,
  add,
  div,
  exp,
  expm1,
  log1p,
  mul,
  neg,
  sqrt,
  square,
  sub,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import type { Level } from "./noise-levels.js";

/** The setting. */
export const scheduleSetting = z.enum(["edm", "vp", "ve"]);

/** A schedule. */
export interface Schedule {
  /** Levels of uniform numbers, as they are seen in training. */
  level(uniform: Tensor): Level;
  /** Angles of the lowest and the highest level, between which solvers go. */
  readonly range: readonly [number, number];
}

/** Lowest and highest σ of EDM and of VE, whose α is one. */
const [LOW, HIGH] = [0.002, 80];

/** β of VP at both ends of its time, which begins at `START`. */
const [BETA_LOW, BETA_HIGH, START] = [0.1, 20, 1e-5];

/** The schedules, by name. */
export const SCHEDULES: Readonly<Record<z.output<typeof scheduleSetting>, Schedule>> = {
  edm: {
    level: (uniform) => levelOf(exp(add(mul(quantile(uniform), 1.2), -1.2))),
    range: [Math.atan(LOW), Math.atan(HIGH)],
  },
  vp: {
    level: (uniform) => {
      const logAlpha = logAlphaAt(add(mul(uniform, 1 - START), START));
      return { cos: exp(logAlpha), sin: sqrt(neg(expm1(mul(logAlpha, 2)))) };
    },
    range: [angleOfVp(START), angleOfVp(1)],
  },
  ve: {
    level: (uniform) => levelOf(exp(add(mul(uniform, Math.log(HIGH / LOW)), Math.log(LOW)))),
    range: [Math.atan(LOW), Math.atan(HIGH)],
  },
};

/** The level of σ, where α is one. */
function levelOf(sigma: Tensor): Level {
  const cos = div(1, sqrt(add(square(sigma), 1)));
  return { cos, sin: mul(sigma, cos) };
}

function logAlphaAt(t: Tensor): Tensor {
  return add(mul(square(t), (BETA_LOW - BETA_HIGH) / 4), mul(t, -BETA_LOW / 2));
}

function angleOfVp(t: number): number {
  return Math.acos(Math.exp((t * t * (BETA_LOW - BETA_HIGH)) / 4 - (t * BETA_LOW) / 2));
}

/** Winitzki's a (2008, "A handy approximation for the error function and its inverse"). */
const A = 0.147;

/** The standard normal's quantiles of numbers in (0, 1), to a hundredth: levels are drawn by them, and nothing else depends on it. */
export function quantile(uniform: Tensor): Tensor {
  const x = sub(mul(add(mul(uniform, 1 - 2e-6), 1e-6), 2), 1);
  const l = log1p(neg(square(x)));
  const half = add(mul(l, 0.5), 2 / (Math.PI * A));
  const inside = sub(sqrt(sub(square(half), div(l, A))), half);
  return mul(sqrt(mul(inside, 2)), div(x, add(abs(x), 1e-12)));
}
