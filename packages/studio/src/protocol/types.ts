/**
 * What the page and its workers tell each other: plain data, which structured cloning takes.
 */
import type { ArraySpec } from "amortis";
import type { DistributionJson } from "amortis/extend";

/** One data set: flat arrays by name, row-major, NaN where a value is missing. */
export type DataRecord = Readonly<Record<string, Float64Array>>;

/** One flat parameter, as sliders and axes have it. */
export interface FlatParameter {
  /** "range", "beta[1]". */
  readonly name: string;
  /** Name of the parameter that it is of, which priors go by. */
  readonly of: string;
  /** Bounds of the support; infinite where there are none. */
  readonly lower: number;
  readonly upper: number;
  /** Where nearly all of the prior lies: ends of sliders and axes. */
  readonly from: number;
  readonly to: number;
  readonly whole: boolean;
}

/** A parameter and its prior. */
export interface ParameterCard {
  readonly name: string;
  readonly words: string;
  readonly prior: DistributionJson | undefined;
  readonly scalar: boolean;
}

/** One array of the data. */
export interface ArrayCard {
  readonly name: string;
  readonly words: string;
  readonly spec: ArraySpec;
}

/** A number among the data above which values of an array are hidden: people may drag it. */
export interface Threshold {
  /** The array. */
  readonly of: string;
  /** The number. */
  readonly input: string;
  /** How far the estimator knows it. */
  readonly from: number;
  readonly to: number;
}

/** What an estimator is, for people. */
export interface Card {
  readonly id: number;
  /** Of the file, or of the ready one. */
  readonly title: string;
  readonly model: string;
  readonly method: string;
  readonly answers: string;
  readonly parameters: readonly ParameterCard[];
  readonly flat: readonly FlatParameter[];
  readonly arrays: readonly ArrayCard[];
  readonly weights: number;
  readonly bytes: number;
  readonly createdBy: string;
  readonly simulations: number;
  readonly epochs: number;
  readonly seconds: number;
  readonly validationLoss: number;
  readonly losses: readonly { readonly training: number; readonly validation: number }[];
  /** What the page can do with it beside answering. */
  readonly simulates: boolean;
  readonly likelihood: boolean;
  /** Whether it can say how typical data are of the model. */
  readonly judgesData: boolean;
  readonly threshold: Threshold | undefined;
  /** Draws of the prior, [n, p]. */
  readonly priorDraws: Float64Array;
}

/** Where data come from. */
export type DataSource =
  | { readonly kind: "simulated"; readonly theta: readonly number[]; readonly seed: number }
  | { readonly kind: "given"; readonly data: DataRecord };

/** Errors that are put on the data: the spike and slab of the library. */
export interface Contamination {
  /** Share of numbers with a large error; 0 for none. */
  readonly share: number;
  /** Scale of large errors, in standard deviations of the number over simulations. */
  readonly slab: number;
}

/** All that an answer depends on. */
export interface Question {
  readonly estimator: number;
  readonly source: DataSource;
  readonly contamination: Contamination;
  /** Places that are erased, by array. */
  readonly erased: Readonly<Record<string, readonly number[]>>;
  /** Above which values are hidden, where the estimator has a threshold among its data. */
  readonly threshold: number | undefined;
  /** Independent data sets at the same θ, of which the posterior is asked; 1 unless data are simulated. */
  readonly replicates: number;
  /** Priors in the place of those it was trained with, by parameter. */
  readonly priors: Readonly<Record<string, DistributionJson>>;
  readonly samples: number;
  readonly seed: number;
  /** Of the intervals. */
  readonly level: number;
}

/** A posterior in numbers. */
export interface Answer {
  readonly names: readonly string[];
  /** [draws, p]. */
  readonly draws: Float64Array;
  readonly mean: readonly number[];
  readonly sd: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly status: string;
  readonly label?: string;
  /** p-value of the data under the model. */
  readonly typicality?: number;
  /** Pareto k of weights, where it was reweighted. */
  readonly k?: number;
  readonly note?: string;
  readonly warnings: readonly string[];
  /** Milliseconds that the networks took. */
  readonly milliseconds: number;
}

/** What comes of a question. */
export interface Reply {
  /** As the estimator saw it; of replicates the first. */
  readonly data: DataRecord;
  /** The same before anything was erased. */
  readonly whole: DataRecord;
  /** All replicates, the first among them. */
  readonly replicates: readonly DataRecord[];
  /** Under the priors that were asked for, or else why there is none. */
  readonly answer: Answer | undefined;
  readonly refusal: string | undefined;
  /** Under the first prior, where another was asked for. */
  readonly before: Answer | undefined;
}

/** Posteriors of many data sets in short, [n, p] each. */
export interface Summaries {
  readonly mean: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Many data sets with known parameters, and how their posteriors fare. */
export interface Study extends Summaries {
  readonly names: readonly string[];
  /** [n, p]. */
  readonly theta: Float64Array;
  /** Rank of the truth among the draws, in [0, 1], [n, p]. */
  readonly ranks: Float64Array;
  readonly data: readonly DataRecord[];
}

/** How an exact answer, or one by chains, is asked for. */
export type ReferenceKind = "exact" | "mcmc";

/** What the worker that answers can do. */
export interface AnswerCalls {
  open(source: {
    readonly bytes: Uint8Array;
    readonly title: string;
    readonly code?: string;
  }): Card;
  close(id: number): void;
  ask(question: Question): Reply;
  parse(asked: { readonly estimator: number; readonly bytes: Uint8Array; readonly name: string }): {
    readonly sets: readonly DataRecord[];
    readonly notes: readonly string[];
  };
  predict(asked: {
    readonly estimator: number;
    readonly theta: Float64Array;
    readonly seed: number;
  }): readonly DataRecord[];
  study(asked: {
    readonly estimator: number;
    readonly simulations: number;
    readonly seed: number;
    readonly level: number;
  }): Study;
  reference(asked: { readonly question: Question; readonly kind: ReferenceKind }): Answer;
  answerMany(asked: {
    readonly estimator: number;
    readonly sets: readonly DataRecord[];
    readonly level: number;
  }): Summaries;
}
