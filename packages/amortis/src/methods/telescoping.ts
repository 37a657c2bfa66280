/**
 * Telescoping ratio estimation: a classifier for each parameter given those before it.
 *
 * The posterior of p parameters is a product of distributions of one number,
 *
 *     p(θ | Z) = Π_j p(θ_j | θ_1 … θ_{j-1}, Z) = Π_j p(θ_j) r_j(θ_1 … θ_j, Z),
 *
 * and classifier j tells (θ_1 … θ_j, Z) of the joint model from the same with θ_j of another data set, so that its logit is log r_j (Leonte, Huser & Veraart 2025, "Simulation-based
 * inference via telescoping ratio estimation for trawl processes", arXiv 2510.04042). Each has one number to compare where the classifier of `nre` has p, which is easier where p is large or the
 * posterior narrow; and a draw is p inversions of a distribution function, one after another: draws are independent, and need neither chains nor weights. The sum Σ_j log r_j is the
 * log ratio of `nre`.
 */
import {
  add,
  concat,
  input,
  InvalidArgumentError,
  slice,
  stack,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { leadingTrend } from "../data/linear-trend.js";
import { sliceMoments } from "../data/slice-moments.js";
import {
  standardizeRows,
  unconstrainedMoments,
  type Standardization,
} from "../data/standardization.js";
import { standardize, standardizeLinearly } from "../data/standardization-graph.js";
import { flattened, independent, isScalar, type Distribution } from "../distributions/index.js";
import { crossEntropyLoss, ratioLossFunction } from "../losses/ratio-loss.js";
import type { AnyModel } from "../model/index.js";
import { defaultSummary, transformedSpecs } from "../networks/index.js";
import { summarySlot } from "../networks/network.js";
import { transformSlot } from "../networks/transform.js";
import { rooms, Settings } from "../settings/settings.js";
import { besideTrend, classifierFields, classifierLogits } from "./classifier.js";
import type { InferenceContext, Method, Programs } from "./method.js";
import { parametersInTraining } from "./parameters-seen.js";
import { locationIn, summarizedWith } from "./posterior-programs.js";
import { rotations } from "./rotations.js";
import { densityTraining, trainedForLong } from "./usual-training.js";

const settings = new Settings(
  "method",
  "telescoping",
  z.strictObject({
    /** What is done to the data first: expert or learned summaries in their place, or beside them. */
    transform: transformSlot.optional(),
    /** S(Z), which all classifiers share. By default what suits the arrays: see `defaultSummary`. */
    summary: summarySlot.optional(),
    ...classifierFields,
    /** What each classifier minimises: "crossEntropy", `multiclassLoss(...)`, `balancedLoss(...)`, or one of your own. */
    loss: z
      .union([z.enum(["crossEntropy"]), ratioLossFunction])
      .register(rooms, { room: "ratioLoss" })
      .default("crossEntropy"),
  }),
  { about: "posteriors, by ratios of one parameter after another: draws without chains" },
);

/** Networks of telescoping ratio estimation. */
export type TelescopingOptions = z.input<typeof settings.schema>;

/**
 * Telescoping ratio estimation. Parameters are drawn in the order in which the model has them.
 *
 * @throws InvalidArgumentError where a parameter is discrete, depends on others or is part of a vector with a joint prior, or the loss learns ratios up to a constant.
 * @example
 * const estimator = await train(telescoping(field), { simulations: 100_000 });
 * (await estimator.given({ z })).sample(1_000);   // independent draws
 */
export function telescoping<M extends AnyModel>(
  model: M,
  options: TelescopingOptions = {},
): Method<M, "ratio"> {
  const resolved = settings.resolve(options);
  const { transform, hidden, activation, trend: start } = resolved;
  const negatives = { asked: options.negatives, usual: resolved.negatives };
  const specs = transformedSpecs(model.dataSpecs, transform);
  const { summary = defaultSummary(specs) } = resolved;
  const loss = resolved.loss === "crossEntropy" ? crossEntropyLoss : resolved.loss;
  if (loss.upToConstant === true) {
    throw new InvalidArgumentError(
      "telescoping: this loss learns ratios up to a constant, which is another one for each value of the parameters before: take multiclassLoss()",
    );
  }
  const priors = flattened([model.prior.centred]);
  const p = model.parameterSize;
  requireNumbers(model, priors);

  /** log r_j for context [batch, k] and θ_1 … θ_j as they are seen, [batch, m, 2 j]: [batch, m]. */
  function logit(
    scope: Scope,
    j: number,
    context: Tensor,
    seen: Tensor,
    { trend }: Standardization,
  ): Tensor {
    const theta =
      trend === undefined
        ? seen
        : besideTrend(
            seen,
            slice(locationIn(context, trend), -1, 0, j + 1),
            leadingTrend(trend, j + 1),
          );
    return classifierLogits(scope.child(`classifier${j}`), context, theta, { hidden, activation });
  }

  const method: Method<M, "ratio"> = {
    name: settings.kind,
    model,
    description: settings.describe({ ...resolved, summary, loss: resolved.loss }),
    ...(transform && { transform }),
    ...(start === "linear" && {
      trend: (parameters, { parameters: moments }) => standardizeRows(parameters, moments),
    }),
    answers: { kind: "ratio", conditionals: p },
    losses: (training) => {
      const { scope, data, standardization } = training;
      const own = summary.apply(scope.child("summary"), data);
      const context = summarizedWith(standardization.trend, own, data);
      const seen = parametersInTraining(training);
      const others = rotations(settings.kind, seen, negatives);
      return priors
        .map((_, j) => {
          const pairs = [seen, ...others].map((other) => leadingWith(seen, other, j, p));
          const logits = logit(scope, j, context, stack(pairs, 1), standardization);
          return loss(slice(logits, 1, 0, 1), slice(logits, 1, 1, pairs.length));
        })
        .reduce((a, b) => add(a, b));
    },
    programs: (inference) => programsOf(inference),
  };
  return trainedForLong(specs, densityTraining, (usual) => ({
    ...method,
    ...(usual && { usual }),
  }));

  function programsOf({ inputs, data, scope, standardization }: InferenceContext): Programs {
    const summarized = summarizedWith(
      standardization.trend,
      summary.apply(scope.child("summary"), data),
      data,
    );
    const context = input("context", summarized.shape);
    const theta = input("theta", ["batch", "draws", p]);
    const terms = priors.map((_, j) =>
      logit(scope, j, context, leadingSeen(theta, j, priors, standardization), standardization),
    );
    const asked = { context, theta };
    return {
      context: { inputs, outputs: { context: summarized } },
      logRatio: { inputs: asked, outputs: { logRatio: terms.reduce((a, b) => add(a, b)) } },
      ...Object.fromEntries(
        terms.map((term, j) => {
          const name = `conditional${j}`;
          return [name, { inputs: asked, outputs: { [name]: term } }];
        }),
      ),
    };
  }
}
telescoping.settings = settings;

/** Of parameters as they are seen twice over, [batch, 2 p]: those before j, and j of others, [batch, 2 (j + 1)]. */
function leadingWith(seen: Tensor, other: Tensor, j: number, p: number): Tensor {
  const blocks = [0, p].flatMap((from) => [
    ...(j > 0 ? [slice(seen, -1, from, from + j)] : []),
    slice(other, -1, from + j, from + j + 1),
  ]);
  return concat(blocks, -1);
}

/** The first parameters up to j of θ [..., p], as classifiers see them: [..., 2 (j + 1)]. */
function leadingSeen(
  theta: Tensor,
  j: number,
  priors: readonly Distribution[],
  standardization: Standardization,
): Tensor {
  const count = j + 1;
  const first = slice(theta, -1, 0, count);
  const u = independent(priors.slice(0, count)).bijection.graph.inverse(first);
  return concat(
    [
      standardize(first, sliceMoments(standardization.parameters, 0, count)),
      standardizeLinearly(u, sliceMoments(unconstrainedMoments(standardization), 0, count)),
    ],
    -1,
  );
}

/** @throws InvalidArgumentError where a parameter is no continuous number of its own. */
function requireNumbers(model: AnyModel, priors: readonly Distribution[]): void {
  const other = priors.find(
    (prior) => !isScalar(prior) || prior.support.kind === "discrete" || prior.slab !== undefined,
  );
  if (other === undefined) return;
  throw new InvalidArgumentError(
    `telescoping: the parameters of "${model.name}" must be continuous numbers whose priors are known by themselves, with quantiles, but one is ${other.name}: use nre, which takes any`,
  );
}
