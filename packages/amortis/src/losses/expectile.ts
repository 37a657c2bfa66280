/**
 * The expectile loss (Newey & Powell 1987, "Asymmetric least squares estimation and testing").
 *
 *     |τ - 1{θ < θ̂}| (θ - θ̂)²
 *
 * is least at the posterior τ-expectile: the e at which τ E(θ - e)₊ = (1 - τ) E(e - θ)₊. Expectiles are to the mean, τ = ½, what quantiles are to the
 * median; where falling short costs more than going too far, an estimate leans to the dear side by as much as the posterior is wide.
 */
import { cast, less, mean, mul, square, sub, abs } from "@amortis/graph";
import * as z from "zod";
import { Settings } from "../settings/settings.js";
import type { EstimateLoss } from "./estimate-loss.js";

const settings = new Settings(
  "estimateLoss",
  "expectile",
  z.strictObject({
    /** τ, within (0, 1). */
    level: z.number().gt(0).lt(1),
  }),
);

/**
 * The loss whose minimiser is the posterior expectile of a level, averaged over parameters.
 *
 * @param level τ, within (0, 1); ½ is the mean.
 * @throws InvalidArgumentError where the level is not within (0, 1).
 * @example nbe(field, { loss: expectileLoss(0.9) })
 */
export function expectileLoss(level: number): EstimateLoss {
  const resolved = settings.resolve({ level });
  const loss: EstimateLoss = (estimate, parameters) => {
    const difference = sub(parameters, estimate);
    const below = cast(less(difference, 0), difference.dtype);
    return mean(mul(abs(sub(level, below)), square(difference)), { axes: [-1] });
  };
  return Object.assign(loss, {
    estimates: `expectile ${level}`,
    describe: () => settings.describe(resolved),
  });
}
expectileLoss.settings = settings;
expectileLoss.from = ({ level }: z.output<typeof settings.schema>) => expectileLoss(level);
