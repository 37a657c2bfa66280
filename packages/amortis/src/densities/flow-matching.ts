/**
 * Flow matching (Lipman et al. 2023, arXiv 2210.02747; Liu, Gong & Liu 2023, arXiv 2209.03003; for posteriors: Wildberger et al. 2023, arXiv 2305.17161).
 *
 * A velocity field v_γ carries noise into draws of q(u | context). It is learned by regression on straight lines from noise z to the parameters u,
 *
 *     γ* = argmin E_{t, z, (u, context)} ‖ v_γ(u_t, t, context) - (u - z) ‖²,      u_t = t u + (1 - t) z,
 *
 * whose minimum is the mean velocity at u_t. No density is evaluated in training, and any network will do. With σ = 1 - t and s² = t² + σ², v follows from the field F of unit scale
 * that the network is (`noise-levels.ts`), ‖v - (u - z)‖² = ‖F - (t z - σ u)/s‖² / s², and the density and its draws from dx/dφ = F, the same equation in another time:
 *
 *     log q(u | context) = log N(x(π/2); 0, I) + ∫₀^{π/2} tr ∂F/∂x (x(φ), φ) dφ,      x(0) = u.
 *
 * Times are drawn as σ = w^p, w uniform: with p = 1 all alike, as published; with more, more of them near the data, which is where narrow posteriors are told apart.
 */
import { add, div, expandDims, mean, pow, sqrt, square, sub, sum } from "@amortis/graph";
import * as z from "zod";
import { Settings } from "../settings/settings.js";
import type { ConditionalDensity } from "./density.js";
import { lossNoise, spreadUniform } from "./loss-noise.js";
import { levelField, noisy, velocityOf } from "./noise-levels.js";
import { probabilityFlow, probabilityFlowSettings } from "./probability-flow.js";
import { regressionSettings, emphasisSetting } from "./regression-settings.js";

const settings = new Settings(
  "density",
  "flowMatching",
  z.strictObject({
    ...regressionSettings,
    /** p: how much more of the times are near the data. 1 for all alike. */
    emphasis: emphasisSetting,
    ...probabilityFlowSettings,
  }),
);

/** Settings of flow matching. */
export type FlowMatchingOptions = z.input<typeof settings.schema>;

/**
 * A density learned by flow matching.
 *
 * @param options defaults: a residual network of three blocks of width 128; draws by 8 steps of Runge and Kutta's method (32 evaluations of the network), densities
 *   by exact traces
 * @throws InvalidArgumentError where a setting is out of range.
 * @example npe(model, { density: flowMatching() })
 */
export function flowMatching(options: FlowMatchingOptions = {}): ConditionalDensity {
  const resolved = settings.resolve(options);
  const { field, emphasis, draws } = resolved;
  return {
    kind: settings.kind,
    ...probabilityFlow("flowMatching", field, resolved),
    loss: (scope, u, context) => {
      const [batch = 1, d = 1] = u.shape.map(Number);
      const sigma = pow(spreadUniform(scope, batch, draws), emphasis);
      const z = lossNoise(scope, [batch, draws, d], "normal", "validation of flow matching");
      const t = sub(1, sigma);
      const s = sqrt(add(square(t), square(sigma)));
      const level = { cos: div(t, s), sin: div(sigma, s) };
      const points = expandDims(u, 1);
      const f = levelField(field, scope, expandDims(context, 1))(noisy(level, points, z), level);
      const error = div(sub(f, velocityOf(level, points, z)), s);
      return mean(sum(square(error), { axes: [-1] }), { axes: [-1] });
    },
    describe: () => settings.describe(resolved),
  };
}
flowMatching.settings = settings;
