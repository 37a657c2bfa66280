/**
 * A summary of a given length: a linear layer on the outputs of any summary network.
 */
import { glorotUniform } from "@amortis/graph";
import * as z from "zod";
import { whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { dense } from "./mlp.js";
import { summarySlot, type SummaryNetwork } from "./network.js";

const settings = new Settings(
  "summary",
  "linearSummary",
  z.strictObject({ outputs: whole, network: summarySlot }),
);

/**
 * The outputs of a summary network, made `outputs` numbers by a linear layer: no activation cuts off a part of their range.
 *
 * @throws InvalidArgumentError where the length is no positive integer.
 * @example nre(field, { summary: linearSummary(cnn(), 1) })
 */
export function linearSummary(network: SummaryNetwork, outputs: number): SummaryNetwork {
  const resolved = settings.resolve({ outputs, network });
  return {
    kind: settings.kind,
    apply: (scope, data) =>
      dense(
        scope.child("linear"),
        network.apply(scope.child("network"), data),
        outputs,
        glorotUniform(),
      ),
    describe: () => settings.describe(resolved),
  };
}
linearSummary.settings = settings;
linearSummary.from = ({ network, outputs }: z.output<typeof settings.schema>) =>
  linearSummary(network, outputs);
