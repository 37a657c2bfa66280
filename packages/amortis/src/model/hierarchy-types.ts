/**
 * Types of hierarchies: parameters of all groups together, and of each group within them.
 */
import type { ArraySpecs, DataSpec } from "../data/array-spec.js";
import type { ScalarDistribution } from "../distributions/index.js";
import type { Stream } from "../random/index.js";
import type { SizesOf, SizeSpec } from "./sizes.js";
import type { ParameterSpec, Simulated, Values } from "./types.js";

/** A level of groups: how many there are, and what each has for itself. */
export interface Level<L extends ParameterSpec = ParameterSpec> {
  /** How many groups there are within one group of the level above: a prior of whole numbers from 1 on, such as `discreteLogUniform(2, 50)`. */
  readonly count: ScalarDistribution;
  /** Priors of what each group has for itself, given the parameters of the levels above: `dependent(["mu", "tau"], normal(0, 1), ...)`. */
  readonly parameters: L;
}

/** Levels by name, outermost first: `{ school: {...}, class: {...} }` is classes within schools. */
export type Levels = Readonly<Record<string, Level>>;

/** All of a union together. */
type Together<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer A) => void
  ? A
  : never;

/** The parameters of one group of each level. */
export type LocalsOf<G extends Levels> = Together<G[keyof G]["parameters"]>;

/** Where the type of a model's parameters says which are of which level. There is no such property. */
declare const HIERARCHY: unique symbol;

/** The parameters of a hierarchy as a model has them: the globals, and the locals of one group of each level. */
export type HierarchyParameters<P extends ParameterSpec, G extends Levels> = P &
  LocalsOf<G> & { readonly [HIERARCHY]?: { readonly globals: P; readonly levels: G } };

/** The parameters of all groups together. */
export type GlobalsOf<P> = P extends {
  readonly [HIERARCHY]?: { readonly globals: infer Q extends ParameterSpec };
}
  ? Q
  : ParameterSpec;

/** The levels of a hierarchy. */
export type LevelsOf<P> = P extends {
  readonly [HIERARCHY]?: { readonly levels: infer G extends Levels };
}
  ? G
  : Levels;

/** What `defineModel` is told of a hierarchy. */
export interface HierarchyDefinition<
  P extends ParameterSpec,
  G extends Levels,
  D extends DataSpec,
  S extends SizeSpec = SizeSpec,
> {
  /** What the model is called, in files and in reports. */
  readonly name: string;
  /** Priors of the parameters of all groups together. */
  readonly parameters: P;
  /** Levels of groups by name, outermost first. Names of parameters are those of no other level. */
  readonly groups: G;
  /** What the data of one innermost group are; what is known of a level above is an array of each of its innermost groups. */
  readonly data: D;
  /** How many there are of each named size in one innermost group. */
  readonly sizes?: S;
  /** Draws the data of one innermost group, given the parameters of all groups together and those of the groups that it is in. */
  readonly simulate: (
    values: Values<NoInfer<P & LocalsOf<G>>>,
    random: Stream,
    sizes: SizesOf<NoInfer<S>>,
  ) => Simulated<NoInfer<D>>;
  /** `import.meta.url` of the module that exports the model, so that worker threads can load it. */
  readonly module?: string;
}

/** A level, as what answers needs to know of it. */
export interface HierarchyLevel {
  readonly name: string;
  /** Names of the parameters of each of its groups. */
  readonly parameters: readonly string[];
  /** Groups within one of the level above, at most, of those that are simulated. */
  readonly most: number;
}

/** What a model is made of that is a hierarchy. */
export interface Hierarchy {
  /** Names of the parameters of all groups together. */
  readonly globals: readonly string[];
  /** Outermost first. */
  readonly levels: readonly HierarchyLevel[];
  /** What the data of one innermost group are, in full. */
  readonly innermost: ArraySpecs;
}
