/**
 * A flow that carries residuals of posteriors to those of true parameters: its velocity, and the programs that follow it.
 *
 *     dr/dt = v_φ(r, t; features),      r(0) = r,   r(1) = r',      log |dr/dr'| = -∫₀¹ tr ∂v/∂r dt
 */
import {
  constant,
  encodeProgram,
  expandDims,
  input,
  mul,
  Scope,
  slice,
  squeeze,
  sum,
  zeros,
  Variables,
  type Tensor,
} from "@amortis/graph";
import { integrate, type State } from "../densities/ode.js";
import { traced, unitDirections } from "../densities/trace.js";
import { modulatedResidual } from "../networks/modulated-residual.js";
import { BACK, FORWARD, PREFIX } from "./transport-names.js";

/** A small network: pairs are few. */
const FIELD = modulatedResidual({ width: 32, blocks: 1, embedding: 16 });

/** Steps of Runge and Kutta's method. */
const TIMES: readonly number[] = Array.from({ length: 9 }, (_, i) => i / 8);

/** v at r [..., d], times and features whose leading axes broadcast. */
export function velocity(variables: Variables, r: Tensor, time: Tensor, features: Tensor): Tensor {
  return FIELD.apply(Scope.root(variables, "inference").child(PREFIX), r, time, features);
}

/** Inputs and outputs of both programs, of residuals [batch, draws, d] given features [batch, k]. */
export function transportPrograms(variables: Variables, d: number) {
  const features = input("features", ["batch", 2 * d]);
  const residuals = input("residuals", ["batch", "draws", d]);
  const shared = expandDims(features, 1);
  const inputs = { features, residuals };
  const at = (time: number, rank: number): Tensor =>
    constant(
      [time],
      Array.from({ length: rank }, () => 1),
    );
  const forward = ([r = residuals]: State, time: number): State => [
    velocity(variables, r, at(time, 3), shared),
  ];
  const each = expandDims(shared, 1);
  const directions = unitDirections(d);
  const back = ([r = residuals]: State, time: number): State => {
    const field = (points: Tensor) => velocity(variables, points, at(time, 4), each);
    const { value, products } = traced(field, r, directions);
    return [value, sum(products, { axes: [-1], keepDims: true })];
  };
  const [moved = residuals] = integrate(forward, [residuals], TIMES, "rungeKutta");
  const start = [residuals, mul(slice(residuals, -1, 0, 1), zeros([1]))];
  const [from = residuals, logScale = residuals] = integrate(
    back,
    start,
    TIMES.toReversed(),
    "rungeKutta",
  );
  return {
    [FORWARD]: { inputs, outputs: { moved } },
    [BACK]: { inputs, outputs: { from, logScale: squeeze(logScale, [-1]) } },
  };
}

/** The programs as an estimator's file has them, and the shapes of their weights. */
export function encodeTransport(d: number) {
  const variables = new Variables();
  const programs = Object.entries(transportPrograms(variables, d)).map(
    ([name, program]) => [name, encodeProgram({ name, ...program, variables })] as const,
  );
  const shapes = variables.entries.map(({ name, shape }) => ({ name, shape: [...shape] }));
  return { programs: Object.fromEntries(programs), variables: shapes };
}
