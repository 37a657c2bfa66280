/**
 * What networks make of a series, a time after the other, and of its states.
 *
 *     h_t = GRU(h_{t-1}, E(y_t)),      r_t = (h_t, y_t, log t)
 *
 * r_t is all that is learned of y_1 ... y_t, however many they are: one network for all times, so that a series that has grown by a time takes one step more. A second network of the kind goes back from
 * the end, where states are not Markov: b_t is what it makes of all states and all that is seen after t.
 */
import {
  add,
  concat,
  constant,
  expandDims,
  glorotUniform,
  greater,
  mul,
  reshape,
  silu,
  slice,
  split,
  stack,
  where,
  type Named,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import type { ArraySpecs } from "../data/array-spec.js";
import type { Moments } from "../data/moments.js";
import { placeOf } from "../data/series-place.js";
import { sizeOf } from "../data/shape.js";
import { presenceName, spread, type Standardization } from "../data/standardization.js";
import { standardizeLinearly } from "../data/standardization-graph.js";
import { oneSet } from "../networks/elements.js";
import { gatedStep, gateInputs } from "../networks/gated-unit.js";
import { dense } from "../networks/mlp.js";

/** What is seen at each time, [batch, times, k]: numbers, and which of them are there. */
export function seenAt(data: Named, names: readonly string[]): Tensor {
  const seen = names.flatMap((name) =>
    [name, presenceName(name)].flatMap((key) => {
      const array = data[key];
      return array === undefined ? [] : [[key, array] as const];
    }),
  );
  return oneSet("smoothing", Object.fromEntries(seen)).elements;
}

/** What is seen at a time as the recurrent network has it: the numbers, and what one layer makes of them. */
function gatesOf(scope: Scope, x: Tensor, units: number): Tensor {
  const layer = silu(dense(scope.child("embedding"), x, units, glorotUniform()));
  return gateInputs(scope, concat([x, layer], -1), units);
}

/** r_t of all times of series of a known length, [batch, times, k] to [batch, times, units + k + 1]. */
export function contextsOf(scope: Scope, elements: Tensor, units: number): Tensor {
  let h: Tensor | undefined;
  const steps = inSteps(gatesOf(scope, elements, units));
  const states = steps.map((step) => {
    h = gatedStep(scope, step, h, units);
    return h;
  });
  const places = constant(
    steps.map((_, time) => placeOf(time)),
    [1, steps.length, 1],
  );
  const none = mul(slice(elements, -1, 0, 1), 0);
  return concat([stack(states, 1), elements, add(none, places)], -1);
}

/** The same one time on: what is seen then [batch, k], its place [batch, 1], and the state before [batch, units]. */
export function contextAt(
  scope: Scope,
  element: Tensor,
  place: Tensor,
  before: Tensor,
): { readonly after: Tensor; readonly context: Tensor } {
  const after = stepOf(scope, element, before);
  return { after, context: concat([after, element, place], -1) };
}

/** One step of a recurrent network, whichever way it goes: [..., k] and the state before [..., units] to the next. */
export function stepOf(scope: Scope, x: Tensor, before: Tensor): Tensor {
  const units = Number(before.shape.at(-1));
  return gatedStep(scope, gatesOf(scope, x, units), before, units);
}

/** b_t of all times, [batch, times, units], of states and what is seen, [batch, times, k], and which times are there, [batch, times]: zero where nothing follows. */
export function followingOf(scope: Scope, x: Tensor, there: Tensor, units: number): Tensor {
  const steps = inSteps(gatesOf(scope, x, units));
  const present = inSteps(expandDims(there, -1));
  const all: Tensor[] = [];
  let h = mul(slice(steps[0] ?? x, -1, 0, units), 0);
  for (let time = steps.length - 1; time >= 0; time--) {
    all.unshift(h);
    const [step, now] = [steps[time], present[time]];
    if (step === undefined || now === undefined) continue;
    h = mul(gatedStep(scope, step, h, units), now);
  }
  return stack(all, 1);
}

/** [batch, times, k] as [batch, k] at each time. */
function inSteps(x: Tensor): readonly Tensor[] {
  const [batch = 1, times = 1, k = 1] = x.shape;
  const ones = Array.from({ length: Number(times) }, () => 1);
  return split(x, ones, 1).map((step) => reshape(step, [batch, k]));
}

/** Moments of all numbers of the states at one time, one state after another. */
export function stateMoments(
  { data }: Pick<Standardization, "data">,
  states: ArraySpecs,
): Moments & { readonly offset: readonly number[] } {
  const all = Object.entries(states).map(([name, { shape }]) => {
    const { mean = [0], sd = [1], offset = [0], shape: shared } = data[name] ?? {};
    const own = shape.slice(1);
    const each = (values: readonly number[]): readonly number[] => [
      ...spread(values, own, shared?.slice(1)),
    ];
    return { mean: each(mean), sd: each(sd), offset: each(offset) };
  });
  return {
    mean: all.flatMap(({ mean }) => mean),
    sd: all.flatMap(({ sd }) => sd),
    offset: all.flatMap(({ offset }) => offset),
  };
}

/** Numbers of all states at one time. */
export function stateSize(states: ArraySpecs): number {
  return Object.values(states).reduce((sum, { shape }) => sum + sizeOf(shape.slice(1)), 0);
}

/** States [batch, times, d] as networks see them, by their moments, from arrays less their offsets; zero where there is none. And where there are, [batch, times]. */
export function statesSeen(
  data: Named,
  presences: Named,
  states: ArraySpecs,
  moments: Moments,
): { readonly states: Tensor; readonly there: Tensor } {
  const parts = Object.entries(states).flatMap(([name, { shape }]) => {
    const [array, presence] = [data[name], presences[presenceName(name)]];
    if (array === undefined || presence === undefined) return [];
    const [batch = 1] = array.shape;
    const flat = (x: Tensor): Tensor => reshape(x, [batch, shape[0] ?? 1, sizeOf(shape.slice(1))]);
    return [{ values: flat(array), present: flat(presence) }];
  });
  const present = concat(
    parts.map((part) => part.present),
    -1,
  );
  const values = concat(
    parts.map((part) => part.values),
    -1,
  );
  const [batch = 1, times = 1] = present.shape;
  return {
    states: where(greater(present, 0), standardizeLinearly(values, moments), 0),
    there: reshape(slice(present, -1, 0, 1), [batch, times]),
  };
}
