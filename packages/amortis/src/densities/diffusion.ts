/**
 * Score-based diffusion (Song et al. 2021, arXiv 2011.13456; Karras et al. 2022, arXiv 2206.00364; for posteriors: Geffner, Papamakarios & Mnih 2023, arXiv 2209.14249;
 * Sharrock et al. 2024, arXiv 2210.04872).
 *
 * Noise is added to the parameters u little by little until nothing is left of them, and a network learns to tell it,
 *
 *     γ* = argmin E ‖ F_γ(x_φ, φ, context) - (cos φ · z - sin φ · u) ‖²,      x_φ = cos φ · u + sin φ · z,
 *
 * which is denoising score matching: the score at level φ is -E[z | x_φ] / sin φ = -(x + cot φ · F) (Vincent 2011, doi 10.1162/NECO_a_00142). Levels φ are those of a
 * schedule (`noise-schedules.ts`). Draws come of the probability flow, the ordinary equation dx/dφ = F that has the same densities at all levels, or of a stochastic one,
 * whose fresh noise at each step corrects what steps before did wrong (Ho, Jain & Abbeel 2020, arXiv 2006.11239; Song, Meng & Ermon 2021, arXiv 2010.02502):
 *
 *     x' = cos φ' · E[u | x] + √(sin² φ' - τ²) · E[z | x] + τ ε,      τ = sin φ' / sin φ · √(1 - cos² φ / cos² φ').
 *
 * Log-densities are the probability flow's, however draws are made.
 */
import {
  add,
  expandDims,
  InvalidArgumentError,
  mean,
  mul,
  slice,
  square,
  sub,
  sum,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import type { ConditionalDensity } from "./density.js";
import { lossNoise, spreadUniform } from "./loss-noise.js";
import {
  denoised,
  levelAt,
  levelField,
  noisy,
  velocityOf,
  type LevelField,
} from "./noise-levels.js";
import { SCHEDULES, scheduleSetting } from "./noise-schedules.js";
import { levelGrid, probabilityFlow, probabilityFlowSettings } from "./probability-flow.js";
import { regressionSettings } from "./regression-settings.js";

const settings = new Settings(
  "density",
  "diffusion",
  z.strictObject({
    ...regressionSettings,
    /** Levels seen in training. */
    schedule: scheduleSetting.default("edm"),
    /** Draws by the probability flow, or by the stochastic equation. */
    sampler: z.enum(["ode", "sde"]).default("ode"),
    /** Steps of the stochastic sampler, one evaluation each: with 64 standard deviations come out about 4 % too small, with 128 2 %. */
    stochasticSteps: whole.max(500).default(256),
    ...probabilityFlowSettings,
  }),
);

/** Settings of a diffusion. */
export type DiffusionOptions = z.input<typeof settings.schema>;

/**
 * A density learned by denoising.
 *
 * @param options defaults: EDM's levels, a residual network of three blocks of width 128; draws by 8 steps of Runge and Kutta's method along the probability flow, densities by
 *   exact traces
 * @throws InvalidArgumentError where a setting is out of range.
 * @example npe(model, { density: diffusion({ schedule: "vp", sampler: "sde" }) })
 */
export function diffusion(options: DiffusionOptions = {}): ConditionalDensity {
  const resolved = settings.resolve(options);
  const { field, draws, sampler, stochasticSteps } = resolved;
  const schedule = SCHEDULES[resolved.schedule];
  const [low, high] = schedule.range;
  const flow = probabilityFlow("diffusion", field, resolved, levelGrid(resolved.steps, low, high));
  const grid = levelGrid(stochasticSteps, low, high).toReversed();
  return {
    kind: settings.kind,
    ...flow,
    ...(sampler === "sde" && {
      noise: (d) => ({ normal: d * stochasticSteps, uniform: 0 }),
      sample: (scope, { normal }, context) => {
        if (normal === undefined) {
          throw new InvalidArgumentError("diffusion is sampled from normal noise [..., steps · d]");
        }
        return stochastic(levelField(field, scope, context), normal, grid);
      },
    }),
    loss: (scope, u, context) => {
      const [batch = 1, d = 1] = u.shape.map(Number);
      const level = schedule.level(spreadUniform(scope, batch, draws));
      const z = lossNoise(scope, [batch, draws, d], "normal", "validation of diffusion");
      const points = expandDims(u, 1);
      const f = levelField(field, scope, expandDims(context, 1))(noisy(level, points, z), level);
      const error = square(sub(f, velocityOf(level, points, z)));
      return mean(sum(error, { axes: [-1] }), { axes: [-1] });
    },
    describe: () => settings.describe(resolved),
  };
}
diffusion.settings = settings;

/** Draws along levels that fall, with as many blocks of noise as there are steps: the first is where they begin. */
function stochastic(f: LevelField, normal: Tensor, grid: readonly number[]): Tensor {
  const steps = grid.length - 1;
  const d = Number(normal.shape.at(-1)) / steps;
  const block = (i: number): Tensor => slice(normal, -1, i * d, (i + 1) * d);
  let x = block(0);
  for (const [i, from] of grid.slice(0, -1).entries()) {
    const level = levelAt(from, x.rank);
    const slope = f(x, level);
    const u = denoised(level, x, slope);
    // The last step ends at the data themselves.
    if (i === steps - 1) return u;
    const to = grid[i + 1] ?? 0;
    const z = add(mul(x, Math.sin(from)), mul(slope, Math.cos(from)));
    const fresh =
      (Math.sin(to) / Math.sin(from)) *
      Math.sqrt(Math.max(0, 1 - (Math.cos(from) / Math.cos(to)) ** 2));
    const kept = Math.sqrt(Math.max(0, Math.sin(to) ** 2 - fresh ** 2));
    x = add(add(mul(u, Math.cos(to)), mul(z, kept)), mul(block(i + 1), fresh));
  }
  return x;
}
