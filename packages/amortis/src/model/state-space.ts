/**
 * State space models: parameters θ that stay, states x_t that vary in time, and what is seen of them.
 *
 *     θ ~ p(θ),   x_1 ... x_T ~ p(x_1 ... x_T | θ),   y_1 ... y_T ~ p(y_1 ... y_T | x_1 ... x_T, θ)
 *
 * A simulator draws states and data together. The model is one like others whose simulations keep both; what learns from them, and is not told that some are never seen, is refused.
 */
import { specOf, type DataSpec } from "../data/array-spec.js";
import type { AnyModel } from "./model.js";
import type { StateSpace } from "./state-space-types.js";
import { ModelError } from "./validate.js";

/** A definition with states, whatever its names. */
interface WithStates {
  readonly name: string;
  readonly data: DataSpec;
  readonly states?: DataSpec;
}

/**
 * States as arrays among the others.
 *
 * @throws ModelError where there is no state, one has the name of a data array, or they are not of one named size.
 */
export function statesAmong<T extends WithStates>({
  states = {},
  ...definition
}: T): { readonly definition: Omit<T, "states">; readonly stateSpace: StateSpace } {
  const { name, data } = definition;
  const what = `the model "${name}"`;
  const example =
    'states: { h: ["times"] }, data: { y: ["times"] }, sizes: { times: discreteUniform(20, 100) }';
  const found = Object.entries(states).map(([key, spec]) => [key, specOf(spec)] as const);
  const [first] = found;
  if (first === undefined) {
    throw new ModelError(`${what} has no state: name one or more, as in ${example}`);
  }
  const both = found.find(([key]) => Object.hasOwn(data, key));
  if (both !== undefined) {
    throw new ModelError(
      `${what} has a state and a data array of one name, "${both[0]}": rename one`,
    );
  }
  const [, { size: times }] = first;
  const odd = found.find(
    ([, { size, missing }]) => size === undefined || size !== times || missing,
  );
  if (odd !== undefined || times === undefined) {
    throw new ModelError(
      `${what}: the state "${(odd ?? first)[0]}" needs a value at each time: let its shape, like those of all states, begin with the named size of the series, as in ${example}`,
    );
  }
  return {
    definition: { ...definition, data: { ...data, ...states } },
    stateSpace: Object.freeze({ times, states: found.map(([key]) => key) }),
  };
}

/** What a definition says of the data of a model that there is: its states apart from what is seen. */
export function statesApart({ data, stateSpace }: AnyModel): {
  readonly data: DataSpec;
  readonly states?: DataSpec;
} {
  if (stateSpace === undefined) return { data };
  const isState = (name: string): boolean => stateSpace.states.includes(name);
  const of = (which: boolean): DataSpec =>
    Object.fromEntries(Object.entries(data).filter(([name]) => isState(name) === which));
  return { data: of(false), states: of(true) };
}
