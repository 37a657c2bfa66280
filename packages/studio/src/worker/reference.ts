/**
 * Answers to hold the networks' against: under the model's own likelihood, on a grid where parameters are few, or by Markov chains.
 */
import { modelPosterior } from "amortis";
import type { Answer, Question, ReferenceKind } from "../protocol/types.js";
import { answerOf } from "./answer-of.js";
import { dataOf, joined } from "./data.js";
import { modelOf, openedAs } from "./opened.js";

/**
 * The posterior of a question's data under the model's likelihood.
 *
 * @throws UnsupportedError where the model has none; Refusal where it cannot be answered.
 */
export async function reference({
  question,
  kind,
}: {
  readonly question: Question;
  readonly kind: ReferenceKind;
}): Promise<Answer> {
  const opened = openedAs(question.estimator);
  const { samples, seed, level } = question;
  const started = performance.now();
  if (kind === "exact") {
    const model = modelOf(opened);
    const sets = await dataOf(opened, { ...question, replicates: 1 });
    const warnings: string[] = [];
    const posteriors = await modelPosterior(model, joined(sets), {
      samples,
      seed,
      onWarning: (message) => {
        warnings.push(message);
      },
    });
    return answerOf(posteriors.at(0), level, warnings, performance.now() - started);
  }
  const sets = await dataOf(opened, { ...question, replicates: 1 });
  const { estimator, warnings } = opened;
  warnings.length = 0;
  const posterior = await estimator.given(joined(sets), { samples, seed, answer: "mcmc" });
  return answerOf(posterior, level, [...warnings], performance.now() - started);
}
