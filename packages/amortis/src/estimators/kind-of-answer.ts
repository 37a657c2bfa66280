/**
 * What a kind of answer is: one value, which lies beside the estimator that gives such answers.
 */
import type { DataInput } from "../data/match-data.js";
import type { ParameterSpec } from "../model/index.js";
import type { Derive } from "../posterior/derived.js";
import type { Schema } from "../schema/schema.js";
import type { AbcGivenOptions } from "./abc-estimator.js";
import type { OpenOptions } from "./base.js";
import type { Contents } from "./contents.js";
import type { AnswerSheet } from "./documents.js";
import type { TargetOptions } from "./target-estimator.js";

/** The type of an estimator, as a function of the type of the model's parameters. */
export interface EstimatorType {
  readonly parameters: unknown;
  readonly estimator: unknown;
}

/** An estimator's type for parameters P. */
export type EstimatorWith<T extends EstimatorType, P> = (T & {
  readonly parameters: P;
})["estimator"];

/** A size: of the call, of the parameters, whatever the program has, or a number. */
export type ProgramSize = "batch" | "draws" | "parameters" | "any" | number;

/** What a program is asked, beside the weights, and what it gives: float32 arrays by name. */
export interface ProgramShape {
  /** Whether it takes the data: each of their arrays, [batch, ...]. */
  readonly data?: boolean;
  readonly inputs?: Readonly<Record<string, readonly ProgramSize[]>>;
  readonly outputs: Readonly<Record<string, readonly ProgramSize[]>>;
  /** Names of sizes of its inputs that vary, beside those of the model's data. */
  readonly sizes?: readonly string[];
  /** Whether files need not have it. */
  readonly optional?: boolean;
}

/** What estimators of one kind or another are told. */
export interface AnswerSettings extends TargetOptions, Pick<AbcGivenOptions, "table"> {
  /** Of posteriors: quantities that follow from the parameters, as of `posterior.map`, which are told of after them. */
  readonly derived?: Derive;
}

/**
 * A kind of answer.
 *
 * - A: what a method says of its answers, and files keep.
 * - T: the estimator.
 * - G: what it answers with, in a word: "posteriors", "points".
 */
export interface KindOfAnswer<A, T extends EstimatorType, G extends string = string> {
  /** Of what a method says; its `kind` is this kind's name. */
  readonly schema: Schema<A>;
  readonly gives: G;
  /** What to do with an estimator of this kind where another was expected. */
  readonly advice: string;
  /** Options of an answer that mean something to it. */
  readonly options: readonly (keyof AnswerSettings)[];
  /** The programs that answers are asked of: no others are in a file. */
  programs(answers: A): Readonly<Record<string, ProgramShape>>;
  /** Opens an estimator. */
  open<P>(contents: Contents, options: OpenOptions): EstimatorWith<T, P>;
  /** What it answers with, in words. */
  inWords(answers: A): string;
  /** What it says of data, for people and files. */
  document(
    fitted: EstimatorWith<T, ParameterSpec>,
    data: DataInput,
    options: AnswerSettings,
  ): Promise<AnswerSheet>;
}
