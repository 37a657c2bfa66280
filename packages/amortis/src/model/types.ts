/**
 * Types by which the names and shapes of a model flow through everything that is asked of it.
 */
import type { Tensor } from "@amortis/graph";
import type { DataSpec } from "../data/array-spec.js";
import type { Nested } from "../data/simulator-output.js";
import type { ExternalSimulator } from "./external.js";
import type { Distribution } from "../distributions/index.js";
import type { Levels, LocalsOf } from "./hierarchy-types.js";
import type { SizesOf, SizeSpec } from "./sizes.js";
import type { TextsOf } from "./texts.js";
import type { Stream } from "../random/index.js";

/** Priors of named parameters, in the order of the flat parameter vector. */
export type ParameterSpec = Readonly<Record<string, Distribution>>;

/** A value of a prior: a number where its shape is [], an array where it is [d], either where the type does not say. */
export type ValueOf<F extends Distribution> = number extends F["shape"]["length"]
  ? number | Float64Array
  : F["shape"]["length"] extends 0
    ? number
    : Float64Array;

/** Parameters by name, as a simulator sees them: a scalar is a number, a vector a Float64Array. */
export type Values<P> = {
  readonly [K in keyof P]: P[K] extends Distribution ? ValueOf<P[K]> : number | Float64Array;
};

/** The labels of a prior, where it has any. */
type LabelOf<F> = F extends { readonly labels: readonly (infer L extends string)[] } ? L : never;

/** Parameters by name, as a caller may give them: of a categorical one, its label too. */
export type GivenValues<P> = {
  readonly [K in keyof P]:
    | LabelOf<P[K]>
    | (Values<P>[K] extends number ? number : number | ArrayLike<number>);
};

/** Another name of `Values`. */
export type ValuesOf<P> = Values<P>;

/** What a simulator returns: each data array nested as its shape says, or flat in row-major order. */
export type SimulatorOutput<D> = { readonly [K in keyof D]: Nested };

/** What a simulator returns at once, or a promise of it where it is asynchronous. */
export type Simulated<D> = SimulatorOutput<D> | PromiseLike<SimulatorOutput<D>>;

/** One data set as flat arrays, row-major. */
export type FlatData<D> = { readonly [K in keyof D]: ArrayLike<number> };

/** A log-likelihood and its gradient in the flat parameters, [p]. */
export interface LikelihoodGradient {
  readonly value: number;
  readonly gradient: ArrayLike<number>;
}

/** What `defineModel` is told. */
export interface ModelDefinition<
  P extends ParameterSpec,
  D extends DataSpec,
  S extends SizeSpec = SizeSpec,
  // oxlint-disable-next-line typescript/no-empty-object-type -- no groups
  G extends Levels = {},
  C = unknown,
  // oxlint-disable-next-line typescript/no-empty-object-type -- no states
  H extends DataSpec = {},
> {
  /** What the model is called, in files and in reports. */
  readonly name: string;
  /** Priors by parameter. Parameters are independent a priori unless they share one multivariate prior. */
  readonly parameters: P;
  /**
   * What each data array is: its shape, such as [16, 16] ([] is one number), or more, such as `series(100, { channels: 2 })`. The first size may be a name,
   * as in ["m", 3], of `sizes`: how many there are then varies from one data set to the next, and arrays of one name have as many.
   */
  readonly data: D;
  /**
   * How many there are of each named size: a prior of whole numbers, such as `discreteUniform(1, 50)`, of which the simulator is told a draw; or
   * `{ upTo: 50 }`, where it chooses how many it returns.
   */
  readonly sizes?: S;
  /** Levels of groups, of a hierarchy: see `HierarchyDefinition`. */
  readonly groups?: G;
  /**
   * What varies in time and is never seen, at each time of the series: shapes by name that begin with its named size, as in `{ h: ["times"] }`. `simulate` returns them beside the data. They are real
   * numbers: of what is positive, its logarithm.
   */
  readonly states?: H;
  /** Units by name of a parameter or a data array, for people: `{ range: "km", z: "mV" }`; a list where its numbers have units of their own. */
  readonly units?: TextsOf<NoInfer<P>, NoInfer<D & H>>;
  /** What parameters and data arrays are, in words: `{ range: "distance at which correlation is e⁻¹" }`. Files of estimators keep both. */
  readonly descriptions?: TextsOf<NoInfer<P>, NoInfer<D & H>>;
  /**
   * What the simulator needs of parameters alone and is dear to compute, such as the Cholesky factor of a covariance: its fourth argument. No randomness has part in it, so that
   * training which draws fresh data of the same parameters (`refreshData` of `train`) computes it once for each.
   */
  readonly precompute?: (values: Values<NoInfer<P & LocalsOf<G>>>) => C;
  /**
   * Draws one data set given parameters; all its randomness comes from `random`. It may be an asynchronous function: one that asks a
   * program or a server. Each thread awaits one simulation at a time. `sizes` has how many there are of each named size. Or a program of any language:
   * `command("python3 sim.py")`.
   */
  readonly simulate:
    | ExternalSimulator
    | ((
        values: Values<NoInfer<P & LocalsOf<G>>>,
        random: Stream,
        sizes: SizesOf<NoInfer<S>>,
        precomputed: NoInfer<C>,
      ) => Simulated<NoInfer<D & H>>);
  /** `import.meta.url` of the module that exports the model, so that worker threads can load it. */
  readonly module?: string;
  /** log p(data | parameters), where it is known. */
  readonly logLikelihood?: (values: Values<NoInfer<P>>, data: FlatData<NoInfer<D>>) => number;
  /** The same with its gradient in the flat parameters, where there is one: what lets a likelihood without a graph train a network. */
  readonly logLikelihoodGradient?: (
    values: Values<NoInfer<P>>,
    data: FlatData<NoInfer<D>>,
  ) => LikelihoodGradient;
  /** log p(data | parameters) as a graph; parameters [..., 1] or [..., d], data [..., ...shape], to [...]. */
  readonly graphLogLikelihood?: (
    theta: Readonly<Record<keyof NoInfer<P>, Tensor>>,
    data: Readonly<Record<keyof NoInfer<D>, Tensor>>,
  ) => Tensor;
}
