/**
 * Neural Bayes estimation: point estimates, quantiles and intervals.
 *
 * A network θ̂_γ(Z) minimises the Bayes risk E_{p(θ, Z)} L(θ, θ̂_γ(Z)) over draws of the joint model (Sainsbury-Dale,
 * Zammit-Mangion & Huser 2024, arXiv 2208.12942). The loss decides what is learned:
 *
 *     squared error (θ - θ̂)²                              the posterior mean
 *     absolute error |θ - θ̂|                              the posterior medians
 *     pinball (θ - θ̂)(q - 1{θ < θ̂})                       the posterior q-quantiles (Koenker & Bassett 1978)
 *     tanh(|θ - θ̂| / κ), κ small                          about the mode
 *     Brier score of q(Z), `brierLoss`                    the probabilities of a discrete parameter's values (`value-probabilities.ts`)
 *
 * Of a parameter over decades the squared error would be that of its largest values alone; another loss with the same minimiser takes its place
 * (`losses/relative-loss.ts`), and absolute and pinball losses are of the parameter as networks see it, mapped.
 *
 * Quantiles at several levels do not cross: the lowest is free, the others add softplus increments. They are offsets from the point
 * estimate, which learns far faster than a quantile in a tail, whose gradient most examples hardly change. All outputs stay within the
 * support of the prior: they are made in unconstrained space and mapped by the increasing bijection of each parameter.
 */
import { add, concat, InvalidArgumentError, split, type Scope, type Tensor } from "@amortis/graph";
import * as z from "zod";
import type { AnyModel } from "../model/index.js";
import { defaultSummary, mlp, transformedSpecs } from "../networks/index.js";
import { networkSlot, summarySlot } from "../networks/network.js";
import { transformSlot } from "../networks/transform.js";
import type { Moments } from "../data/moments.js";
import { type Standardization } from "../data/standardization.js";
import { standardizeLinearly } from "../data/standardization-graph.js";
import { requireUnread } from "../known-options.js";
import { positive } from "../settings/fields.js";
import { Settings, rooms } from "../settings/settings.js";
import {
  absoluteLoss,
  lossFunction,
  modeLoss,
  pinballLoss,
  squaredLoss,
  type EstimateLoss,
} from "../losses/estimate-loss.js";
import { relativeLoss } from "../losses/relative-loss.js";
import { ensembleOf, meanOf, membersSetting } from "./ensemble.js";
import type { InferenceContext, Method, Programs } from "./method.js";
import { locationIn, summarizedWith } from "./posterior-programs.js";
import { outputMap, type Estimates } from "./support-map.js";
import { longTraining, trainedForLong } from "./usual-training.js";
import { valueProbabilities } from "./value-probabilities.js";

const level = z.number().gt(0).lt(1);

const settings = new Settings(
  "method",
  "nbe",
  z.strictObject({
    /** What is done to the data first: expert or learned summaries in their place, or beside them. */
    transform: transformSlot.optional(),
    /** S(Z). By default what suits the arrays: see `defaultSummary`. */
    summary: summarySlot.optional(),
    /** From the summary to the estimates. */
    head: networkSlot.default(() => mlp({ hidden: [] })),
    /** What the point estimate minimises: "squared" (mean), "absolute" (median), "mode", another of the library's, as `brierLoss()` (probabilities of values), or one of your own. */
    loss: z
      .union([z.enum(["squared", "absolute", "mode"]), lossFunction])
      .register(rooms, { room: "estimateLoss" })
      .default("squared"),
    /** Levels of posterior quantiles to estimate beside the point estimate, within (0, 1). */
    quantiles: z.array(level).readonly().default([]),
    /** Level of a central posterior interval: 0.9 adds the quantiles 0.05 and 0.95. */
    interval: level.optional(),
    /** Whether estimates start from the linear trend of the parameters in the data, so that the networks learn what is left. */
    trend: z.enum(["linear", "none"]).default("linear"),
    /** Networks that are trained apart on the same simulations; the mean of their estimates answers. 1 by default; not with "mode", of which the mean is none. */
    members: membersSetting,
    /** Width κ of the surrogate 0-1 loss for the mode, in prior standard deviations; of no other loss. */
    modeWidth: positive.default(0.1),
  }),
  {
    before: { modeWidth: 0.1, trend: "none", members: 1 },
    about: "point estimates, quantiles and intervals",
  },
);

/** Networks and targets of a neural Bayes estimator. */
export type NbeOptions = z.input<typeof settings.schema>;

const NAMES = { squared: "mean", absolute: "median", mode: "mode" } as const;

/**
 * Neural Bayes estimator.
 *
 * @throws InvalidArgumentError where a setting is out of range.
 * @example
 * const estimator = await train(nbe(field, { interval: 0.9 }), { simulations: 160_000 });
 * (await estimator.estimate({ z })).range;
 */
