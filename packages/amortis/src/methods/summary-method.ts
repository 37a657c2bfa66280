/**
 * What methods of learned summaries have in common: a network whose outputs become the summary through a linear layer, and the program that answers with it.
 */
import type { Tensor } from "@amortis/graph";
import type { AnyModel } from "../model/index.js";
import { defaultSummary, linearSummary, transformedSpecs } from "../networks/index.js";
import { summarySlot, type SummaryNetwork } from "../networks/network.js";
import { transformSlot, type DataTransform } from "../networks/transform.js";
import { whole } from "../settings/fields.js";
import type { Reading, Settings } from "../settings/settings.js";
import type { TrainSettings } from "../settings/training.js";
import type { Method, TrainingContext } from "./method.js";
import { trainedForLong } from "./usual-training.js";

/** Settings that all of them have. */
export const networkFields = {
  /** What is done to the data first. */
  transform: transformSlot.optional(),
  /** Its outputs become the summary through a linear layer. By default what suits the arrays: see `defaultSummary`. */
  network: summarySlot.optional(),
} as const;

/** Those of any length. */
export const summaryFields = {
  ...networkFields,
  /** Length of the summary; by default the number of parameters, of Fisher information of free ones. */
  size: whole.optional(),
} as const;

/** Configurations call the network a summary, as those of other methods do. */
export const networkCalledSummary: Reading = ({ summary: network, ...rest }) => ({
  ...(network !== undefined && { network }),
  ...rest,
});

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
  /** Settings of its training by the number of simulations, where data are few numbers; the general ones where it is left out. */
  readonly training?: (simulations: number) => Partial<TrainSettings>;
  /**
   * Loss of each example, [batch].
   *
   * @param summarized their summaries, [batch, size].
   */
  readonly losses: (training: TrainingContext, summarized: Tensor) => Tensor;
}

/** A method that learns a summary. */
export function summaryMethod<M extends AnyModel>(parts: SummaryParts<M>): Method<M, "summary"> {
  const { settings, model, transform, size, described, usual, training, losses } = parts;
  const specs = transformedSpecs(model.dataSpecs, transform);
  const { network = defaultSummary(specs) } = parts;
  const summary = linearSummary(network, size);
  const method: Method<M, "summary"> = {
    name: settings.kind,
    model,
    description: settings.describe({ transform, summary, ...described }),
    ...(transform && { transform }),
    ...(usual && { usual }),
    answers: { kind: "summary", size },
    losses: (context) =>
      losses(context, summary.apply(context.scope.child("summary"), context.data)),
    programs: ({ scope, inputs, data }) => ({
      summary: { inputs, outputs: { summary: summary.apply(scope.child("summary"), data) } },
    }),
  };
  if (training === undefined) return method;
  return trainedForLong(specs, training, (long) => ({ ...method, ...(long && { usual: long }) }));
}
