/**
 * Summary networks of plain vectors.
 */
import { concat, InvalidArgumentError, reshape, type Tensor } from "@amortis/graph";
import { mlp, type MlpOptions } from "./mlp.js";
import type { SummaryNetwork } from "./network.js";
import { requireWidths } from "./widths.js";

/** All data of each example as one vector, in alphabetical order of their names: [batch, ...shape] each to [batch, n]. */
export function flattenData(data: Readonly<Record<string, Tensor>>): Tensor {
  const names = Object.keys(data).toSorted();
  const parts = names.flatMap((name) => {
    const tensor = data[name];
    if (tensor === undefined) return [];
    const size = tensor.shape.slice(1).reduce<number>((n, dim) => n * Number(dim), 1);
    return [reshape(tensor, [tensor.shape[0] ?? 1, size])];
  });
  if (parts.length === 0) {
    throw new InvalidArgumentError("a summary network needs at least one data array");
  }
  return concat(parts, -1);
}

/** Settings of a summary by a multilayer perceptron. */
export interface MlpSummaryOptions extends MlpOptions {
  /** Length of the summary. */
  readonly outputs?: number;
}

/**
 * A multilayer perceptron of all data, flattened and joined.
 *
 * @param options defaults: two hidden layers of 128, a summary of 32 numbers
 * @example npe(model, { summary: mlpSummary({ hidden: [256, 256], outputs: 64 }) })
 */
export function mlpSummary(options: MlpSummaryOptions = {}): SummaryNetwork {
  const { outputs = 32 } = options;
  requireWidths("mlpSummary", [outputs]);
  const network = mlp(options);
  return {
    kind: "mlpSummary",
    apply: (scope, data) => network.apply(scope, flattenData(data), outputs),
    describe: () => ({ kind: "mlpSummary", outputs, network: network.describe() }),
  };
}

/** The data as they are, flattened and joined: where they are few and already summaries. */
export function rawSummary(): SummaryNetwork {
  return {
    kind: "rawSummary",
    apply: (_, data) => flattenData(data),
    describe: () => ({ kind: "rawSummary" }),
  };
}
