/**
 * What methods of learned summaries have in common: a network whose outputs become the summary through a linear layer, and the program that answers with it.
 */
import type { Tensor } from "@amortis/graph";
import type { AnyModel } from "../model/index.js";
import { defaultSummary, linearSummary, transformedSpecs } from "../networks/index.js";
import type { SummaryNetwork } from "../networks/network.js";
import type { DataTransform } from "../networks/transform.js";
import type { Settings } from "../settings/settings.js";
import type { Method, TrainingContext } from "./method.js";

/** Parts of a method that learns a summary. */
export interface SummaryParts<M extends AnyModel> {
  readonly settings: Settings;
  readonly model: M;
  readonly transform: DataTransform | undefined;
  /** What suits the arrays where it is left out: see `defaultSummary`. */
  readonly network: SummaryNetwork | undefined;
  /** Length of the summary. */
  readonly size: number;
  /** Its other settings, for the description. */
  readonly described: Readonly<Record<string, unknown>>;
  readonly usual?: Method["usual"];
  /**
   * Loss of each example, [batch].
   *
   * @param summarized their summaries, [batch, size].
   */
  readonly losses: (training: TrainingContext, summarized: Tensor) => Tensor;
}

/** A method that learns a summary. */
export function summaryMethod<M extends AnyModel>(parts: SummaryParts<M>): Method<M, "summary"> {
  const { settings, model, transform, size, described, usual, losses } = parts;
  const { network = defaultSummary(transformedSpecs(model.dataSpecs, transform)) } = parts;
  const summary = linearSummary(network, size);
  return {
    name: settings.kind,
    model,
    description: settings.describe({ transform, summary, ...described }),
    ...(transform && { transform }),
    ...(usual && { usual }),
    answers: { kind: "summary", size },
    losses: (training) =>
      losses(training, summary.apply(training.scope.child("summary"), training.data)),
    programs: ({ scope, inputs, data }) => ({
      summary: { inputs, outputs: { summary: summary.apply(scope.child("summary"), data) } },
    }),
  };
}
