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
 *
 * Quantiles at several levels do not cross: the lowest is free, the others add softplus increments. They are offsets from the point
 * estimate, which learns far faster than a quantile in a tail, whose gradient most examples hardly change. All outputs stay within the
 * support of the prior: they are made in unconstrained space and mapped by the increasing bijection of each parameter.
 */
import {
  abs,
  add,
  cast,
  constant,
  expandDims,
  less,
  mean,
  mul,
  split,
  square,
  sub,
  tanh,
  InvalidArgumentError,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import type { AnyModel } from "../model/index.js";
import {
  defaultSummary,
  mlp,
  transformedShapes,
  type DataTransform,
  type Network,
  type SummaryNetwork,
} from "../networks/index.js";
import { standardize, type Moments, type Standardization } from "../data/standardization.js";
import type { Method } from "./method.js";
import { outputMap } from "./support-map.js";

/** A loss of estimates and parameters, both [batch, p] in units of the prior's standard deviation; returns [batch]. */
export type EstimateLoss = (estimate: Tensor, parameters: Tensor) => Tensor;

/** Networks and targets of a neural Bayes estimator. */
export interface NbeOptions {
  /** What is done to the data first: expert or learned summaries in their place, or beside them. */
  readonly transform?: DataTransform;
  readonly summary?: SummaryNetwork;
  /** From the summary to the estimates. */
  readonly head?: Network;
  /** What the point estimate minimises: "squared" (mean), "absolute" (median), "mode", or a loss of your own. */
  readonly loss?: "squared" | "absolute" | "mode" | EstimateLoss;
  /** Width κ of the surrogate 0-1 loss for the mode, in prior standard deviations. */
  readonly modeWidth?: number;
  /** Levels of posterior quantiles to estimate beside the point estimate, within (0, 1). */
  readonly quantiles?: readonly number[];
  /** Level of a central posterior interval: 0.9 adds the quantiles 0.05 and 0.95. */
  readonly interval?: number;
}

const NAMES = { squared: "mean", absolute: "median", mode: "mode" } as const;

/** (θ - θ̂)², averaged over parameters. */
export const squaredLoss: EstimateLoss = (estimate, parameters) =>
  mean(square(sub(estimate, parameters)), { axes: [-1] });

/** |θ - θ̂|, averaged over parameters. */
export const absoluteLoss: EstimateLoss = (estimate, parameters) =>
  mean(abs(sub(estimate, parameters)), { axes: [-1] });

/** tanh(|θ - θ̂| / κ), averaged over parameters. */
export function modeLoss(width: number): EstimateLoss {
  return (estimate, parameters) =>
    mean(tanh(mul(abs(sub(estimate, parameters)), 1 / width)), { axes: [-1] });
}

/**
 * Pinball loss of quantiles at several levels.
 *
 * @param quantiles [batch, levels, p]
 * @param parameters [batch, p]
 */
export function pinballLoss(
  quantiles: Tensor,
  parameters: Tensor,
  levels: readonly number[],
): Tensor {
  const difference = sub(expandDims(parameters, 1), quantiles);
  const below = cast(less(difference, 0), difference.dtype);
  const level = constant(
    levels.map((q) => [q]),
    [levels.length, 1],
    difference.dtype,
  );
  return mean(mul(difference, sub(level, below)), { axes: [-2, -1] });
}

/**
 * Neural Bayes estimator.
 *
 * @throws InvalidArgumentError where a setting is out of range.
 * @example
 * const estimator = await train(nbe(field, { interval: 0.9 }), { simulations: 160_000 });
 * (await estimator.estimate({ z })).range;
 */
export function nbe<M extends AnyModel>(model: M, options: NbeOptions = {}): Method<M, "point"> {
  const { transform, head = mlp({ hidden: [] }) } = options;
  const { summary = defaultSummary(transformedShapes(model.dataShapes, transform)) } = options;
  const { loss = "squared", modeWidth = 0.1 } = options;
  if (!(modeWidth > 0 && Number.isFinite(modeWidth))) {
    throw new InvalidArgumentError(
      `nbe: modeWidth must be positive, in standard deviations of the prior, but is ${modeWidth}`,
    );
  }
  // Settings also come from files.
  if (typeof loss === "string" && !Object.hasOwn(NAMES, loss)) {
    throw new InvalidArgumentError(
      `nbe: there is no loss "${loss}"; there are ${Object.keys(NAMES).join(", ")}, and functions of your own`,
    );
  }
  const levels = quantileLevels(options);
  const p = model.parameterSize;
  const pointLoss =
    typeof loss === "function"
      ? loss
      : { squared: squaredLoss, absolute: absoluteLoss, mode: modeLoss(modeWidth) }[loss];

  /** Estimates in the parameters' own units: the point [batch, p], the quantiles [batch, levels, p]. */
  function estimates(
    scope: Scope,
    data: Readonly<Record<string, Tensor>>,
    standardization: Standardization,
  ): { readonly point: Tensor; readonly quantiles?: Tensor } {
    const features = summary.apply(scope.child("summary"), data);
    const map = outputMap(model, standardization);
    const sizes = [map.pointSize, ...levels.map(() => p)];
    const total = sizes.reduce((a, b) => a + b, 0);
    const outputs = head.apply(scope.child("head"), features, total);
    const [first = outputs, ...others] = split(outputs, sizes, -1);
    const point = map.point(first);
    return levels.length === 0 ? { point } : { point, quantiles: map.increasing(others, first) };
  }

  return {
    name: "nbe",
    model,
    description: {
      method: "nbe",
      ...(transform && { transform: transform.describe() }),
      summary: summary.describe(),
      head: head.describe(),
      loss: typeof loss === "string" ? loss : "custom",
      quantiles: [...levels],
    },
    ...(transform && { transform }),
    answers: {
      kind: "point",
      estimate: typeof loss === "string" ? NAMES[loss] : "estimate",
      quantiles: levels,
    },
    losses: ({ scope, data, parameters, standardization }) => {
      const { point, quantiles } = estimates(scope, data, standardization);
      const scale: Moments = standardization.parameters;
      const pointRisk = pointLoss(standardize(point, scale), parameters);
      if (quantiles === undefined) return pointRisk;
      return add(pointRisk, pinballLoss(standardize(quantiles, scale), parameters, levels));
    },
    programs: ({ scope, inputs, data, standardization }) => {
      const { point, quantiles } = estimates(scope, data, standardization);
      return {
        estimate: {
          inputs,
          outputs: { point, ...(quantiles && { quantiles }) },
        },
      };
    },
  };
}

function quantileLevels({ quantiles = [], interval }: NbeOptions): readonly number[] {
  if (interval !== undefined && !(interval > 0 && interval < 1)) {
    throw new InvalidArgumentError(
      `nbe: the level of an interval must lie within (0, 1), but ${interval} was given`,
    );
  }
  const tails = interval === undefined ? [] : [(1 - interval) / 2, (1 + interval) / 2];
  const rounded = [...quantiles, ...tails].map((level) => Number(level.toPrecision(12)));
  const levels = [...new Set(rounded)].toSorted((a, b) => a - b);
  const bad = levels.find((level) => !(level > 0 && level < 1));
  if (bad !== undefined) {
    throw new InvalidArgumentError(
      `nbe: quantile levels must lie within (0, 1), but ${bad} was given`,
    );
  }
  return levels;
}
