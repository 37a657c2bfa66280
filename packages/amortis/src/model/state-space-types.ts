/**
 * Types of state space models: parameters that stay, and states that vary in time.
 */
import type { DataSpec } from "../data/array-spec.js";
import type { ParameterSpec } from "./types.js";

/** Where the type of a model's parameters says what its states are. There is no such property. */
declare const STATES: unique symbol;

/** The parameters of a state space model as a model has them: those that stay. */
export type StateSpaceParameters<P extends ParameterSpec, H extends DataSpec> = P & {
  readonly [STATES]?: { readonly statics: P; readonly states: H };
};

/** The parameters that stay. */
export type StaticsOf<P> = P extends {
  readonly [STATES]?: { readonly statics: infer Q extends ParameterSpec };
}
  ? Q
  : ParameterSpec;

/** What the states are. */
export type StatesOf<P> = P extends {
  readonly [STATES]?: { readonly states: infer H extends DataSpec };
}
  ? H
  : DataSpec;

/** What a model is made of that has states. */
export interface StateSpace {
  /** The named size that says how many times there are. */
  readonly times: string;
  /** Names of the states among its data. */
  readonly states: readonly string[];
}
