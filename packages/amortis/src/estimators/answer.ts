/**
 * What any estimator says of data, and what it is, in words and as documents.
 */
import type { DataInput } from "../data/match-data.js";
import type { AnswerSheet } from "./documents.js";
import { findKind, type AnyKind } from "./kinds.js";
import type { Estimator } from "./load.js";
import type { AnswerSettings } from "./kind-of-answer.js";

/** What an estimator answers with, and what it may be asked. */
export interface AnswerAbout extends Pick<AnyKind, "gives" | "options"> {
  /** "posteriors", "the posterior mean and the quantiles 0.05, 0.95". */
  readonly words: string;
}

/**
 * What an estimator answers with.
 *
 * @example (await answersWith(await load("field.amortis"))).words   // "posteriors"
 */
export async function answersWith({ details }: Pick<Estimator, "details">): Promise<AnswerAbout> {
  const kind = await kindOf(details.answers.kind);
  return { gives: kind.gives, options: kind.options, words: kind.inWords(details.answers) };
}

/**
 * What an estimator says of data, as a document and an array.
 *
 * @param options those that mean nothing to the estimator are passed over.
 * @throws InvalidArgumentError, DataError where the data do not fit the model or are not finite.
 * @example (await answerSheet(estimator, await readData("fields.npy"))).document.datasets[0]
 */
export async function answerSheet(
  fitted: Estimator,
  data: DataInput,
  options: AnswerSettings = {},
): Promise<AnswerSheet> {
  return (await kindOf(fitted.kind)).document(fitted, data, options);
}

async function kindOf(name: string): Promise<AnyKind> {
  const kind = await findKind(name);
  if (kind === undefined) throw new TypeError(`there is no kind of answer "${name}"`);
  return kind;
}
