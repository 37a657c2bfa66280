/**
 * Neural smoothing and filtering: posteriors of parameters that stay and of states that vary in time, for series of any length.
 *
 * Of a process whose states are Markov, x_t given x_{t-1}, and what is seen of it, y_t given x_t and what was seen before, the posterior goes backwards,
 *
 *     p(θ, x_1 ... x_T | y_1 ... y_T) = p(θ | y_1 ... y_T) p(x_T | θ, y_1 ... y_T) Π_{t<T} p(x_t | x_{t+1}, θ, y_1 ... y_t),
 *
 * where each factor is given the past alone: x_{t+1} says of the future all that there is to say of x_t. So a recurrent summary r_t of y_1 ... y_t serves all factors, at all times and for all T
 * (Kitagawa 1987; Godsill, Doucet & West 2004). They are three conditional densities, learned together by maximum likelihood from draws of the joint model at times t,
 *
 *     min E [ -log q(θ | r_t) - log q(x_t | θ, r_t) - log q(x_t | x_{t+1}, θ, r_t) ],
 *
 * of which the first and the second filter: p(θ | y_1 ... y_t), and p(x_t | θ, y_1 ... y_t). All times share one network of each. Where states are not Markov (`markov: false`) the third is
 * q(x_t | x_{t+1}, b_t, θ, r_t), b_t a recurrent summary of x_{t+1} ... x_T and y_{t+1} ... y_T: an autoregressive estimator of any process, which the chain rule makes exact.
 */
