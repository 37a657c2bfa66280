/**
 * A joint model: parameters with priors, data with shapes, and a simulator.
 *
 *   θ ~ p(θ),   Z ~ p(Z | θ)
 *
 * Parameters have names for people and one flat vector [p] for arithmetic, in the order in which they were named; data are flat
 * arrays in row-major order.
 */
import type { Tensor } from "@amortis/graph";
import { numberOf, unflatten, type ParameterSlot } from "../data/layout.js";
import { jointPrior, type JointPrior } from "../distributions/index.js";
import type { Stream } from "../random/index.js";
import { shapesOf, specsOf, type ArraySpecs, type DataSpec } from "../data/array-spec.js";
import { DataSets, type Column } from "../data/data-sets.js";
import { writeData } from "../data/simulator-output.js";
import { flattened } from "./hierarchy.js";
import type {
  Hierarchy,
  HierarchyDefinition,
  HierarchyParameters,
  Levels,
} from "./hierarchy-types.js";
import { checkedGradient } from "./likelihood-gradient.js";
import { statesAmong, statesApart } from "./state-space.js";
import type { StateSpace, StateSpaceParameters } from "./state-space-types.js";
import type {
  FlatData,
  GivenValues,
  LikelihoodGradient,
  ModelDefinition,
  ParameterSpec,
  Simulated,
  SimulatorOutput,
  Values,
} from "./types.js";
import { drawSizes, largestSizes, type SizeSpec, type SizesOf } from "./sizes.js";
import { isExternal, simulateOutside, type ExternalSimulator } from "./external.js";
import type { SimulationWorker } from "./in-workers.js";
import { wrongTexts, type TextsOf } from "./texts.js";
import { ModelError, validateDefinition } from "./validate.js";

// Shared between copies of the library, so that a model from another copy is still known as one.
const MODEL = Symbol.for("amortis.model");

/** A joint model of parameters and data. */
export interface Model<P extends ParameterSpec = ParameterSpec, D extends DataSpec = DataSpec> {
  readonly name: string;
  /** Priors by parameter. */
  readonly parameters: P;
  /** Their joint distribution: draws, densities, support, names and the map from unconstrained space of all parameters together. */
  readonly prior: JointPrior<P>;
  /** What each data array is, as the definition says it. */
  readonly data: D;
  /** What each data array is, in full. */
  readonly dataSpecs: ArraySpecs;
  /** URL of the module that exports the model, where it was given, or the model was loaded from there. */
  readonly module?: string;
  /** Starts a worker that simulates the model in a page, where `inWorkers` says how. */
  readonly startWorker?: () => SimulationWorker;
  /** Length p of the flat parameter vector. */
  readonly parameterSize: number;
  /** Names of the flat parameters: "range", "beta[0]", "beta[1]". */
  readonly parameterNames: readonly string[];
  /** Shapes by data array, as plain lists. */
  readonly dataShapes: { readonly [K in keyof D]: readonly number[] };
  /** How many there are of what varies from one data set to the next, by name. */
  readonly sizes: SizeSpec;
  /** The simulator, where it is outside of this program: many simulations are asked of it at once. */
  readonly external?: ExternalSimulator;
  /** Units of parameters and data by name, where the definition says them. */
  readonly units?: TextsOf<P, D>;
  /** What parameters and data are, in words, where the definition says it. */
  readonly descriptions?: TextsOf<P, D>;
  /**
   * Draws one data set given parameters; a promise of it where the simulator is asynchronous.
   *
   * @param sizes how many there are of each named size; by default draws of their priors.
   * @param precomputed what `precompute` said of these values, where that is known.
   */
  simulate(
    values: Values<P>,
    random: Stream,
    sizes?: Readonly<Record<string, number>>,
    precomputed?: unknown,
  ): Simulated<D>;
  /** What the simulator needs of parameters alone and is dear to compute. */
  precompute?(values: Values<P>): unknown;
  /** A draw of the prior, as a flat vector [p]. */
  samplePrior(random: Stream): Float64Array;
  /** log p(θ) of a flat vector [p]; -Infinity outside the prior's support. */
  logPrior(theta: ArrayLike<number>): number;
  /**
   * Parameters by name as a flat vector [p].
   *
   * @throws ModelError where one is missing, unknown, or of another size.
   */
  pack(values: GivenValues<P>): Float64Array;
  /**
   * A flat vector [p] as parameters by name.
   *
   * @throws ModelError where the vector is of another length.
   */
  unpack(theta: ArrayLike<number>): Values<P>;
  /**
   * A simulator's output as flat arrays.
   *
   * @throws DataError where an array is missing, unknown, or of another size.
   */
  packData(output: SimulatorOutput<D>): { readonly [K in keyof D]: Column };
  /** Of a hierarchy: what its levels are. */
  readonly hierarchy?: Hierarchy;
  /** Of a state space model: which of its data are states. */
  readonly stateSpace?: StateSpace;
  /** log p(data | parameters), where it is known. */
  logLikelihood?(values: Values<P>, data: FlatData<D>): number;
  /** The same with its gradient in the flat parameters, where it is known. */
  logLikelihoodGradient?(values: Values<P>, data: FlatData<D>): LikelihoodGradient;
  /** log p(data | parameters) as a graph, where it is known. */
  graphLogLikelihood?(
    theta: Readonly<Record<keyof P, Tensor>>,
    data: Readonly<Record<keyof D, Tensor>>,
  ): Tensor;
}

