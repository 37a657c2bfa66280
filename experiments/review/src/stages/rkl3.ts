/**
 * rKL3: the summary is learned, by maximising a bound of its mutual information with θ.
 *
 * The Jensen-Shannon bound E[-softplus(-T(θ, S(Z)))] - E[softplus(T(θ', S(Z)))] is the loss of neural ratio estimation with its sign
 * turned: a ratio estimator whose summary network has one output learns it, with the classifier as the critic T. What was learned is frozen,
 * and then is a summary like an expert's.
 */
import { Scope, type HostTensor, hostTensor, add, constant, mul } from "@amortis/graph";
import {
  cnn,
  mlp,
  nre,
  type DataTransform,
  type RatioEstimator,
  type SummaryNetwork,
} from "amortis";
import { gaussianField } from "@amortis/gaussian-field";
import { trainingFields } from "../fields.js";
import { trainingSeconds, within, type Stage } from "../stage.js";
import { trainOnce } from "../training.js";
import { ofGaussian } from "./direct.js";
import type { Range } from "./gaussian.js";
import { syntheticMethods, type SyntheticRecord } from "./synthetic.js";

/** The network of all methods, and one number made of its outputs, linearly: a rectifier would crush half of what it says. */
function summaryNetwork(): SummaryNetwork {
  const body = cnn({ pooling: "average" });
  const head = mlp({ hidden: [] });
  return {
    kind: "cnn-linear",
    apply: (scope, data) =>
      head.apply(scope.child("head"), body.apply(scope.child("body"), data), 1),
    describe: () => ({ kind: "cnn-linear", body: body.describe(), head: head.describe() }),
  };
}

/** The summary of a trained estimator, as fixed operations. */
function frozenSummary(fitted: RatioEstimator<Range>): DataTransform {
  const { details, weights } = fitted.contents;
  const values: Record<string, HostTensor> = {};
  let offset = 0;
  for (const { name, shape } of details.variables) {
    const size = shape.reduce((a, b) => a * b, 1);
    values[name] = hostTensor(weights.slice(offset, offset + size), shape);
    offset += size;
  }
  const { mean: [mean = 0] = [], sd: [sd = 1] = [] } = details.standardization.data["z"] ?? {};
  return {
    kind: "informationSummary",
    apply: (raw) => {
      const { z } = raw;
      if (z === undefined) throw new TypeError("the summary is of an array z");
      const standardized = mul(add(z, constant(-mean)), 1 / sd);
      const scope = Scope.frozen(values).child("summary");
      return { information: summaryNetwork().apply(scope, { z: standardized }) };
    },
    describe: () => ({ kind: "informationSummary", network: summaryNetwork().describe() }),
  };
}

/** rKL3: a learned summary. */
export const rkl3Stage: Stage = {
  name: "rkl3",
  title: "rKL3",
  settings: ({ gaussian }) => ofGaussian(gaussian, "information", "binding", "variational"),
  seconds: ({ gaussian }) =>
    15 +
    trainingSeconds(gaussian.information, gaussian.training, 0.0052) +
    trainingSeconds(gaussian.binding, gaussian.training, 0.0015) +
    trainingSeconds(gaussian.variational, gaussian.training, 0.003),
  run: async (context): Promise<SyntheticRecord> => {
    const { fitted, cost } = await trainOnce(context, {
      name: "rkl3-summary",
      method: nre(gaussianField, { summary: summaryNetwork(), hidden: [16, 16] }),
      plan: context.settings.gaussian.information,
      data: () => trainingFields(context),
      report: within(context, 0, 0.8),
    });
    const rest = within(context, 0.8, 1);
    return syntheticMethods(context, "rkl3", frozenSummary(fitted), [cost], rest);
  },
};