export function nbe<M extends AnyModel>(model: M, options: NbeOptions = {}): Method<M, "point"> {
  const resolved = checked(options);
  const { transform, head, loss, modeWidth, trend: start, members } = resolved;
  const specs = transformedSpecs(model.dataSpecs, transform);
  const { summary = defaultSummary(specs) } = resolved;
  const levels = quantileLevels(resolved);
  const common = {
    name: settings.kind,
    model,
    description: settings.describe({
      transform,
      summary,
      head,
      loss,
      quantiles: levels,
      trend: start,
      members,
      ...(loss === "mode" && { modeWidth }),
    }),
    ...(transform && { transform }),
  };
  if (isOfProbabilities(loss)) {
    const { together, ...parts } = valueProbabilities(model, { summary, head, loss });
    const programs: Method["programs"] = (context) => together(context, [context.scope]);
    const method = { ...common, ...parts, programs };
    return ensembleOf(method, members, { weighing: "equal", programs: together });
  }
  const p = model.parameterSize;
  const pointLoss =
    typeof loss === "function"
      ? loss
      : { squared: squaredLoss, absolute: absoluteLoss, mode: modeLoss(modeWidth) }[loss];

  /** The point [batch, p], the quantiles [batch, levels, p], and the summary that they are of. */
  function estimates(
    scope: Scope,
    data: Readonly<Record<string, Tensor>>,
    standardization: Standardization,
  ): { readonly point: Estimates; readonly quantiles?: Estimates; readonly context: Tensor } {
    const { trend } = standardization;
    const context = summarizedWith(trend, summary.apply(scope.child("summary"), data), data);
    const map = outputMap(model, standardization);
    const sizes = [map.pointSize, ...levels.map(() => p)];
    const total = sizes.reduce((a, b) => a + b, 0);
    const outputs = head.apply(scope.child("head"), context, total);
    const [first = outputs, ...others] = split(outputs, sizes, -1);
    const point = map.point(first, trend && locationIn(context, trend));
    if (levels.length === 0) return { point, context };
    return { point, context, quantiles: map.increasing(others, levels, point.place) };
  }

  const method: Method<M, "point"> = {
    ...common,
    ...(start === "linear" && {
      trend: (parameters, standardization) => outputMap(model, standardization).inverse(parameters),
    }),
    answers: {
      kind: "point",
      estimate: typeof loss === "string" ? NAMES[loss] : (loss.estimates ?? "estimate"),
      quantiles: levels,
      givesContext: true,
    },
    losses: ({ scope, data, parameters, parametersSeen, standardization }) => {
      const { point, quantiles } = estimates(scope, data, standardization);
      const scale: Moments = standardization.parameters;
      // Quantiles, medians among them, are those of any increasing map: of what networks see, where every decade counts.
      const pointRisk =
        loss === "absolute"
          ? absoluteLoss(point.seen, parametersSeen)
          : loss === "squared" && scale.tails !== undefined
            ? relativeLoss(point.seen, parametersSeen, scale.tails)
            : loss === "mode"
              ? pointLoss(point.seen, parametersSeen)
              : pointLoss(standardizeLinearly(point.theta, scale), parameters);
      if (quantiles === undefined) return pointRisk;
      return add(pointRisk, pinballLoss(quantiles.seen, parametersSeen, levels));
    },
    programs: (context) => together(context, [context.scope]),
  };

  /** The mean of what networks in these scopes estimate. */
  function together(
    { inputs, data, standardization }: InferenceContext,
    scopes: readonly Scope[],
  ): Programs {
    const all = scopes.map((scope) => estimates(scope, data, standardization));
    const quantiles = all.flatMap((each) => (each.quantiles ? [each.quantiles.theta] : []));
    return {
      estimate: {
        inputs,
        outputs: {
          point: meanOf(all.map(({ point }) => point.theta)),
          context: concat(
            all.map(({ context }) => context),
            -1,
          ),
          ...(quantiles.length > 0 && { quantiles: meanOf(quantiles) }),
        },
      },
    };
  }

  return trainedForLong(specs, longTraining, (usual) =>
    ensembleOf({ ...method, ...(usual && { usual }) }, members, {
      weighing: "equal",
      programs: together,
    }),
  );
}

nbe.settings = settings;

function isOfProbabilities(
  loss: NonNullable<NbeOptions["loss"]>,
): loss is EstimateLoss & { readonly of: "probabilities" } {
  return typeof loss === "function" && loss.of === "probabilities";
}

/** Settings with their defaults. @throws InvalidArgumentError where one is out of range, or nothing would read it. */
function checked(options: NbeOptions): z.output<typeof settings.schema> {
  const resolved = settings.resolve(options);
  const { loss, members } = resolved;
  if (loss !== "mode") {
    const other = typeof loss === "string" ? `the loss "${loss}"` : "another loss than the mode's";
    requireUnread("nbe", options, other, ["modeWidth"]);
  }
  if (loss === "mode" && members > 1) {
    throw new InvalidArgumentError(
      "nbe: the mean of several modes is no mode: leave members out, or take another loss",
    );
  }
  if (!isOfProbabilities(loss)) return resolved;
  // Probabilities say all quantiles, and start from no trend.
  const unread = ["quantiles", "interval", "trend"];
  requireUnread("nbe", options, "a loss of probabilities", unread);
  return { ...resolved, trend: "none" };
}

/** All levels, those of the interval's ends among them. */
function quantileLevels({
  quantiles,
  interval,
}: z.output<typeof settings.schema>): readonly number[] {
  const tails = interval === undefined ? [] : [(1 - interval) / 2, (1 + interval) / 2];
  const rounded = [...quantiles, ...tails].map((level) => Number(level.toPrecision(12)));
  return [...new Set(rounded)].toSorted((a, b) => a - b);
}
