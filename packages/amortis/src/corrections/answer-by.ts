/**
 * Ways to answer that begin with what networks say, by name.
 */
import { UnsupportedError } from "@amortis/graph";
import type { DataSets } from "../data/data-sets.js";
import type { Moments } from "../data/moments.js";
import type { Distribution } from "../distributions/index.js";
import type { AnyModel } from "../model/index.js";
import { hostTerms } from "../posterior/host-terms.js";
import { shifted } from "../posterior/offset-source.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { summedTerms, type Groups } from "../posterior/replicates.js";
import { posteriorSource } from "../posterior/source.js";
import type { LogTerms } from "../posterior/target.js";
import type { AnswerBy } from "./answers.js";
import type { CorrectionTarget } from "./correction-target.js";
import { checkedByData } from "./checked-by-data.js";
import { escalation } from "./escalation.js";
import type { Refining } from "./refined.js";
import { reweighted } from "./reweighted.js";
import { shortChains } from "./short-chains.js";

/** What there is to answer by. */
export interface Answering {
  /** What networks say, of parameters less their offset. */
  readonly amortized: PosteriorSource;
  readonly model: AnyModel | undefined;
  /** As they were given, all of their arrays. */
  readonly data: DataSets;
  readonly groups: Groups | undefined;
  /** Of parameters less their offset. */
  readonly prior: Distribution;
  readonly offset: readonly number[] | undefined;
  readonly unconstrained: () => Moments | undefined;
  /** Simulations held out of training by which data are checked; 0 for none. */
  readonly heldOut: number;
  /** The networks with their contexts, where their density can be refined. */
  readonly refining?: Refining;
}

/** Another way to an answer than the networks alone. */
interface Way {
  /** The posterior where the model has a likelihood. */
  readonly corrected: (
    target: CorrectionTarget,
    answering: Answering,
  ) => PosteriorSource | Promise<PosteriorSource>;
  /** The posterior where it has none; left out where it needs one. */
  readonly unchecked?: (answering: Answering) => PosteriorSource;
}

const WAYS: Readonly<Record<Exclude<AnswerBy, "amortized">, Way>> = {
  importance: { corrected: (target) => reweighted(target) },
  refined: {
    corrected: async (target, answering) => {
      const refining = requireRefining(answering);
      // It alone learns, and what learns is much to load.
      const { refined } = await import("./refined.js");
      return refined(target, refining);
    },
  },
  mcmc: { corrected: (target) => shortChains(target) },
  trusted: {
    corrected: (target, { prior, unconstrained }) =>
      escalation(target, () => posteriorSource({ ...target, prior, unconstrained, beyond: true })),
    unchecked: ({ amortized, model, heldOut }) => checkedByData(amortized, model, heldOut),
  },
};

/**
 * The posterior by another way than the networks alone.
 *
 * @throws UnsupportedError where it needs a likelihood, and there is none.
 */
export async function answerBy(
  by: Exclude<AnswerBy, "amortized">,
  answering: Answering,
): Promise<PosteriorSource> {
  const { model } = answering;
  const { corrected, unchecked } = WAYS[by];
  if (model?.logLikelihood !== undefined) return corrected(targetOf(answering, model), answering);
  if (unchecked === undefined) throw withoutLikelihood(by, model);
  return unchecked(answering);
}

/** @throws UnsupportedError where there is no density of one data set that could be refined. */
function requireRefining({ refining, groups }: Answering): Refining {
  if (refining !== undefined) return refining;
  throw new UnsupportedError(
    groups === undefined
      ? 'answer "refined" needs an estimator that has a density of the parameters, of npe or variational: ask for answer "mcmc"'
      : 'answer "refined" is of one data set, not of replicates: ask for answer "mcmc"',
  );
}

function targetOf(
  { amortized, data, groups, prior, offset }: Answering,
  model: AnyModel,
): CorrectionTarget {
  const { slots, flatNames, size } = amortized;
  const { logTerms: terms, expect } = hostTerms(model, data, {});
  const logTerms: LogTerms = (theta, start, end) => terms(shifted(theta, offset, 1), start, end);
  return {
    slots,
    flatNames,
    size,
    amortized,
    prior,
    bijection: () => prior.bijection,
    expect,
    logTerms: groups === undefined ? logTerms : summedTerms(logTerms, groups),
  };
}

function withoutLikelihood(by: AnswerBy, model: AnyModel | undefined): UnsupportedError {
  const lacks =
    model === undefined
      ? "no model was given: load the file with its model, load(file, { model }), or infer --model"
      : `the model "${model.name}" has no logLikelihood: give defineModel one`;
  return new UnsupportedError(`answer "${by}" needs the model's likelihood, but ${lacks}`);
}
