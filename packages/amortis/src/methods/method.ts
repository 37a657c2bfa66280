/**
 * What a method is: the losses it trains, and the programs that answer once it is trained.
 */
import type { Named, ProgramSpec, Scope, Tensor, Variables } from "@amortis/graph";
import type { TrainSettings } from "../settings/training.js";
import type { Json } from "../json.js";
import type { AnswerKind, AnswersByKind } from "../estimators/kinds.js";
import type { AnyModel } from "../model/index.js";
import type { BaseNoise, NoiseTensors } from "../densities/density.js";
import type { DataTransform } from "../networks/transform.js";
import type { Columns, DataSets } from "../data/data-sets.js";
import type { ArrayRepeats } from "../data/repeats.js";
import type { Standardization } from "../data/standardization.js";

/** What the trainer gives a method to write its losses with. */
export interface TrainingContext {
  readonly scope: Scope;
  readonly standardization: Standardization;
  /** Data of the minibatch as simulated, by name: [batch, ...shape]. */
  readonly raw: Named;
  /** The same after the method's transform, in its own units; without a transform, less their offsets (`standardization`). */
  readonly transformed: Named;
  /** The same, standardised: what networks see. */
  readonly data: Named;
  /** Parameters of the minibatch, standardised by their moments: [batch, p]. */
  readonly parameters: Tensor;
  /** The same as networks see them: those over decades mapped, [batch, p]. */
  readonly parametersSeen: Tensor;
  /**
   * Parameters in unconstrained space, standardised: [batch, k].
   *
   * @throws UnsupportedError where a prior has no unconstrained space.
   */
  unconstrained(): Tensor;
  /**
   * A function of each data set and of parameters that depend on the weights, evaluated on the host with its gradient: training then
   * goes one step at a time instead of many in one call, and waits for the host.
   *
   * @returns [batch, draws], differentiable in `theta` (once).
   */
  readonly host: (call: HostCall) => Tensor;
}

/** What is evaluated on the host, for each data set of a minibatch and each of its draws. */
export interface HostCall {
  /** [batch, draws, p] in the parameters' own units. */
  readonly theta: Tensor;
  /** A draw [p] and the arrays of its data set, as simulated, to a value and its gradient [p]. */
  readonly evaluate: (
    theta: Float64Array,
    data: Columns,
  ) => { readonly value: number; readonly gradient: ArrayLike<number> };
}

/** A density of parameters given the data of a minibatch, as far as it is learned; parameters are standardised ones in unconstrained space. */
export interface LearnedDensity {
  /** What one draw takes. */
  readonly noise: BaseNoise;
  /** Draws [batch, n, k] from base noise [batch, n, ...]. */
  sample(noise: NoiseTensors): Tensor;
  /** log q(v | data), [batch, n], of v [batch, n, k]. */
  logDensity(v: Tensor): Tensor;
}

/** What a method is given to write its answering programs with. */
export interface InferenceContext {
  readonly scope: Scope;
  readonly variables: Variables;
  readonly standardization: Standardization;
  /** Raw data by name, [batch, ...shape] with a dynamic batch. */
  readonly inputs: Named;
  /** The same after the method's transform, in its own units; without a transform, less their offsets (`standardization`). */
  readonly transformed: Named;
  /** The same, standardised: what networks see. */
  readonly data: Named;
}

/** Parts of programs by name; each becomes one ONNX model in the estimator's file. */
export type Programs = Readonly<Record<string, Pick<ProgramSpec, "inputs" | "outputs">>>;

/** What there is to learn from. */
export interface Budget {
  readonly simulations: number;
  /** Whether there are more for every step. */
  readonly onTheFly: boolean;
  /** Whether they are drawn anew now and then while networks learn. */
  readonly refreshed?: boolean;
  /** Whether their parameters are known to be draws of the model's prior, none of which was left out: then more of them may be drawn. */
  readonly fromPrior: boolean;
  /** Places of the numbers of a data set that tell of the parameters: `tellingPlaces`; where that is not known, undefined. */
  readonly telling?: () => readonly number[];
  /** What comes again and again in their data, by array: `findRepeats`; where that is not known, undefined. */
  readonly repeats?: () => Readonly<Record<string, ArrayRepeats>>;
}

