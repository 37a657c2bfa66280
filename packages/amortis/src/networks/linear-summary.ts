/**
 * A summary of a given length: a linear layer on the outputs of any summary network.
 */
import { glorotUniform } from "@amortis/graph";
import { dense } from "./mlp.js";
import type { SummaryNetwork } from "./network.js";
import { requireWidths } from "./widths.js";

/**
 * The outputs of a summary network, made `outputs` numbers by a linear layer: no activation cuts off a part of their range.
 *
 * @throws InvalidArgumentError where the length is no positive integer.
 * @example nre(field, { summary: linearSummary(cnn(), 1) })
 */
export function linearSummary(network: SummaryNetwork, outputs: number): SummaryNetwork {
  requireWidths("linearSummary", [outputs]);
  return {
    kind: "linearSummary",
    apply: (scope, data) =>
      dense(
        scope.child("linear"),
        network.apply(scope.child("network"), data),
        outputs,
        glorotUniform(),
      ),
    describe: () => ({ kind: "linearSummary", outputs, network: network.describe() }),
  };
}
