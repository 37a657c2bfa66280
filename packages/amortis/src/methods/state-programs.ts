/**
 * The programs by which series are answered. In each, the batch are series, or the times of one:
 *
 *     update                what is seen at one time, and the recurrent state     to the next, and r_t
 *     sampleStatics         r_t, noise                                            to draws of θ
 *     sampleFilter          r_t, θ, noise                                         to draws of x_t
 *     sampleSmoother        r_t, θ, x_{t+1}, noise                                to draws of x_t; where states are not Markov, also of y_{t+1} and b_{t+1}, to b_t as well
 *     logDensityStatics, logDensityFilter, logDensitySmoother                     log q of each
 */
import {
  add,
  concat,
  expandDims,
  input,
  squeeze,
  sub,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import { seenName } from "../data/series-place.js";
import type { ArraySpecs } from "../data/array-spec.js";
import type { Moments } from "../data/moments.js";
import { unconstrainedMoments } from "../data/standardization.js";
import { restore, standardizeAll, standardizeLinearly } from "../data/standardization-graph.js";
import type { ConditionalDensity } from "../densities/index.js";
import type { AnyModel } from "../model/index.js";
import { beside } from "./beside.js";
import type { InferenceContext, Programs } from "./method.js";
import { logScale } from "./posterior-programs.js";
import { contextAt, seenAt, stateMoments, stateSize, stepOf } from "./state-networks.js";

/** Where the weights of each density are. */
export const PLACES = { statics: "statics", filter: "filter", smoother: "smoother" } as const;

/** The densities of parameters, and of states. */
export interface StateDensities {
  readonly statics: ConditionalDensity;
  readonly states: ConditionalDensity;
}

/** Of what programs are made. */
export interface StateNetworks {
  readonly model: AnyModel;
  readonly states: ArraySpecs;
  readonly seen: ArraySpecs;
  readonly units: number;
  readonly markov: boolean;
  readonly densities: StateDensities;
}

/** All programs. */
export function statePrograms(inference: InferenceContext, networks: StateNetworks): Programs {
  const { scope, standardization } = inference;
  const { model, states, densities } = networks;
  const { update, width } = updateProgram(inference, networks);
  const context = input("context", ["batch", width]);
  const shared = expandDims(context, 1);
  const { bijection } = model.prior.centred;
  const space = unconstrainedMoments(standardization);
  const parameters = input("parameters", ["batch", "draws", model.parameterSize]);
  const unconstrained = bijection.graph.inverse(parameters);
  const given = beside(shared, standardizeLinearly(unconstrained, space));

  const theta = input("theta", ["batch", "draws", model.parameterSize]);
  const u = bijection.graph.inverse(theta);
  const d = stateSize(states);
  const moments = stateMoments(standardization, states);
  const [state, next] = [
    input("state", ["batch", "draws", d]),
    input("next", ["batch", "draws", d]),
  ];
  const after = following(inference, networks, next, moments);
  const ofStates = { density: densities.states, moments, asked: { state }, at: state };
  return {
    update,
    ...densityPrograms({
      name: "Statics",
      inputs: { context },
      density: densities.statics,
      place: scope.child(PLACES.statics),
      moments: space,
      given: shared,
      asked: { theta },
      at: u,
      slope: bijection.graph.logJacobian(u),
      drawn: (drawn) => ({ theta: bijection.graph.forward(drawn) }),
    }),
    ...densityPrograms({
      ...ofStates,
      name: "Filter",
      inputs: { context, parameters },
      place: scope.child(PLACES.filter),
      given,
      drawn: (drawn) => ({ state: drawn }),
    }),
    ...densityPrograms({
      ...ofStates,
      name: "Smoother",
      inputs: { context, parameters, ...after.inputs },
      ...(after.outputs && { outputs: after.outputs }),
      place: scope.child(PLACES.smoother),
      given: beside(given, after.all),
      drawn: (drawn) => ({ state: drawn }),
    }),
  };
}

/** What is seen of series at one time: arrays as inputs, and side by side as networks have them, [batch, k]. */
function seenInputs(
  { standardization }: InferenceContext,
  { seen }: StateNetworks,
): { readonly inputs: Readonly<Record<string, Tensor>>; readonly element: Tensor } {
  const arrays = Object.fromEntries(
    Object.entries(seen).map(([name, { shape }]) => [
      name,
      input(seenName(name), ["batch", 1, ...shape.slice(1)]),
    ]),
  );
  const data = standardizeAll(arrays, standardization, seen);
  const inputs = Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [seenName(name), array]),
  );
  return { inputs, element: squeeze(seenAt(data, Object.keys(seen)), [1]) };
}

/** The program that goes on with a series by a time, and the length of r_t. */
function updateProgram(
  inference: InferenceContext,
  networks: StateNetworks,
): { readonly update: Programs[string]; readonly width: number } {
  const { inputs, element } = seenInputs(inference, networks);
  const [before, place] = [
    input("before", ["batch", networks.units]),
    input("place", ["batch", 1]),
  ];
  const { after, context } = contextAt(inference.scope.child("series"), element, place, before);
  return {
    update: { inputs: { ...inputs, before, place }, outputs: { after, context } },
    width: Number(context.shape.at(-1)),
  };
}

/** What the smoother is given beside r_t and θ: the next state; where states are not Markov, all that follow, by a step of the network that goes back. */
function following(
  inference: InferenceContext,
  networks: StateNetworks,
  next: Tensor,
  moments: Moments,
): Pick<Factor, "inputs" | "outputs"> & { readonly all: Tensor } {
  const seen = standardizeLinearly(next, moments);
  if (networks.markov) return { inputs: { next }, all: seen };
  const { inputs, element } = seenInputs(inference, networks);
  const before = input("before", ["batch", "draws", networks.units]);
  const x = beside(seen, expandDims(element, 1));
  const after = stepOf(inference.scope.child("back"), x, before);
  return {
    inputs: { next, before, ...inputs },
    outputs: { after },
    all: concat([seen, after], -1),
  };
}

/** A density, and what it is of. */
interface Factor {
  readonly name: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly density: ConditionalDensity;
  readonly place: Scope;
  readonly moments: Moments;
  /** Its context, [batch, draws or 1, k]. */
  readonly given: Tensor;
  /** Where its logarithm is asked, as an input, and as the density has it but for its moments. */
  readonly asked: Readonly<Record<string, Tensor>>;
  readonly at: Tensor;
  /** log |dθ/du| there, where they are not the same. */
  readonly slope?: Tensor;
  /** What else comes out. */
  readonly outputs?: Readonly<Record<string, Tensor>>;
  /** Draws as outputs. */
  readonly drawn: (drawn: Tensor) => Readonly<Record<string, Tensor>>;
}

function densityPrograms(factor: Factor): Programs {
  const { name, inputs, outputs, density, place, moments, given, asked, at, drawn } = factor;
  const { slope = 0 } = factor;
  const noise = density.noise(moments.mean.length);
  const base: Record<string, Tensor> = {};
  if (noise.normal > 0) base["normal"] = input("normal", ["batch", "draws", noise.normal]);
  if (noise.uniform > 0) base["uniform"] = input("uniform", ["batch", "draws", noise.uniform]);
  const log = density.logDensity(place, standardizeLinearly(at, moments), given);
  return {
    [`sample${name}`]: {
      inputs: { ...inputs, ...base },
      outputs: { ...drawn(restore(density.sample(place, base, given), moments)), ...outputs },
    },
    [`logDensity${name}`]: {
      inputs: { ...inputs, ...asked },
      outputs: { logDensity: sub(log, add(slope, logScale(moments))), ...outputs },
    },
  };
}
