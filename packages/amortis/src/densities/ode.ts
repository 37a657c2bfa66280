/**
 * Ordinary differential equations dy/dt = f(y, t), solved in a fixed number of steps that are written out in the graph: Runge and Kutta's methods (Hairer, Nørsett & Wanner
 * 1993, "Solving Ordinary Differential Equations I").
 */
import { add, mul, type Tensor } from "@amortis/graph";
import * as z from "zod";

/** y: tensors side by side. */
export type State = readonly Tensor[];

/** f. */
export type Slopes = (state: State, time: number) => State;

/** The setting. */
export const solverSetting = z.enum(["heun", "euler", "rungeKutta"]);

/** How steps are made: Euler's, Heun's of second order (two slopes a step), or Runge and Kutta's of fourth order (four). */
export type Solver = z.output<typeof solverSetting>;

/** Nodes of a method, and which slopes lead to each; the last line weighs the slopes of a step. */
interface Tableau {
  readonly nodes: readonly number[];
  readonly stages: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

const TABLEAUX: Readonly<Record<Solver, Tableau>> = {
  euler: { nodes: [0], stages: [[]], weights: [1] },
  heun: { nodes: [0, 1], stages: [[], [1]], weights: [1 / 2, 1 / 2] },
  rungeKutta: {
    nodes: [0, 1 / 2, 1 / 2, 1],
    stages: [[], [1 / 2], [0, 1 / 2], [0, 0, 1]],
    weights: [1 / 6, 1 / 3, 1 / 3, 1 / 6],
  },
};

/**
 * y at the last of the times.
 *
 * @param times of the steps, in either direction.
 * @example integrate(([y]) => [mul(y, -1)], [y0], [0, 0.5, 1], "rungeKutta")
 */
export function integrate(
  slopes: Slopes,
  start: State,
  times: readonly number[],
  solver: Solver,
): State {
  const { nodes, stages, weights } = TABLEAUX[solver];
  return times.slice(1).reduce<State>((state, end, i) => {
    const from = times[i] ?? end;
    const step = end - from;
    const found: State[] = [];
    for (const [stage, node] of nodes.entries()) {
      const at = moved(
        state,
        found,
        (stages[stage] ?? []).map((w) => w * step),
      );
      found.push(slopes(at, from + node * step));
    }
    return moved(
      state,
      found,
      weights.map((w) => w * step),
    );
  }, start);
}

/** y + Σ weight · slope. */
function moved(state: State, slopes: readonly State[], weights: readonly number[]): State {
  return state.map((y, k) => {
    let sum = y;
    for (const [i, weight] of weights.entries()) {
      const slope = slopes[i]?.[k];
      if (slope !== undefined && weight !== 0) sum = add(sum, mul(slope, weight));
    }
    return sum;
  });
}
