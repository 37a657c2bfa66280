/**
 * Draws and densities of a field F that carries noise into data and back, dx/dφ = F(x, φ): see `noise-levels.ts`.
 *
 *     log q(u | context) = log N(x(π/2); 0, I) + ∫₀^{π/2} tr ∂F/∂x (x(φ), φ) dφ,      x(0) = u
 *
 * (Chen et al. 2018, arXiv 1806.07366; for diffusions: Song et al. 2021, arXiv 2011.13456). Steps are short where there is little noise, since narrow densities bend there.
 */
import {
  add,
  div,
  expandDims,
  InvalidArgumentError,
  mean,
  mul,
  slice,
  sqrt,
  square,
  sub,
  sum,
  zeros,
  type Tensor,
} from "@amortis/graph";
import type * as z from "zod";
import type { VectorField } from "../networks/vector-field.js";
import { whole } from "../settings/fields.js";
import type { Flow } from "./density.js";
import { denoised, levelAt, levelField, type LevelField } from "./noise-levels.js";
import { integrate, solverSetting, type Solver } from "./ode.js";
import { randomDirections, traced, unitDirections, type Directions } from "./trace.js";

/** The settings. */
export const probabilityFlowSettings = {
  /** Steps of a solver from noise to draws, and back for densities. */
  steps: whole.max(200).default(8),
  solver: solverSetting.default("rungeKutta"),
  /** Random directions by which the trace in log-densities is estimated; by default it is exact, by as many as there are parameters. */
  directions: whole.max(1000).optional(),
};

/** How draws and densities are solved for. */
export interface ProbabilityFlowOptions {
  readonly steps: number;
  readonly solver: Solver;
  readonly directions?: z.output<typeof probabilityFlowSettings.directions>;
}

/** The highest level: noise alone. */
export const NOISE = Math.PI / 2;

/** Levels up to about this are told apart by more than their difference. */
const NARROW = 0.05;

/** Levels of so many steps from `from` (data, or nearly) to `to`: steps grow with the level. */
export function levelGrid(steps: number, from = 0, to = NOISE): readonly number[] {
  const [first, last] = [Math.log(NARROW + from), Math.log(NARROW + to)];
  const levels = Array.from(
    { length: steps + 1 },
    (_, i) => Math.exp(first + ((last - first) * i) / steps) - NARROW,
  );
  return levels.with(0, from).with(steps, to);
}

/**
 * Draws and densities of a field.
 *
 * @param grid levels from data to noise; by default from no noise to nothing else.
 */
export function probabilityFlow(
  what: string,
  field: VectorField,
  { steps, solver, directions: count }: ProbabilityFlowOptions,
  grid: readonly number[] = levelGrid(steps),
): Flow {
  return {
    noise: (d) => ({ normal: d, uniform: 0 }),
    sample: (scope, { normal }, context) => {
      if (normal === undefined) {
        throw new InvalidArgumentError(`${what} is sampled from normal noise [..., d]`);
      }
      const f = levelField(field, scope, context);
      const slopes = ([x = normal]: readonly Tensor[], angle: number) => [
        f(x, levelAt(angle, x.rank)),
      ];
      const [u = normal] = integrate(slopes, [normal], grid.toReversed(), solver);
      return u;
    },
    denoise: (scope, x, level, context) =>
      denoised(level, x, levelField(field, scope, context)(x, level)),
    logDensity: (scope, u, context) => {
      const d = Number(u.shape.at(-1));
      const directions = count === undefined ? unitDirections(d) : randomDirections(count, d);
      return densityEstimate(levelField(field, scope, expandDims(context, -2)), u, {
        grid,
        solver,
        directions,
      }).value;
    },
  };
}

/** How a density is solved for. */
export interface DensitySolution {
  /** Levels from data to noise. */
  readonly grid: readonly number[];
  readonly solver: Solver;
  readonly directions: Directions;
}

/** A log-density [...], and how far random directions may have taken it from what unit directions give: 0 for these. */
export interface DensityEstimate {
  readonly value: Tensor;
  readonly standardError: Tensor;
}

/**
 * The log-density of points along a field.
 *
 * @param f takes points with one axis more than those of u before the last.
 * @param u [..., d]
 */
export function densityEstimate(
  f: LevelField,
  u: Tensor,
  { grid, solver, directions }: DensitySolution,
): DensityEstimate {
  const { count, exact } = directions;
  const slopes = ([x = u]: readonly Tensor[], angle: number) => {
    const level = levelAt(angle, x.rank + 1);
    const { value, products } = traced((points) => f(points, level), x, directions);
    return [value, products];
  };
  const start = [u, mul(slice(u, -1, 0, 1), zeros([count]))];
  const [z = u, spread = u] = integrate(slopes, start, grid, solver);
  const base = sum(add(mul(square(z), -0.5), -0.5 * Math.log(2 * Math.PI)), { axes: [-1] });
  const average = mean(spread, { axes: [-1] });
  const error = sub(spread, mean(spread, { axes: [-1], keepDims: true }));
  const variance = div(mean(square(error), { axes: [-1] }), Math.max(1, count - 1));
  return {
    value: add(base, mul(average, exact ? count : 1)),
    standardError: exact ? mul(average, 0) : sqrt(variance),
  };
}