import {
  add,
  cast,
  concat,
  constant,
  div,
  expandDims,
  floor,
  gather,
  InvalidArgumentError,
  maximum,
  mul,
  neg,
  pad,
  slice,
  sum,
  UnsupportedError,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import { z } from "zod";
import { specToJSON, type ArraySpec, type ArraySpecs } from "../data/array-spec.js";
import { densitySlot, type ConditionalDensity } from "../densities/density.js";
import { splineCoupling } from "../densities/spline-coupling.js";
import type { AnyModel, StateSpace } from "../model/index.js";
import { whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { beside } from "./beside.js";
import type { Method, TrainingContext } from "./method.js";
import {
  contextsOf,
  followingOf,
  seenAt,
  stateMoments,
  stateSize,
  statesSeen,
} from "./state-networks.js";
import { PLACES, statePrograms, type StateDensities } from "./state-programs.js";
import { FAST } from "./usual-training.js";

const settings = new Settings(
  "method",
  "smoothing",
  z.strictObject({
    /** Numbers of the recurrent state that follows a series. */
    units: whole.default(64),
    /** q(θ | r_t). By default spline flows. */
    density: densitySlot.default(() => splineCoupling({ activation: "silu" })),
    /** q(x_t | θ, r_t), and q(x_t | x_{t+1}, θ, r_t): two of a kind. By default spline flows, of fewer layers where a state is one number. */
    states: densitySlot.optional(),
    /**
     * Whether x_t depends on x_{t-1} alone, and what is seen at t on x_t and on what was seen before. Where it does not, as where states alone do not say how what is seen goes on, states are drawn
     * given all that follow, by a second recurrent network that goes back.
     */
    markov: z.boolean().default(true),
    /** Times of each series that a step of training looks at, spread evenly; the recurrent network sees all. */
    times: whole.default(8),
  }),
  { about: "posteriors of states that vary in time" },
);

/** Networks of smoothing. */
export type SmoothingOptions = z.input<typeof settings.schema>;

/** Longest series of simulations: in training each time is a dozen operations. */
const MOST_TIMES = 512;

/**
 * Neural smoothing and filtering: one training answers the parameters and the states of series of any length, and goes on with each time that is added.
 *
 * @param options defaults: a gated recurrent unit of 64 numbers, spline flows, eight times of each series in each step of training.
 * @throws InvalidArgumentError where the model has no states, data are not along the series, or series are longer than 512 times; UnsupportedError where a parameter is discrete, or a density has none.
 * @example
 * const estimator = await train(smoothing(volatility), { simulations: 10_000 });
 * (await estimator.given({ y })).mean().states.h;      // given all of y, at each time
 * (await estimator.filter({ y })).mean().h;            // at each time given what was seen until then
 */
export function smoothing<M extends AnyModel>(
  model: M,
  options: SmoothingOptions = {},
): Method<M, "states"> {
  const resolved = settings.resolve(options);
  const { units, density, times, markov } = resolved;
  const { states, seen, most } = partsOf(model);
  const d = stateSize(states);
  const own = resolved.states ?? stateFlow(d);
  const densities = { statics: density, states: own };
  const without = Object.values(densities).find((one) => one.withoutDensity === true);
  if (without !== undefined) {
    throw new UnsupportedError(
      `smoothing: ${without.kind} makes draws and has no density: take a flow, or flowMatching() or diffusion()`,
    );
  }
  const k = model.prior.centred.bijection.unconstrainedSize;
  const [limits] = Object.values(densities).flatMap((one) => one.limits ?? []);
  return {
    name: settings.kind,
    model,
    description: settings.describe({ ...resolved, density }),
    usual: FAST,
    ...(limits !== undefined && { limits }),
    answers: {
      kind: "states",
      data: Object.fromEntries(
        Object.entries(seen).map(([name, spec]) => [name, specToJSON(spec)]),
      ),
      states: Object.entries(states).map(([name, { shape }]) => ({
        name,
        shape: shape.slice(1),
      })),
      statics: model.parameterSize,
      most,
      units,
      markov,
      noise: { statics: density.noise(k), states: own.noise(d) },
    },
    losses: (training) => {
      const { scope, data, transformed, standardization } = training;
      const elements = seenAt(data, Object.keys(seen));
      const moments = stateMoments(standardization, states);
      const known = statesSeen(transformed, data, states, moments);
      const both = concat([known.states, elements], -1);
      const series = {
        ...known,
        contexts: contextsOf(scope.child("series"), elements, units),
        ...(!markov && { following: followingOf(scope.child("back"), both, known.there, units) }),
      };
      return lossesOf(training, series, densities, timesOf(scope, most, times));
    },
    programs: (context) =>
      statePrograms(context, { model, states, seen, units, markov, densities }),
  };
}
smoothing.settings = settings;

/** Of one number, more layers than two say nothing that wider ones do not. */
function stateFlow(dimension: number): ConditionalDensity {
  const common = { hidden: [64, 64], activation: "silu" } as const;
  return splineCoupling(dimension === 1 ? { ...common, layers: 2 } : common);
}

/** What a series is made of. */
interface Parts {
  readonly states: ArraySpecs;
  /** What is seen: of any number of times. */
  readonly seen: ArraySpecs;
  /** Times of the longest series. */
  readonly most: number;
}

/** @throws InvalidArgumentError where the model has no states, or data are not along the series. */
function partsOf({ name, stateSpace, dataSpecs }: AnyModel): Parts {
  if (stateSpace === undefined) {
    throw new InvalidArgumentError(
      `smoothing: the model "${name}" has no states: define it with states: { h: ["times"] }, which simulate returns beside the data, or take npe`,
    );
  }
  const isState = (key: string): boolean => stateSpace.states.includes(key);
  const all = Object.entries(dataSpecs);
  const seen = all.filter(([key]) => !isState(key));
  const [, { shape: [most = 1] = [] } = {}] = all.find(([key]) => isState(key)) ?? [];
  requireAlong(name, stateSpace, seen);
  if (most < 2 || most > MOST_TIMES) {
    throw new InvalidArgumentError(
      `smoothing: the model "${name}" has series of up to ${most} times, but learns from 2 to ${MOST_TIMES}: simulate so many, and longer ones are answered too`,
    );
  }
  const ofAnyNumber = ([key, spec]: readonly [string, ArraySpec]) =>
    [key, { ...spec, kind: "set", channels: spec.shape.length === 2 } as const] as const;
  return {
    states: Object.fromEntries(all.filter(([key]) => isState(key))),
    seen: Object.fromEntries(seen.map(ofAnyNumber)),
    most,
  };
}

function requireAlong(
  model: string,
  { times }: StateSpace,
  seen: readonly (readonly [string, ArraySpec])[],
): void {
  const odd = seen.find(([, { size }]) => size !== times);
  if (odd === undefined) return;
  throw new InvalidArgumentError(
    `smoothing: "${odd[0]}" of the model "${model}" should have a value at each time, as its states have: let its shape begin with "${times}", and repeat what stays the same`,
  );
}

/** Which times a step looks at: in training some, from a random one on; all where it is judged. */
function timesOf(scope: Scope, most: number, times: number): Tensor {
  const all = Array.from({ length: most }, (_, t) => t);
  if (!scope.training || times >= most) return constant(all, [most], "int64");
  const stride = Math.floor(most / times);
  const starts = constant(all.slice(0, times).map((i) => i * stride));
  const free = most - stride * (times - 1);
  return cast(add(floor(mul(scope.noise([1], "uniform"), free)), starts), "int64");
}

/** A series as losses are of it. */
interface Series {
  /** r_t, [batch, times, k]. */
  readonly contexts: Tensor;
  /** x_t as networks see them, [batch, times, d], and where there are, [batch, times]. */
  readonly states: Tensor;
  readonly there: Tensor;
  /** b_t, [batch, times, units], where states are not Markov. */
  readonly following?: Tensor;
}

/** Minus the logarithms of all three densities, [batch], averaged over the times that a step looks at. */
function lossesOf(
  training: TrainingContext,
  { contexts, states, there, following }: Series,
  densities: StateDensities,
  times: Tensor,
): Tensor {
  const { scope } = training;
  const at = (x: Tensor): Tensor => gather(x, times, 1);
  const r = at(contexts);
  const [now, followed] = [at(there), at(later(there))];
  const [x, next] = [at(states), at(later(states))];
  const after = following === undefined ? next : concat([next, at(following)], -1);
  const shared = expandDims(training.unconstrained(), 1);
  const theta = add(shared, mul(slice(r, -1, 0, 1), 0));
  const given = beside(r, shared);
  const loss = (which: keyof typeof PLACES, u: Tensor, context: Tensor, where: Tensor): Tensor => {
    const density = which === "statics" ? densities.statics : densities.states;
    const place = scope.child(PLACES[which]);
    const each = density.loss?.(place, u, context) ?? neg(density.logDensity(place, u, context));
    return div(sum(mul(each, where), { axes: [1] }), maximum(sum(where, { axes: [1] }), 1));
  };
  return add(
    add(loss("statics", theta, r, now), loss("filter", x, given, now)),
    loss("smoother", x, beside(given, after), followed),
  );
}

/** What follows at each time, [batch, times, ...]; at the last, zero. */
function later(x: Tensor): Tensor {
  const widths = x.shape.map((_, axis): readonly [number, number] => [0, axis === 1 ? 1 : 0]);
  return pad(slice(x, 1, 1, Number(x.shape[1])), widths);
}
