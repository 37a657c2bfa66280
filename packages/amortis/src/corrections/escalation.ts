/**
 * Answers that may be trusted: amortized, then importance, then Markov chains, each only where the one before would not do.
 *
 * A data set is answered by the networks where its data are typical of the model, importance weights have a light tail, and the answer lies within a total variation of 0.08 of the
 * posterior, by these weights; else by their draws, resampled; else by short Markov chains from them; else by the model's likelihood alone; else not at all. Each answer has a label that
 * says what it claims, and a note that says why what came before would not do. Where the model has no likelihood, see `checkedByData`.
 *
 * Reference: Schmitt, Li, Vehtari, Acerbi, Bürkner & Radev (2024), "Amortized Bayesian workflow", arXiv 2409.04332, whose first step has no weights.
 */
import { UNTYPICAL } from "../data/typicality.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { Refusal, refused, type Answer } from "../posterior/refusal.js";
import { firstToAnswer } from "../posterior/usual-posterior.js";
import { CLOSE, checkOf, isTrusted } from "./checks.js";
import type { CorrectionTarget } from "./correction-target.js";
import { untypical } from "./checked-by-data.js";
import { mapAnswers } from "./map-answers.js";
import { reweighted } from "./reweighted.js";
import { shortChains } from "./short-chains.js";
import { FIRST_DRAWS, weighDraws, type WeighedDraws } from "./weigh.js";

/**
 * Posteriors with labels.
 *
 * @param alone the posterior under the likelihood, without any network.
 */
export function escalation(
  target: CorrectionTarget,
  alone: () => PosteriorSource,
): PosteriorSource {
  const weights = new Map<
    number,
    { readonly seed: number; readonly found: WeighedDraws | Refusal }
  >();
  const known = (dataSet: number, seed: number): WeighedDraws | Refusal | undefined => {
    const at = weights.get(dataSet);
    return at?.seed === seed ? at.found : undefined;
  };
  const typicalities = new Map<number, number>();
  const checked = mapAnswers(target.amortized, async (answers, seed, start) => {
    const found = await weighDraws(target, FIRST_DRAWS, seed, start, start + answers.length);
    return answers.map((answer, k): Answer => {
      const [i, own] = [start + k, found[k]];
      if (answer.typicality !== undefined) typicalities.set(i, answer.typicality);
      if (answer.refusal !== undefined || own === undefined) return answer;
      const reason = own instanceof Refusal ? own : objection(answer, own, i);
      if (reason === undefined && !(own instanceof Refusal)) {
        weights.delete(i);
        return { ...answer, label: "amortized", check: checkOf(own) };
      }
      weights.set(i, { seed, found: own });
      return refused(reason ?? new Refusal(`there are no weights of data set ${i}`));
    });
  });
  const source = firstToAnswer(checked, [
    () => reweighted(target, known),
    () => shortChains(target, known),
    alone,
  ]);
  return mapAnswers(source, (answers, _seed, start) =>
    answers.map((answer, k) => {
      const typicality = typicalities.get(start + k);
      return {
        ...answer,
        label: labelOf(answer),
        ...(typicality !== undefined && { typicality }),
      };
    }),
  );
}

/** What speaks against the networks' own answer. */
function objection(
  { typicality }: Answer,
  weighed: WeighedDraws,
  dataSet: number,
): Refusal | undefined {
  const { distance, k } = weighed;
  if (typicality !== undefined && typicality < UNTYPICAL) return untypical(dataSet, typicality);
  if (isTrusted(weighed) && distance <= CLOSE) return undefined;
  return new Refusal(
    `the networks' answer to data set ${dataSet} lies ${distance.toFixed(2)} from the posterior in total variation (at most ${CLOSE}), by weights with k = ${k.toFixed(2)}`,
    { because: "networks too far from the posterior" },
  );
}

function labelOf({ status, label }: Answer): NonNullable<Answer["label"]> {
  if (status === "refused") return "refused";
  return label ?? (status === "importance" ? "corrected" : "exact");
}