/** An emulator to learn, and how many simulations of it to learn from. */
export interface EmulationPlan {
  readonly simulations: number;
  /** Places of the numbers of a data set that are emulated, of all flattened and joined in alphabetical order of their names; all by default. */
  readonly only?: readonly number[];
  /** Whether it is learned of what smooth trends of the data in the parameters leave. */
  readonly smooth: boolean;
  /** For people. */
  readonly description: Json;
  /** How it is learned: the method of a posterior of so many numbers of a data set given so many parameters, which stand in each other's place. */
  readonly emulator: (numbers: number, parameters: number) => Method<AnyModel, "posterior">;
}

/** Networks of an ensemble that are trained apart from the others. */
export interface Member {
  /** Networks and settings, for people. */
  readonly description: Json;
  /** Settings of its training, where the user says nothing else. */
  readonly settings: Partial<TrainSettings>;
  /** An emulator that it learns from beside the simulations. */
  readonly emulation?: EmulationPlan;
  /** Loss of each example: [batch]; with `weighing` by stacking, minus a log-density. Its variables have names of their own among the members'. */
  losses(context: TrainingContext): Tensor;
  /** As of a `Method`. */
  readonly density?: (context: TrainingContext) => LearnedDensity;
}

/** Networks that are trained apart, and answer together. */
export interface Ensemble<out K extends AnswerKind = AnswerKind> {
  readonly members: readonly Member[];
  /** Weights by how well each member predicts what was held out, where losses are minus log-densities, as by default; or the same for all. */
  readonly weighing?: "stacking" | "equal";
  /** What it answers by, with such weights of its members, which add to one; a member of weight zero takes no part. */
  answers(weights: readonly number[]): AnswersByKind[K];
  /** Programs that answer, with such weights. */
  programs(context: InferenceContext, weights: readonly number[]): Programs;
}

/** A method with its networks, for a model; nothing is trained yet. */
export interface Method<M extends AnyModel = AnyModel, out K extends AnswerKind = AnswerKind> {
  readonly name: string;
  readonly model: M;
  /** Networks and settings, for people. */
  readonly description: Json;
  readonly answers: AnswersByKind[K];
  /** What is done to the data before any network sees them. */
  readonly transform?: DataTransform;
  /**
   * Whether it starts from a linear trend in the data, `standardization.trend`: of the parameters in unconstrained space, standardised; or of what it makes
   * of them, [n, p] less their offsets to [n, d], undefined where there is nothing that could have a trend; "weighted" for the former by weighted least squares,
   * see `data/weighted-trend.ts`; "data" for the trend of the data in the parameters instead, both as networks see them.
   */
  readonly trend?:
    | boolean
    | "data"
    | "weighted"
    | ((parameters: Float64Array, standardization: Standardization) => Float32Array | undefined);
  /** Settings of its training, where the user says nothing else. */
  readonly usual?: Partial<TrainSettings>;
  /** What it is where what there is to learn from decides on its networks. */
  readonly sized?: (budget: Budget) => Method<M, K>;
  /** Networks that are trained in the place of `losses`, and answer in the place of `programs`. */
  readonly ensemble?: Ensemble<K>;
  /** Whether its losses have parameters with what their prior sits on, in single precision: where that loses digits, training says so. */
  readonly wholeParameters?: boolean;
  /** Whether it has no networks to train: its `losses` are never asked for. */
  readonly learnsNothing?: boolean;
  /** Whether its file keeps all simulations, by their parameters and what the program `context` makes of their data. */
  readonly keepsTable?: boolean;
  /** What its answers cannot be with these settings, in a line: said in training. */
  readonly limits?: string;
  /**
   * Looks at what it is to learn from, after its transform.
   *
   * @throws DataError where data are not what it was said that they are.
   */
  readonly requireData?: (sets: DataSets) => void;
  /** What its answers cannot be with what it is to learn from, after its transform, a line each: said in training. */
  readonly cautions?: (sets: DataSets) => readonly string[];
  /** Loss of each example: [batch]. */
  losses(context: TrainingContext): Tensor;
  /** The density of the parameters that its losses learn, of any data: what learns from data sets without known parameters asks it. Absent where it has none that draws and is evaluated in few operations. */
  readonly density?: (context: TrainingContext) => LearnedDensity;
  /** Programs that answer. */
  programs(context: InferenceContext): Programs;
}
