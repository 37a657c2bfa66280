/**
 * All kinds of answer there are: a line here is all that another one takes, beside its estimator.
 *
 * They are imported when they are needed: a page that answers with posteriors holds nothing of the others.
 */
import type { ValueOf } from "../schema/schema.js";
import type { EstimatorType, EstimatorWith, KindOfAnswer } from "./kind-of-answer.js";

const KINDS = {
  posterior: async () => (await import("./posterior-estimator.js")).posteriorKind,
  point: async () => (await import("./point-estimator.js")).pointKind,
  ratio: async () => (await import("./ratio-estimator.js")).ratioKind,
  likelihood: async () => (await import("./likelihood-estimator.js")).likelihoodKind,
  hierarchy: async () => (await import("./hierarchy-estimator.js")).hierarchyKind,
  states: async () => (await import("./states-estimator.js")).statesKind,
  joint: async () => (await import("./joint-estimator.js")).jointKind,
  rank: async () => (await import("./rank-estimator.js")).rankKind,
  abc: async () => (await import("./abc-estimator.js")).abcKind,
  summary: async () => (await import("./summary-estimator.js")).summaryKind,
};

/** Names of the kinds. */
export const answerKinds = Object.keys(KINDS);

/** What a trained method gives. */
export type AnswerKind = keyof typeof KINDS;

type KindNamed<K extends AnswerKind> = Awaited<ReturnType<(typeof KINDS)[K]>>;

type TypeOf<K> = K extends KindOfAnswer<infer _A, infer T extends EstimatorType> ? T : never;

/** How a method's programs are to be used once loaded, by what they give. */
export type AnswersByKind = {
  readonly [K in AnswerKind]: ValueOf<KindNamed<K>["schema"]>;
};

/** How a method's programs are to be used once loaded. */
export type Answers = AnswersByKind[AnswerKind];

/** The trained estimator of a kind of method. */
export type EstimatorOf<K extends AnswerKind, P> = {
  readonly [N in AnswerKind]: EstimatorWith<TypeOf<KindNamed<N>>, P>;
}[K];

/** What estimators answer with. */
export type Gives = KindNamed<AnswerKind>["gives"];

/** The kinds whose estimators answer with posteriors, for instance. */
export type KindsThatGive<G extends Gives> = {
  readonly [K in AnswerKind]: KindNamed<K>["gives"] extends G ? K : never;
}[AnswerKind];

/** A kind of answer, whichever it is. */
export type AnyKind = KindOfAnswer<Answers, EstimatorType>;

/** A kind of answer by its name; undefined where there is none. */
export async function findKind(name: string): Promise<AnyKind | undefined> {
  if (!isKind(name)) return undefined;
  return KINDS[name]();
}

function isKind(name: string): name is AnswerKind {
  return Object.hasOwn(KINDS, name);
}
