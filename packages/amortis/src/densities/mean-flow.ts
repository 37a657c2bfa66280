/**
 * Mean flow: draws in one step or a few, and a density (Geng, Deng, Bai, Kolter & He 2025, arXiv 2505.13447).
 *
 * In the place of the velocity F at a noise level a network learns its average U over levels from ρ to φ, so that one step goes all the way:
 *
 *     x_ρ = x_φ - (φ - ρ) U(x_φ, ρ, φ),      U(x_φ, ρ, φ) = 1/(φ - ρ) ∫_ρ^φ F(x_s, s) ds.
 *
 * Differentiating (φ - ρ) U in φ gives the identity by which it is learned without solving anything, along the path x_φ = cos φ · u + sin φ · z with velocity V,
 *
 *     γ* = argmin E ‖ U_γ - sg( V - (φ - ρ) (V · ∂ₓ U_γ + ∂_φ U_γ) ) ‖²,      V = cos φ · z - sin φ · u,
 *
 * sg for what no gradient goes through. Where ρ = φ this is flow matching, and U(x, φ, φ) = F(x, φ) has the density (`noise-levels.ts`). The paper's path is straight; the identity holds
 * for any. Its loss says little of how good draws are, since its target moves: validation is by the energy score of draws.
 */
import {
  concat,
  constant,
  cos,
  directionalDerivative,
  expandDims,
  InvalidArgumentError,
  mean,
  mul,
  neg,
  pow,
  sin,
  square,
  stopGradient,
  sub,
  sum,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import type { VectorField } from "../networks/vector-field.js";
import { Settings } from "../settings/settings.js";
import type { ConditionalDensity } from "./density.js";
import { energyScore } from "./energy-score.js";
import { lossNoise, spreadUniform } from "./loss-noise.js";
import { levelAt, noisy, timesOf, velocityOf, type Level } from "./noise-levels.js";
import { levelGrid, NOISE, probabilityFlow, probabilityFlowSettings } from "./probability-flow.js";
import { regressionSettings, jumpsSetting, emphasisSetting } from "./regression-settings.js";

const settings = new Settings(
  "density",
  "meanFlow",
  z.strictObject({
    ...regressionSettings,
    /** Steps from noise to draws, one evaluation each. */
    jumps: jumpsSetting,
    /** How much more of the levels are near the data: φ = π/2 · w^p, w uniform. 1 for all alike. */
    emphasis: emphasisSetting,
    ...probabilityFlowSettings,
  }),
);

/** Settings of a mean flow. */
export type MeanFlowOptions = z.input<typeof settings.schema>;

/**
 * A density whose draws take a step or two.
 *
 * @param options defaults: draws by two evaluations of a residual network of three blocks of width 128; densities by 8 steps of Runge and Kutta's method with exact traces
 * @throws InvalidArgumentError where a setting is out of range.
 * @example npe(model, { density: meanFlow({ jumps: 1 }) })
 */
export function meanFlow(options: MeanFlowOptions = {}): ConditionalDensity {
  const resolved = settings.resolve(options);
  const { field, jumps, emphasis, draws } = resolved;
  const grid = levelGrid(jumps).toReversed();
  const drawing: Pick<ConditionalDensity, "noise" | "sample"> = {
    noise: (d) => ({ normal: d, uniform: 0 }),
    sample: (scope, { normal }, context) => {
      if (normal === undefined) {
        throw new InvalidArgumentError("meanFlow is sampled from normal noise [..., d]");
      }
      return grid.slice(1).reduce((x, to, i) => {
        const from = grid[i] ?? to;
        const levels = [levelAt(from, x.rank), levelAt(to, x.rank)] as const;
        return sub(x, mul(averageField(field, scope, context)(x, ...levels), from - to));
      }, normal);
    },
  };
  return {
    kind: settings.kind,
    ...probabilityFlow("meanFlow", instantaneous(field), resolved),
    ...drawing,
    loss: (scope, u, context) => {
      if (!scope.training) return energyScore(drawing, scope, u, context);
      const [batch = 1, d = 1] = u.shape.map(Number);
      const phi = mul(pow(spreadUniform(scope, batch, draws), emphasis), NOISE);
      const gap = mul(
        mul(phi, scope.noise([batch, draws, 1], "uniform")),
        everyOther(batch, draws),
      );
      const z = lossNoise(scope, [batch, draws, d], "normal", "validation of mean flow");
      const error = identityError(
        averageField(field, scope, expandDims(context, 1)),
        expandDims(u, 1),
        z,
        phi,
        gap,
      );
      return mean(sum(square(error), { axes: [-1] }), { axes: [-1] });
    },
    describe: () => settings.describe(resolved),
  };
}
meanFlow.settings = settings;

/** U at points, from one level to another below it. */
type AverageField = (x: Tensor, from: Level, to: Level) => Tensor;

function averageField(field: VectorField, scope: Scope, context: Tensor): AverageField {
  return (x, from, to) =>
    field.apply(scope.child("field"), x, bothTimes(timesOf(from), timesOf(to)), context);
}

/** Times of both levels, and how far they are apart. */
function bothTimes(from: Tensor, to: Tensor): Tensor {
  return concat([from, sub(from, to)], -1);
}

/** F = U from each level to itself. */
function instantaneous(field: VectorField): VectorField {
  return {
    ...field,
    apply: (scope, x, times, context) => field.apply(scope, x, bothTimes(times, times), context),
  };
}

/** U less its target, at levels φ and φ - gap. */
function identityError(
  average: AverageField,
  u: Tensor,
  z: Tensor,
  phi: Tensor,
  gap: Tensor,
): Tensor {
  const level = { cos: stopGradient(cos(phi)), sin: stopGradient(sin(phi)) };
  const rho = sub(phi, gap);
  const x = stopGradient(noisy(level, u, z));
  const velocity = velocityOf(level, u, z);
  const value = average(x, level, { cos: cos(rho), sin: sin(rho) });
  const derivative = directionalDerivative(
    value,
    [x, level.cos, level.sin],
    [velocity, neg(level.sin), level.cos],
  );
  return sub(value, stopGradient(sub(velocity, mul(derivative, gap))));
}

/** 1 for every other pair of example and draw, and 0. */
function everyOther(batch: number, draws: number): Tensor {
  const values = Array.from(
    { length: batch * draws },
    (_, i) => (Math.floor(i / draws) + (i % draws)) % 2,
  );
  return constant(values, [batch, draws, 1]);
}
