/**
 * Neural ratio estimation: the ratio of likelihood to evidence, by a classifier.
 *
 * A classifier c_γ(Z, θ) tells draws of the joint model, (θ, Z) ~ p(θ, Z), from draws of the product, (θ', Z) ~ p(θ') p(Z). The best one
 * is p(Z | θ) / (p(Z | θ) + p(Z)), so its logit is the ratio (Hermans, Begy & Louppe 2020, arXiv 1903.04057):
 *
 *     γ* = argmin E_{joint} softplus(-f_γ(Z, θ)) + E_{product} softplus(f_γ(Z, θ')),      f* = log p(Z | θ) / p(Z).
 *
 * Draws of the product are rotations of a minibatch, so no data set is paired with its own parameters; several rotations share one pass
 * of the summary network. Other losses of the same logits have the same minimiser, and other errors where there is little to learn from: `losses/`.
 */
import {
  concat,
  InvalidArgumentError,
  input,
  slice,
  split,
  stack,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import type { AnyModel } from "../model/index.js";
import { defaultSummary, transformedSpecs } from "../networks/index.js";
import { summarySlot } from "../networks/network.js";
import { transformSlot } from "../networks/transform.js";
import { standardizeRows, type Standardization } from "../data/standardization.js";
import {
  balancedLoss,
  crossEntropyLoss,
  ratioLossFunction,
  type RatioLoss,
} from "../losses/ratio-loss.js";
import { rooms, Settings } from "../settings/settings.js";
import { besideTrend, classifierFields, classifierLogits } from "./classifier.js";
import { ensembleOf, logMixture, membersSetting } from "./ensemble.js";
import type { InferenceContext, Method, Programs } from "./method.js";
import { parametersAsSeen, parametersInTraining } from "./parameters-seen.js";
import { locationIn, summarizedWith } from "./posterior-programs.js";
import { rotations } from "./rotations.js";
import { densityTraining, trainedForLong } from "./usual-training.js";

const settings = new Settings(
  "method",
  "nre",
  z.strictObject({
    /** What is done to the data first: expert or learned summaries in their place, or beside them. */
    transform: transformSlot.optional(),
    /** S(Z). By default what suits the arrays: see `defaultSummary`. */
    summary: summarySlot.optional(),
    ...classifierFields,
    /** Networks that are trained apart on the same simulations; the mean of their ratios answers. 1 by default. */
    members: membersSetting,
    /** What the classifier minimises: "crossEntropy" (NRE-A), `contrastiveLoss()` (NRE-B), `multiclassLoss(...)` (NRE-C), `balancedLoss(...)`, or one of your own. */
    loss: z
      .union([z.enum(["crossEntropy"]), ratioLossFunction])
      .register(rooms, { room: "ratioLoss" })
      .default("crossEntropy"),
    /** The weight of `balancedLoss`, or `true`, as earlier versions said it. */
    balanced: z.union([z.boolean(), z.number().min(0)]).optional(),
  }),
  {
    before: { members: 1, trend: "none" },
    about: "posteriors, by ratios",
    fromConfiguration: ({ classifier, ...rest }) => ({ ...Object(classifier), ...rest }),
  },
);

/** Networks of neural ratio estimation. */
export type NreOptions = z.input<typeof settings.schema>;

/**
 * Neural ratio estimation.
 *
 * @throws InvalidArgumentError where a setting is out of range.
 * @example
 * const estimator = await train(nre(field, { summary: cnn(), loss: balancedLoss() }), { simulations: 160_000 });
 * const posterior = await estimator.given({ z });
 */
export function nre<M extends AnyModel>(model: M, options: NreOptions = {}): Method<M, "ratio"> {
  const resolved = settings.resolve(options);
  const { transform, hidden, activation, members, trend: start } = resolved;
  const negatives = { asked: options.negatives, usual: resolved.negatives };
  const specs = transformedSpecs(model.dataSpecs, transform);
  const { summary = defaultSummary(specs) } = resolved;
  const loss = lossOf(resolved);
  const constant = loss.upToConstant ?? false;
  if (constant && members > 1) {
    throw new InvalidArgumentError(
      `nre: ${members} members answer by the mean of their ratios, which this loss learns up to a constant of each member's own: leave members out, or take multiclassLoss()`,
    );
  }

  /** f(Z, θ) for context [batch, k] and parameters [batch, m, q] as the classifier sees them: [batch, m]. */
  function logit(
    scope: Scope,
    context: Tensor,
    parameters: Tensor,
    { trend }: Standardization,
  ): Tensor {
    const theta =
      trend === undefined ? parameters : besideTrend(parameters, locationIn(context, trend), trend);
    return classifierLogits(scope, context, theta, { hidden, activation });
  }

  const method: Method<M, "ratio"> = {
    name: settings.kind,
    model,
    description: settings.describe({
      transform,
      summary,
      hidden,
      activation,
      negatives: negatives.usual,
      trend: start,
      members,
      ...saidOf(loss),
    }),
    ...(transform && { transform }),
    ...(start === "linear" && {
      trend: (parameters, { parameters: moments }) => standardizeRows(parameters, moments),
    }),
    ...(constant && {
      limits:
        "its log ratios are right up to a constant of each data set: posteriors are as they should be, but ratios of different data sets do not compare",
    }),
    answers: { kind: "ratio", ...(constant && { upToConstant: true }) },
    losses: (training) => {
      const { scope, data, standardization } = training;
      const own = summary.apply(scope.child("summary"), data);
      const context = summarizedWith(standardization.trend, own, data);
      const seen = parametersInTraining(training);
      const pairs = [seen, ...rotations("nre", seen, negatives)];
      const logits = logit(scope.child("classifier"), context, stack(pairs, 1), standardization);
      const joint = slice(logits, 1, 0, 1);
      const product = slice(logits, 1, 1, pairs.length);
      return loss(joint, product);
    },
    programs: (context) => together(context, [context.scope], [1]),
  };

  /** The ratio Σ_k w_k r_k of networks in these scopes. Their contexts lie side by side. */
  function together(
    { inputs, data, standardization }: InferenceContext,
    scopes: readonly Scope[],
    weights: readonly number[],
  ): Programs {
    const summaries = scopes.map((scope) =>
      summarizedWith(standardization.trend, summary.apply(scope.child("summary"), data), data),
    );
    const widths = summaries.map(({ shape }) => Number(shape.at(-1)));
    const summarized = concat(summaries, -1);
    const context = input("context", summarized.shape);
    const contexts = split(context, widths, -1);
    const theta = input("theta", ["batch", "draws", model.parameterSize]);
    const seen = parametersAsSeen(model, theta, standardization);
    const logits = scopes.map((scope, k) =>
      logit(scope.child("classifier"), contexts[k] ?? context, seen, standardization),
    );
    return {
      context: { inputs, outputs: { context: summarized } },
      logRatio: {
        inputs: { context, theta },
        outputs: { logRatio: logMixture(logits, weights) },
      },
    };
  }

  return trainedForLong(specs, densityTraining, (usual) =>
    ensembleOf({ ...method, ...(usual && { usual }) }, members, {
      weighing: "equal",
      programs: together,
    }),
  );
}

nre.settings = settings;

/** @throws InvalidArgumentError where it is said twice. */
function lossOf({ loss, balanced }: z.output<typeof settings.schema>): RatioLoss {
  if (balanced === undefined) return loss === "crossEntropy" ? crossEntropyLoss : loss;
  if (loss !== "crossEntropy") {
    throw new InvalidArgumentError(
      "nre: give loss or balanced, which is one of them, but not both",
    );
  }
  const weight = balanced === true ? 100 : Number(balanced);
  return weight === 0 ? crossEntropyLoss : balancedLoss(weight);
}

/** What a description says of a loss: of those that earlier versions had, as they said it, so that their checkpoints are gone on from. */
function saidOf(loss: RatioLoss): Readonly<Record<string, unknown>> {
  if (loss === crossEntropyLoss) return { balanced: 0 };
  const said = loss.describe?.();
  const balanced = balancedSchema.safeParse(said);
  return balanced.success ? { balanced: balanced.data.weight } : { loss: said ?? "custom" };
}

const balancedSchema = z.object({
  kind: z.literal(balancedLoss.settings.kind),
  weight: z.number(),
});
