/**
 * Scores over observations and seeds, and the published ones beside them.
 */
import { average, type Estimate } from "amortis/diagnostics";
import { BUDGETS, PUBLISHED, type PublishedMethod } from "./published-scores.js";
import type { TaskResult } from "./results.js";
import type { ClassifierName, Scores } from "./scores.js";

/** Published methods that train once for all observations. */
const AMORTIZED = ["NPE", "NLE", "NRE"] as const;

/** C2ST of one result by a classifier: mean over observations, and its standard error; undefined where there is none. */
export function meanC2st(
  { scores }: Pick<TaskResult, "scores">,
  classifier: ClassifierName,
): Estimate | undefined {
  const values = scores.flatMap(({ c2st }) => c2st[classifier] ?? []);
  return values.length === 0 ? undefined : average(values);
}

/** Mean over observations of another number. */
export function meanOf(
  { scores }: Pick<TaskResult, "scores">,
  number: (one: Scores) => number,
): number | undefined {
  return scores.length === 0 ? undefined : average(scores.map(number)).value;
}

/** What was published of a task at a budget, for our scores to stand beside. */
export interface PublishedBeside {
  /** NPE on the very observations that ours are of. */
  readonly npe?: number;
  /** The least of NPE, NLE and NRE over ten observations. */
  readonly best?: number;
}

/** Published scores, by the perceptron, of a result's task, budget and observations. */
export function publishedBeside({ task, simulations, scores }: TaskResult): PublishedBeside {
  const budget = BUDGETS.findIndex((one) => one === simulations);
  if (budget < 0 || scores.length === 0) return {};
  const known = PUBLISHED.filter(
    ({ classifier, method }) =>
      classifier === "mlp" && AMORTIZED.some((amortized) => amortized === method),
  );
  const each = known.find(({ method }) => method === "NPE")?.each?.[task]?.[budget];
  const same = scores.flatMap(({ k }) => each?.[k - 1] ?? []);
  const values = known.flatMap(({ scores: all }) => all[task]?.[budget] ?? []);
  return {
    ...(same.length === scores.length && { npe: average(same).value }),
    ...(values.length > 0 && { best: Math.min(...values) }),
  };
}

/** Points of a curve: score against budget. */
export interface ScoreCurve {
  readonly budgets: readonly number[];
  readonly scores: readonly number[];
}

/** Our scores of a method and task at each budget: means over seeds. */
export function ourCurve(
  results: readonly TaskResult[],
  method: string,
  task: string,
  classifier: ClassifierName,
): ScoreCurve {
  const mine = results.filter((one) => one.method === method && one.task === task);
  const budgets = [...new Set(mine.map(({ simulations }) => simulations))].toSorted(
    (a, b) => a - b,
  );
  const points = budgets.flatMap((budget) => {
    const values = mine
      .filter(({ simulations }) => simulations === budget)
      .flatMap((one) => meanC2st(one, classifier)?.value ?? []);
    return values.length === 0 ? [] : [{ budget, score: average(values).value }];
  });
  return { budgets: points.map(({ budget }) => budget), scores: points.map(({ score }) => score) };
}

/** A published method's scores of a task at each budget. */
export function publishedCurve({ scores }: PublishedMethod, task: string): ScoreCurve {
  const points = BUDGETS.flatMap((budget, i) => {
    const score = scores[task]?.[i];
    return score === undefined ? [] : [{ budget, score }];
  });
  return { budgets: points.map(({ budget }) => budget), scores: points.map(({ score }) => score) };
}
