/**
 * Questions answered: data and their posterior, under the prior it was trained with or another.
 */
import { Refusal, type Distribution, type Posterior } from "amortis";
import { distributionFromJSON } from "amortis/extend";
import type { Answer, DataRecord, Question, Reply } from "../protocol/types.js";
import { answerOf } from "./answer-of.js";
import { seen } from "../protocol/seen.js";
import { joined, wholeDataOf } from "./data.js";
import { openedAs, type Opened } from "./opened.js";

/** Data and the posterior that a question is about. */
export async function ask(question: Question): Promise<Reply> {
  const opened = openedAs(question.estimator);
  const all = await wholeDataOf(opened, question);
  const replicates = all.map((one) => seen(one, question, opened.card.threshold));
  const [data = {}] = replicates;
  const base = { data, replicates, whole: all[0] ?? {} };
  try {
    const { posterior, answer } = await answered(opened, replicates, question);
    const others = Object.entries(question.priors);
    if (others.length === 0) {
      return { ...base, answer, before: undefined, refusal: undefined };
    }
    try {
      const after = await underOthers(posterior, question, answer);
      return { ...base, answer: after, before: answer, refusal: undefined };
    } catch (error) {
      return { ...base, answer: undefined, before: answer, refusal: messageOf(error) };
    }
  } catch (error) {
    return { ...base, answer: undefined, before: undefined, refusal: messageOf(error) };
  }
}

async function answered(
  opened: Opened,
  replicates: readonly DataRecord[],
  { samples, seed, level }: Question,
): Promise<{ readonly posterior: Posterior; readonly answer: Answer }> {
  const { estimator, warnings } = opened;
  warnings.length = 0;
  const started = performance.now();
  const posterior = await estimator.given(joined(replicates), {
    samples,
    seed,
    ...(replicates.length > 1 && { replicates: "all" as const }),
  });
  const milliseconds = performance.now() - started;
  return { posterior, answer: answerOf(posterior, level, [...warnings], milliseconds) };
}

async function underOthers(
  posterior: Posterior,
  { priors, seed, level }: Question,
  { warnings, milliseconds }: Answer,
): Promise<Answer> {
  const others: Record<string, Distribution> = Object.fromEntries(
    Object.entries(priors).map(([name, json]) => [name, distributionFromJSON(json)]),
  );
  const started = performance.now();
  const after = await posterior.under(others, { seed });
  return answerOf(after, level, warnings, milliseconds + performance.now() - started);
}

function messageOf(error: unknown): string {
  if (error instanceof Refusal || error instanceof Error) return error.message;
  return String(error);
}
