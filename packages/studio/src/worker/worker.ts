/**
 * The worker that answers: it holds estimators and their models, and leaves the page its thread.
 */
import { serve } from "../protocol/rpc.js";
import type { AnswerCalls } from "../protocol/types.js";
import { ask } from "./ask.js";
import { simulated } from "./data.js";
import { answerMany } from "./many.js";
import { closeEstimator, openedAs, openEstimator, wholeModelOf } from "./opened.js";
import { parse } from "./parse.js";
import { reference } from "./reference.js";
import { study } from "./study.js";

serve<AnswerCalls>({
  open: async ({ bytes, title, code }) => openEstimator(bytes, title, code),
  close: closeEstimator,
  ask,
  parse,
  predict: async ({ estimator, theta, seed }) =>
    simulated(wholeModelOf(openedAs(estimator)), theta, `predict ${seed}`),
  study,
  reference,
  answerMany,
});