/** A model of any parameters and data. */
export type AnyModel = Model;

/** A model of groups within groups: its parameters are the globals, and the locals of the first group of each level; its data are those of all groups. */
export interface HierarchicalModel<
  P extends ParameterSpec = ParameterSpec,
  G extends Levels = Levels,
  D extends DataSpec = DataSpec,
> extends Model<HierarchyParameters<P, G>, D> {
  readonly hierarchy: Hierarchy;
}

/** A model with states that vary in time: its parameters are those that stay, its data the states and what is seen of them. */
export interface StateSpaceModel<
  P extends ParameterSpec = ParameterSpec,
  H extends DataSpec = DataSpec,
  D extends DataSpec = DataSpec,
> extends Model<StateSpaceParameters<P, H>, D & H> {
  readonly stateSpace: StateSpace;
}

/** What `defineModel` makes: a hierarchy where there are groups, a state space model where there are states. */
export type ModelOf<
  P extends ParameterSpec,
  G extends Levels,
  D extends DataSpec,
  // oxlint-disable-next-line typescript/no-empty-object-type -- no states
  H extends DataSpec = {},
> = [keyof G] extends [never]
  ? [keyof H] extends [never]
    ? Model<P, D>
    : string extends keyof H
      ? Model<P, D>
      : StateSpaceModel<P, H, D>
  : HierarchicalModel<P, G, D>;

/**
 * Defines a model.
 *
 * With `groups` it is a hierarchy: each group has parameters of its own, with priors that depend on those of all groups together, and `simulate` draws the data of one group
 * (docs/hierarchies.md). With `states` it is a state space model: `simulate` draws what varies in time and is never seen beside the data (docs/state-space.md).
 *
 * @param definition its name, priors, data shapes and simulator; see `ModelDefinition` and `HierarchyDefinition`.
 * @throws ModelError where a name, a prior, a shape or a level cannot be.
 * @example
 * export const coin = defineModel({
 *   name: "coin",
 *   parameters: { bias: beta(1, 1) },
 *   data: { heads: [] },
 *   simulate: ({ bias }, random) => ({ heads: random.binomial(10, bias) }),
 *   module: import.meta.url,
 * });
 */
export function defineModel<
  const P extends ParameterSpec,
  const D extends DataSpec,
  // oxlint-disable-next-line typescript/no-empty-object-type -- no size varies
  const S extends SizeSpec = {},
  // oxlint-disable-next-line typescript/no-empty-object-type -- no groups
  const G extends Levels = {},
  C = undefined,
  // oxlint-disable-next-line typescript/no-empty-object-type -- no states
  const H extends DataSpec = {},
>(definition: ModelDefinition<P, D, S, G, C, H>): ModelOf<P, G, D, H> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same without its names, by which what follows goes
  const model = defineAny(definition as unknown as ModelDefinition<ParameterSpec, DataSpec>);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a hierarchy where there are groups, with states where there are any
  return model as unknown as ModelOf<P, G, D, H>;
}

function defineAny(definition: ModelDefinition<ParameterSpec, DataSpec>): AnyModel {
  const { states, ...rest } = definition;
  if (isHierarchy(definition)) {
    if (states === undefined) return defineHierarchy(definition);
    throw new ModelError(
      `the model "${definition.name}" has groups and states: leave out one of them`,
    );
  }
  if (states === undefined) return define(rest);
  const { definition: whole, stateSpace } = statesAmong({ ...rest, states });
  return define(whole, undefined, stateSpace);
}

function defineHierarchy(definition: AnyHierarchy): AnyModel {
  const { definition: flat, hierarchy } = flattened(definition);
  return define(flat, hierarchy);
}

type AnyHierarchy = HierarchyDefinition<ParameterSpec, Levels, DataSpec>;

function isHierarchy(definition: object): definition is AnyHierarchy {
  return "groups" in definition && definition.groups !== undefined;
}

