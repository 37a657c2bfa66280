/**
 * Ensembles of a method: the same networks several times over, each from first weights of its own and through the simulations in an order of its own, trained one
 * after another on the same simulations.
 *
 * What the weights happen to be costs an estimator as much as what the simulations happen to be; averaging takes most of the first away. For a
 * convex loss the mean of the members' answers is at least as good as they are on average (Jensen's inequality), and so is a mixture of densities for its log
 * density (Lakshminarayanan, Pritzel & Blundell 2017, arXiv 1612.01474); mixtures of ratios also err on the side of posteriors that are too wide (Hermans et al.
 * 2022, arXiv 2110.06581).
 */
import {
  add,
  concat,
  div,
  expandDims,
  InvalidArgumentError,
  logSumExp,
  type Scope,
} from "@amortis/graph";
import type { Tensor } from "@amortis/graph";
import * as z from "zod";
import type { AnswerKind } from "../estimators/kinds.js";
import type { AnyModel } from "../model/index.js";
import type { Ensemble, InferenceContext, Method, Programs } from "./method.js";

/** Networks that are trained apart on the same simulations, and answer together. */
export const membersSetting = z.int().min(1).max(16).default(1);

/** How an ensemble of a method answers. */
export interface Together<K extends AnswerKind> {
  readonly weighing: NonNullable<Ensemble["weighing"]>;
  /** What it answers by, where that depends on the members. */
  readonly answers?: Ensemble<K>["answers"];
  /** Programs of the members in these scopes, with such weights. */
  readonly programs: (
    context: InferenceContext,
    scopes: readonly Scope[],
    weights: readonly number[],
  ) => Programs;
}

/** What the scope of a member is called. */
export function memberName(k: number): string {
  return `member${k}`;
}

/** The scope of a member. */
export function memberScope(scope: Scope, k: number): Scope {
  return scope.child(memberName(k));
}

/** The members that answer, each with its weight: those whose weight is not zero. */
export function answeringOf<T>(
  members: readonly T[],
  weights: readonly number[],
): readonly (readonly [T, number])[] {
  return members.flatMap((member, k) => {
    const weight = weights[k] ?? 0;
    return weight > 0 ? [[member, weight] as const] : [];
  });
}

/**
 * A method with several members; with one it is the method as it is.
 *
 * @throws InvalidArgumentError in training, where the members would be trained on simulations made on the fly.
 */
export function ensembleOf<M extends AnyModel, K extends AnswerKind>(
  method: Method<M, K>,
  count: number,
  { weighing, answers, programs }: Together<K>,
): Method<M, K> {
  if (count === 1) return method;
  const member = (k: number): Ensemble["members"][number] => ({
    description: method.description,
    settings: method.usual ?? {},
    losses: (training) => method.losses({ ...training, scope: memberScope(training.scope, k) }),
  });
  const ensemble: Method<M, K> = {
    ...method,
    losses: (training) => member(0).losses(training),
    programs: (context) => programs(context, [memberScope(context.scope, 0)], [1]),
    sized: ({ onTheFly }) => {
      if (!onTheFly) return ensemble;
      throw new InvalidArgumentError(
        `${method.name}: ${count} members are trained on the same simulations, but onTheFly makes fresh ones for every step: leave out one of the two`,
      );
    },
    ensemble: {
      members: Array.from({ length: count }, (_, k) => member(k)),
      weighing,
      answers: answers ?? (() => method.answers),
      programs: (context, weights) => {
        const all = weights.map((_, k) => memberScope(context.scope, k));
        const answering = answeringOf(all, weights);
        return programs(
          context,
          answering.map(([scope]) => scope),
          answering.map(([, weight]) => weight),
        );
      },
    },
  };
  return ensemble;
}

/** The mean of tensors of one shape. */
export function meanOf(all: readonly Tensor[]): Tensor {
  const [first, ...others] = all;
  if (first === undefined) throw new TypeError("a mean is of one tensor or more");
  if (others.length === 0) return first;
  return div(
    others.reduce((a, b) => add(a, b), first),
    all.length,
  );
}

/** log Σ_k w_k exp(term_k), of terms of one shape; of one, itself. */
export function logMixture(terms: readonly Tensor[], weights: readonly number[]): Tensor {
  const [first] = terms;
  if (first !== undefined && terms.length === 1) return first;
  const each = terms.map((term, k) => expandDims(add(term, Math.log(weights[k] ?? 0)), 0));
  return logSumExp(concat(each, 0), { axes: [0] });
}
