/**
 * A state space model as one without states: parameters that stay, and what is seen.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { DataSpec } from "../data/array-spec.js";
import { isPromise, type Nested } from "../data/simulator-output.js";
import { defineModel, type AnyModel, type Model } from "./model.js";
import type { SizesOf, SizeSpec } from "./sizes.js";
import { statesApart } from "./state-space.js";
import type { StatesOf, StaticsOf } from "./state-space-types.js";
import type { ModelDefinition, ParameterSpec } from "./types.js";

/** The model of what is seen alone. */
export type SeenModel<M extends AnyModel> = Model<
  StaticsOf<M["parameters"]>,
  Omit<M["data"], keyof StatesOf<M["parameters"]>>
>;

/**
 * The model of what is seen of a state space model, without its states: what other methods learn from. It simulates in the thread that asks.
 *
 * @throws InvalidArgumentError where the model has no states.
 * @example const estimator = await train(npe(withoutStates(volatility)), { simulations: 10_000 });
 */
export function withoutStates<M extends AnyModel>(model: M): SeenModel<M> {
  const whole: AnyModel = model;
  const { name, parameters, sizes, units, descriptions, stateSpace } = whole;
  if (stateSpace === undefined) {
    throw new InvalidArgumentError(
      `withoutStates: the model "${name}" has no states: it can be learned from as it is`,
    );
  }
  const { data } = statesApart(whole);
  const seen = (output: object): Record<string, Nested> =>
    Object.fromEntries(Object.entries(output).filter(([key]) => Object.hasOwn(data, key)));
  const definition: ModelDefinition<ParameterSpec, DataSpec> = {
    name,
    parameters,
    data,
    sizes,
    ...(units && { units: withoutNames(units, stateSpace.states) }),
    ...(descriptions && { descriptions: withoutNames(descriptions, stateSpace.states) }),
    simulate: (values, random, counts: SizesOf<SizeSpec>) => {
      const output = whole.simulate(values, random, counts);
      return isPromise(output) ? Promise.resolve(output).then(seen) : seen(output);
    },
  };
  const made: AnyModel = defineModel(definition);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parameters and arrays that its type says
  return made as unknown as SeenModel<M>;
}

function withoutNames<T extends object>(texts: T, names: readonly string[]): T {
  const own = Object.entries(texts).filter(([name]) => !names.includes(name));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same texts but for some
  return Object.fromEntries(own) as T;
}