function define<P extends ParameterSpec, D extends DataSpec, S extends SizeSpec>(
  definition: ModelDefinition<P, D, S>,
  hierarchy?: Hierarchy,
  stateSpace?: StateSpace,
): Model<P, D> {
  validateDefinition(definition);
  const { name, parameters, data, simulate, module } = definition;
  const sizes: SizeSpec = definition.sizes ?? {};
  const { precompute, logLikelihood, logLikelihoodGradient, graphLogLikelihood } = definition;
  const { units, descriptions } = definition;
  const prior = jointPrior(parameters);
  const { slots, size: parameterSize } = prior;
  const dataSpecs = Object.freeze(specsOf(data, largestSizes(sizes)));
  for (const [which, texts] of Object.entries({ units, descriptions })) {
    const problem = texts && wrongTexts(which, texts, slots, dataSpecs);
    if (problem !== undefined) throw new ModelError(`the model "${name}": ${problem}`);
  }

  function checkLength(theta: ArrayLike<number>): void {
    if (theta.length !== parameterSize) {
      throw new ModelError(
        `the model "${name}" has ${parameterSize} flat parameter(s), but a vector of ${theta.length} was given`,
      );
    }
  }

  const outside = async (
    simulator: ExternalSimulator,
    values: Values<P>,
    random: Stream,
    given: Readonly<Record<string, number>>,
  ): Promise<SimulatorOutput<D>> => {
    const whole: AnyModel = model;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whoever takes what a simulator returns checks it
    return (await simulateOutside(simulator, whole, values, random, given)) as SimulatorOutput<D>;
  };

  const model: Model<P, D> = {
    name,
    parameters,
    prior,
    data,
    ...(module !== undefined && { module }),
    parameterSize,
    parameterNames: prior.flatNames,
    dataSpecs,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its keys are those of `data`, which fromEntries forgets
    dataShapes: shapesOf(dataSpecs) as Model<P, D>["dataShapes"],
    sizes,
    ...(units !== undefined && { units }),
    ...(descriptions !== undefined && { descriptions }),
    simulate: (values, random, given = drawSizes(sizes, random), known = precompute?.(values)) =>
      isExternal(simulate)
        ? outside(simulate, values, random, given)
        : // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one number for each name of S
          simulate(values, random, given as SizesOf<S>, known),
    ...(precompute !== undefined && { precompute }),
    ...(isExternal(simulate) && { external: simulate }),
    samplePrior: (random) => prior.sample(random),
    logPrior(theta) {
      checkLength(theta);
      return prior.logDensity(theta);
    },
    pack: (values) => packParameters(name, slots, values, parameterSize),
    unpack(theta) {
      checkLength(theta);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one value for each name of P, a number where it is a scalar
      return unflatten(slots, theta) as Values<P>;
    },
    packData(output) {
      const packed = DataSets.allocate(dataSpecs, 1);
      writeData(packed, output, 0);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one array for each name of D
      return packed.columns as { [K in keyof D]: Column };
    },
    ...(hierarchy !== undefined && { hierarchy }),
    ...(stateSpace !== undefined && { stateSpace }),
    ...(logLikelihood !== undefined && { logLikelihood }),
    ...(logLikelihoodGradient !== undefined && {
      logLikelihoodGradient: checkedGradient(name, parameterSize, logLikelihoodGradient),
    }),
    ...(graphLogLikelihood !== undefined && { graphLogLikelihood }),
  };
  return marked(model);
}

/** The model, loaded from a module that it does not name itself: workers load it from there. */
export function withModule(model: AnyModel, module: string): AnyModel {
  return marked({ ...model, module });
}

/** The model, simulated by workers of a page. */
export function withWorker(model: AnyModel, startWorker: () => SimulationWorker): AnyModel {
  return marked({ ...model, startWorker });
}

/** Known as a model, and frozen. */
function marked<M extends AnyModel>(model: M): M {
  return Object.freeze(Object.defineProperty(model, MODEL, { value: true }));
}

/** The model with another simulator: `amortis simulate MODEL --command PROGRAM`. */
export function withSimulator(model: AnyModel, external: ExternalSimulator): AnyModel {
  const { name, parameters, sizes, module } = model;
  return defineAny({
    name,
    parameters,
    ...statesApart(model),
    sizes,
    simulate: external,
    ...(module !== undefined && { module }),
  });
}

/** Whether a value is a model, of this copy of the library or another. */
export function isModel(value: unknown): value is AnyModel {
  return typeof value === "object" && value !== null && Object.hasOwn(value, MODEL);
}

function packParameters(
  model: string,
  slots: readonly ParameterSlot[],
  values: Readonly<Record<string, unknown>>,
  parameterSize: number,
): Float64Array {
  const known = slots.map((slot) => slot.name).join(", ");
  const unknown = Object.keys(values).find((key) => !slots.some((slot) => slot.name === key));
  if (unknown !== undefined) {
    throw new ModelError(`the model "${model}" has no parameter "${unknown}"; it has ${known}`);
  }
  const theta = new Float64Array(parameterSize);
  for (const slot of slots) {
    const { name, shape, offset, size } = slot;
    const value = numberOf(slot, Object.hasOwn(values, name) ? values[name] : undefined);
    const list = typeof value === "number" ? [value] : value;
    if (!isArrayLike(list) || list.length !== size) {
      const expected = shape.length === 0 ? "a number" : `an array of ${size} numbers`;
      const given = isArrayLike(list) ? `${list.length} numbers` : String(list);
      throw new ModelError(
        `the parameter "${name}" of the model "${model}" is ${expected}, but ${given} was given`,
      );
    }
    theta.set(list, offset);
  }
  return theta;
}

function isArrayLike(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}
