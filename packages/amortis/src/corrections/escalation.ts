/**
 * Answers that may be trusted: amortized, then importance, then Markov chains, each only where the one before would not do.
 *
 * A data set is answered by the networks where its data are typical of the model, importance weights have a light tail, and the answer lies within a total variation of 0.08 of the
 * posterior, by these weights; else by their draws, resampled; else by short Markov chains from them; else by the model's likelihood alone; else not at all. Each answer has a label that
 * says what it claims, and a note that says why what came before would not do. Where the model has no likelihood, typical data are answered by the networks, and others refused.
 *
 * Reference: Schmitt, Li, Vehtari, Acerbi, Bürkner & Radev (2024), "Amortized Bayesian workflow", arXiv 2409.04332, whose first step has no weights.
 */
import { UNTYPICAL } from "../data/typicality.js";
import type { AnyModel } from "../model/index.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { Refusal, refused, type Answer } from "../posterior/refusal.js";
import { firstToAnswer } from "../posterior/usual-posterior.js";
import { CLOSE, checkOf, isTrusted } from "./checks.js";
import type { CorrectionTarget } from "./correction-target.js";
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

function untypical(dataSet: number, typicality: number): Refusal {
  return new Refusal(
    `data set ${dataSet} is unlike those of the model (p = ${Number(typicality.toPrecision(2))}), so that the networks alone are not trusted`,
    { because: "data unlike those of the model" },
  );
}

/** Posteriors with labels where there is no likelihood: nothing but the check of the data speaks for the networks. */
export function escalationWithoutLikelihood(
  amortized: PosteriorSource,
  model: AnyModel | undefined,
): PosteriorSource {
  const lacks =
    model === undefined
      ? "no model was given to weigh it by"
      : `the model "${model.name}" has no logLikelihood to weigh it by`;
  return mapAnswers(amortized, (answers, _seed, start) =>
    answers.map((answer, k) => {
      const { typicality, refusal } = answer;
      if (refusal !== undefined) return { ...answer, label: "refused" };
      if (typicality !== undefined && typicality >= UNTYPICAL) {
        const note = `of the networks alone, by the check of its data: ${lacks}`;
        return { ...answer, label: "amortized", note };
      }
      const reason =
        typicality === undefined
          ? new Refusal(
              `nothing speaks for the answer: ${lacks}, and the estimator's file has no check of its data`,
              { because: "nothing to check the answer by" },
            )
          : untypical(start + k, typicality);
      return {
        ...refused(reason),
        label: "refused",
        ...(typicality !== undefined && { typicality }),
      };
    }),
  );
}

function labelOf({ status, label }: Answer): NonNullable<Answer["label"]> {
  if (status === "refused") return "refused";
  return label ?? (status === "importance" ? "corrected" : "exact");
}

/** A source whose answers are looked at again; those that are refused then have NaN for their draws. */
function mapAnswers(
  source: PosteriorSource,
  map: (
    answers: readonly Answer[],
    seed: number,
    start: number,
  ) => readonly Answer[] | Promise<readonly Answer[]>,
): PosteriorSource {
  return {
    ...source,
    draw: async (draws, seed, start, end, report) => {
      const drawn = await source.draw(draws, seed, start, end, report);
      const answers = await map(drawn.answers, seed, start);
      const span = draws * source.flatNames.length;
      for (const [i, { refusal }] of answers.entries()) {
        if (refusal !== undefined) drawn.draws.fill(Number.NaN, i * span, (i + 1) * span);
      }
      return { draws: drawn.draws, answers };
    },
  };
}
