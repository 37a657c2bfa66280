/**
 * The element's worker: an estimator, and posteriors of data.
 */
import { loadPosterior } from "amortis/answers";
import { parseData } from "amortis/files";
import { serve } from "../protocol/rpc.js";
import type { Answer, FlatParameter } from "../protocol/types.js";
import { answerOf } from "../worker/answer-of.js";
import { flatParameters, drawPrior } from "../worker/prior.js";

/** Data as a page gives them: numbers by name, nested as their shape says or flat; or a file's bytes. */
export type GivenData =
  | { readonly arrays: unknown }
  | { readonly bytes: Uint8Array; readonly name: string };

/** What is asked of an estimator. */
export interface ElementQuestion {
  readonly data: GivenData;
  readonly samples: number;
  readonly seed: number;
  readonly level: number;
}

/** What the element is told of its estimator. */
export interface ElementCard {
  readonly model: string;
  readonly flat: readonly FlatParameter[];
  readonly priorDraws: Float64Array;
}

/** What the worker can do. */
export interface ElementCalls {
  open(bytes: Uint8Array): ElementCard;
  answer(question: ElementQuestion): Answer;
}

type Estimator = Awaited<ReturnType<typeof loadPosterior>>;
type DataInput = Parameters<Estimator["given"]>[0];

/** Answers in this worker. */
export function answerHere(): void {
  let estimator: Estimator | undefined;
  const warnings: string[] = [];
  serve<ElementCalls>({
    open: async (bytes) => {
      await estimator?.release();
      estimator = await loadPosterior(bytes, {
        onWarning: (message) => {
          warnings.push(message);
        },
      });
      const prior = await estimator.prior();
      const priorDraws = drawPrior(prior);
      const { name: model } = estimator.details.model;
      return { model, flat: flatParameters(estimator, prior, priorDraws), priorDraws };
    },
    answer: async ({ data, samples, seed, level }) => {
      if (estimator === undefined) throw new Error("no estimator is open: give the element a src");
      warnings.length = 0;
      const input =
        "bytes" in data ? parseData(data.bytes, data.name, { onNote: () => {} }) : data.arrays;
      const started = performance.now();
      // Whatever it is, it is checked against the model.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- data from outside, which `given` checks
      const posterior = await estimator.given(input as DataInput, { samples, seed });
      return answerOf(posterior, level, [...warnings], performance.now() - started);
    },
  });
}
