/**
 * Consistency models: draws in a step or two, and no density (Song, Dhariwal, Chen & Sutskever 2023, arXiv 2303.01469; in continuous time: Lu & Song 2025, arXiv 2410.11081; for posteriors:
 * Schmitt, Pratz, Köthe, Bürkner & Radev 2024, arXiv 2312.05440).
 *
 * A function f carries any point of the way from data to noise to the data it comes from,
 *
 *     f(x, φ) = cos φ · x - sin φ · F_γ(x, φ, context),      f(u, 0) = u,      df(x_φ, φ)/dφ = 0 along dx/dφ,
 *
 * and is learned by following that derivative. With V = cos φ · z - sin φ · u as the velocity at x_φ = cos φ · u + sin φ · z,
 *
 *     γ* by steps along  ‖ F_γ - sg(F_γ + g / (‖g‖ + c)) ‖²,      g = -cos² φ (F_γ - V) - cos φ sin φ (x + V · ∂ₓ F_γ + ∂_φ F_γ),
 *
 * sg for what no gradient goes through. Draws begin at noise, f(z, π/2); further steps add noise of lower levels and take it off again. The loss has no minimum that says
 * how good draws are: validation is by their energy score.
 */
import {
  add,
  cos,
  directionalDerivative,
  div,
  expandDims,
  InvalidArgumentError,
  mean,
  mul,
  neg,
  pow,
  sin,
  slice,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  UnsupportedError,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { Settings } from "../settings/settings.js";
import type { ConditionalDensity } from "./density.js";
import { energyScore } from "./energy-score.js";
import { lossNoise, spreadUniform } from "./loss-noise.js";
import {
  denoised,
  levelAt,
  levelField,
  noisy,
  velocityOf,
  type LevelField,
} from "./noise-levels.js";
import { levelGrid, NOISE } from "./probability-flow.js";
import { regressionSettings, jumpsSetting, emphasisSetting } from "./regression-settings.js";

const settings = new Settings(
  "density",
  "consistency",
  z.strictObject({
    ...regressionSettings,
    /** Steps from noise to draws, one evaluation each. */
    jumps: jumpsSetting,
    /** How much more of the levels are near the data: φ = π/2 · w^p, w uniform. 1 for all alike. */
    emphasis: emphasisSetting,
  }),
);

/** Seen on a normal posterior that was there from the linear trend on: sds of .90 of what is right with 2 steps, .75 with 4. */
const LIMITS =
  "consistency: draws of a consistency model are fast and approximate, and tend to be too narrow, by a tenth or more: hold them against fresh simulations by diagnose, or take flowMatching where intervals matter";

/** Settings of a consistency model. */
export type ConsistencyOptions = z.input<typeof settings.schema>;

/** c: tangents much shorter than this are taken as they are. */
const SHORT = 0.1;

/**
 * A consistency model: it is drawn from, and has no density.
 *
 * @param options defaults: draws by two evaluations of a residual network of three blocks of width 128
 * @throws InvalidArgumentError where a setting is out of range. UnsupportedError where a density is asked for.
 * @example npe(model, { density: consistency({ jumps: 1 }) })
 */
export function consistency(options: ConsistencyOptions = {}): ConditionalDensity {
  const resolved = settings.resolve(options);
  const { field, jumps, emphasis, draws } = resolved;
  const grid = levelGrid(jumps).toReversed().slice(0, -1);
  const drawing: Pick<ConditionalDensity, "noise" | "sample"> = {
    noise: (d) => ({ normal: d * jumps, uniform: 0 }),
    sample: (scope, { normal }, context) => {
      if (normal === undefined) {
        throw new InvalidArgumentError("consistency is sampled from normal noise [..., jumps · d]");
      }
      return jumped(levelField(field, scope, context), normal, grid);
    },
  };
  return {
    kind: settings.kind,
    limits: LIMITS,
    ...drawing,
    withoutDensity: true,
    logDensity: () => {
      throw new UnsupportedError(
        "consistency: it makes draws, and has no density; where log-densities are needed, take flowMatching(), diffusion() or meanFlow()",
      );
    },
    loss: (scope, u, context) => {
      if (!scope.training) return energyScore(drawing, scope, u, context);
      const [batch = 1, d = 1] = u.shape.map(Number);
      const phi = mul(pow(spreadUniform(scope, batch, draws), emphasis), NOISE);
      const z = lossNoise(scope, [batch, draws, d], "normal", "validation of consistency");
      const f = levelField(field, scope, expandDims(context, 1));
      const error = tangentError(f, expandDims(u, 1), z, phi);
      return mean(sum(square(error), { axes: [-1] }), { axes: [-1] });
    },
    describe: () => settings.describe(resolved),
  };
}
consistency.settings = settings;

/** F less where its tangent leads. */
function tangentError(f: LevelField, u: Tensor, z: Tensor, phi: Tensor): Tensor {
  const level = { cos: stopGradient(cos(phi)), sin: stopGradient(sin(phi)) };
  const x = stopGradient(noisy(level, u, z));
  const velocity = velocityOf(level, u, z);
  const value = f(x, level);
  const derivative = directionalDerivative(
    value,
    [x, level.cos, level.sin],
    [velocity, neg(level.sin), level.cos],
  );
  const instant = mul(square(level.cos), sub(value, velocity));
  const along = mul(mul(level.cos, level.sin), add(x, derivative));
  const tangent = neg(add(instant, along));
  const length = sqrt(add(mean(square(tangent), { axes: [-1], keepDims: true }), 1e-12));
  return sub(value, stopGradient(add(value, div(tangent, add(length, SHORT)))));
}

/** Draws by steps from levels that fall, with a block of noise for each. */
function jumped(f: LevelField, normal: Tensor, grid: readonly number[]): Tensor {
  const d = Number(normal.shape.at(-1)) / grid.length;
  const block = (i: number): Tensor => slice(normal, -1, i * d, (i + 1) * d);
  let u = block(0);
  for (const [i, angle] of grid.entries()) {
    const level = levelAt(angle, u.rank);
    const x = i === 0 ? u : noisy(level, u, block(i));
    u = denoised(level, x, f(x, level));
  }
  return u;
}
