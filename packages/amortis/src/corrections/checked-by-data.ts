/**
 * Answers of networks where there is no likelihood to hold them against: nothing but the check of their data speaks for them.
 *
 * Typical data are answered, others refused. That data are typical says that the networks were trained on their like, not that they have learned well: what the networks err by on data of the
 * model, `diagnose` says.
 */
import { UNTYPICAL } from "../data/typicality.js";
import type { AnyModel } from "../model/index.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { Refusal, refused } from "../posterior/refusal.js";
import { mapAnswers } from "./map-answers.js";

/** Simulations held out from which on a p-value can be below `UNTYPICAL`: the smallest is 2 / (n + 1). */
const FEWEST = 2 / UNTYPICAL;

/**
 * Posteriors with labels.
 *
 * @param heldOut simulations held out of training by which data are checked; 0 for none.
 */
export function checkedByData(
  amortized: PosteriorSource,
  model: AnyModel | undefined,
  heldOut: number,
): PosteriorSource {
  const lacks =
    model === undefined
      ? "no model was given to weigh it by"
      : `the model "${model.name}" has no logLikelihood to weigh it by`;
  const canTell = heldOut >= FEWEST;
  return mapAnswers(amortized, (answers, _seed, start) =>
    answers.map((answer, k) => {
      const { typicality, refusal } = answer;
      if (refusal !== undefined) return { ...answer, label: "refused" };
      if (canTell && typicality !== undefined && typicality >= UNTYPICAL) {
        const note = `of the networks alone, by the check of its data: ${lacks}`;
        return { ...answer, label: "amortized", note };
      }
      const reason =
        canTell && typicality !== undefined
          ? untypical(start + k, typicality)
          : new Refusal(
              `nothing speaks for the answer: ${lacks}, and the estimator's check of its data has ${heldOut} simulations held out of training, which cannot say of any data set that it is one of the hundredth that lies farthest out (${FEWEST} can)`,
              { because: "nothing to check the answer by" },
            );
      return {
        ...refused(reason),
        label: "refused",
        ...(typicality !== undefined && { typicality }),
      };
    }),
  );
}

/** That data are unlike those of the model. */
export function untypical(dataSet: number, typicality: number): Refusal {
  return new Refusal(
    `data set ${dataSet} is unlike those of the model (p = ${Number(typicality.toPrecision(2))}), so that the networks alone are not trusted`,
    { because: "data unlike those of the model" },
  );
}
