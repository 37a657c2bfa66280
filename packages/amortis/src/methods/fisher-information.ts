/**
 * Neural summary statistics of maximal Fisher information: information maximising neural networks (IMNN; Charnock, Lavaux & Wandelt 2018, arXiv 1802.03537).
 *
 * Were the summary S_γ(Z) normal with mean μ(θ) and a covariance C that does not depend on θ, the data would say of parameters about θ* as much as
 *
 *     F = (∂μ/∂θ) C⁻¹ (∂μ/∂θ)ᵀ,      and training maximises log det F.
 *
 * F is at most the Fisher information of the data themselves, and stays the same under any invertible linear map of S; a penalty that holds C near the identity chooses
 * one of those maps (Λ = ½|C - I|² + ½|C⁻¹ - I|², weighed by λ Λ / (Λ + e^{-αΛ}) as the paper does, which leaves F its way once Λ is small).
 *
 * The paper takes ∂μ/∂θ from pairs of simulations of one seed at θ* ± δ. Here it is the least-squares slope of S in θ over simulations *around* θ*, and C is what the slope
 * leaves: nothing is asked of seeds, which programs outside and simulations on disk do not have, and minibatches are those of all methods. It has a price. A slope is noisier
 * than such a difference, the more so the narrower the region is beside a posterior; and in a wide one the curvature of μ counts as noise. Over the whole prior S becomes the
 * best linear predictor of θ among functions of Z, and F that of the canonical correlations of θ and S. A region as wide as a few posterior standard deviations is a good one.
 */
import {
  add,
  broadcastTo,
  choleskyFactors,
  choleskySolve,
  cholesky,
  constant,
  div,
  exp,
  InvalidArgumentError,
  logDeterminant,
  matmul,
  mean,
  mul,
  neg,
  reshape,
  square,
  sub,
  sum,
  UnsupportedError,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { independent, uniform, type Distribution } from "../distributions/index.js";
import type { AnyModel } from "../model/index.js";
import { withPriors } from "../model/with-priors.js";
import { Settings } from "../settings/settings.js";
import type { Method } from "./method.js";
import { networkCalledSummary, summaryFields, summaryMethod } from "./summary-method.js";

const end = z.union([z.number(), z.array(z.number()).readonly()]);

const settings = new Settings(
  "method",
  "fisherInformationSummary",
  z.strictObject({
    ...summaryFields,
    /**
     * Where parameters lie in training, by name: [lower, upper], each a number or one for each of its numbers, in its own units; θ* is the middle. By default, and of parameters that are
     * not named, the whole prior.
     */
    around: z.record(z.string(), z.tuple([end, end]).readonly()).optional(),
  }),
  {
    alias: "fisher-information",
    about: "summary statistics of much Fisher information",
    fromConfiguration: networkCalledSummary,
  },
);

/** Network, length and place of a summary of much Fisher information. */
export type FisherInformationOptions = z.input<typeof settings.schema>;

/** λ and α of the penalty's weight: as in the paper's code, λ = 10, with α so that it falls away where C is within 0.1 of the identity. */
const STRENGTH = 10;
const CLOSENESS = 0.1;
const RATE = -Math.log(CLOSENESS * (STRENGTH - 1) + CLOSENESS ** 2 / (1 + CLOSENESS)) / CLOSENESS;

/**
 * A summary trained to maximise the determinant of its Fisher information about the parameters, at the middle of a region of them.
 *
 * It simulates parameters that are uniform in the region, in this thread. `fisherInformation` of amortis/diagnostics says what a trained summary has of it.
 *
 * @throws InvalidArgumentError where the summary is shorter than there are free parameters; where a region has no extent, does not lie within the support of the prior, or is of no parameter; in training,
 *   where minibatches have too few examples for a covariance.
 * @example
 * const learned = await train(fisherInformationSummary(field, { network: cnn(), around: { range: [0.2, 0.4] } }), { simulations: 20_000 });
 * npe(field, { transform: learned.transform() });
 */
export function fisherInformationSummary<M extends AnyModel>(
  model: M,
  options: FisherInformationOptions = {},
): Method<M, "summary"> {
  const { transform, network, around, ...resolved } = settings.resolve(options);
  const free = freeSize(model);
  const { size = free } = resolved;
  if (size < free) {
    throw new InvalidArgumentError(
      `fisherInformationSummary: size must be at least the number of free parameters, ${free}, but is ${size}: fewer numbers have no information about some direction`,
    );
  }
  return summaryMethod({
    settings,
    model: around === undefined ? model : withPriors(model, regionsOf(model, around)),
    transform,
    network,
    size,
    described: { around },
    // Covariances are of a minibatch.
    usual: { batch: 128 },
    losses: (training, summarized) => {
      const { parametersSeen } = training;
      const batch = Number(parametersSeen.shape[0]);
      const theta = free < model.parameterSize ? training.unconstrained() : parametersSeen;
      const { logInformation, penalty } = informationOf(theta, summarized);
      return broadcastTo(reshape(sub(penalty, logInformation), [1]), [batch]);
    },
  });
}
fisherInformationSummary.settings = settings;

/**
 * How many parameters are free: fewer than there are where some determine others, as shares that add up to one do. A slope is then one in unconstrained space.
 *
 * Discrete parameters have none, and are taken as they are.
 */
function freeSize({ prior, parameterSize }: AnyModel): number {
  try {
    return Math.min(parameterSize, prior.bijection.unconstrainedSize);
  } catch (error) {
    if (error instanceof UnsupportedError) return parameterSize;
    throw error;
  }
}

/** Uniform distributions over the regions, by parameter. */
function regionsOf(
  model: AnyModel,
  around: NonNullable<z.output<typeof settings.schema>["around"]>,
): Readonly<Record<string, Distribution>> {
  const { priors } = model.prior;
  const entries = Object.entries(around).map(([name, [from, to]]) => {
    const prior = priors[name];
    if (prior === undefined) {
      throw new InvalidArgumentError(
        `fisherInformationSummary: around has "${name}", but the model "${model.name}" has the parameters ${Object.keys(priors).join(", ")}`,
      );
    }
    const at = (ends: number | readonly number[], j: number): number =>
      typeof ends === "number" ? ends : (ends[j] ?? Number.NaN);
    for (const ends of [from, to]) {
      if (typeof ends === "number" || ends.length === prior.size) continue;
      throw new InvalidArgumentError(
        `fisherInformationSummary: around.${name} must have ends that are a number or ${prior.size}, but one has ${ends.length}`,
      );
    }
    const { lower, upper } = prior.support;
    const each = Array.from({ length: prior.size }, (_, j) => {
      const [low, high] = [at(from, j), at(to, j)];
      const [least = -Infinity, most = Infinity] = [lower[j], upper[j]];
      if (low < high && low >= least && high <= most) return uniform(low, high);
      throw new InvalidArgumentError(
        `fisherInformationSummary: around.${name} must be [lower, upper] within [${least}, ${most}], where its prior lies, but is [${low}, ${high}]`,
      );
    });
    const [only] = each;
    return [name, prior.shape.length === 0 && only ? only : independent(each)] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * log det F of the summaries of a minibatch, by a linear fit, and the penalty of their covariance: scalars.
 *
 * @param theta [batch, p]
 * @param summarized [batch, k], k ≥ p
 * @throws InvalidArgumentError where the minibatch is too small.
 */
export function informationOf(
  theta: Tensor,
  summarized: Tensor,
): { readonly logInformation: Tensor; readonly penalty: Tensor } {
  const [batch = 0, p = 0] = theta.shape.map(Number);
  const k = Number(summarized.shape[1]);
  const left = batch - p - 1;
  if (left <= k) {
    throw new InvalidArgumentError(
      `fisherInformationSummary: a covariance of ${k} numbers after a fit of ${p} parameters needs minibatches of more than ${k + p + 1} examples, but they have ${batch}: raise batch`,
    );
  }
  const centred = (rows: Tensor): Tensor => sub(rows, mean(rows, { axes: [0], keepDims: true }));
  const [t, s] = [centred(theta), centred(summarized)];
  const products = (a: Tensor, b: Tensor): Tensor => matmul(a, b, { transposeA: true });
  const slope = choleskySolve(cholesky(products(t, t)), products(t, s));
  const rest = sub(s, matmul(t, slope));
  const covariance = div(products(rest, rest), left);
  const { inverse } = choleskyFactors(covariance);
  const scaled = matmul(slope, inverse, { transposeB: true });
  const information = matmul(scaled, scaled, { transposeB: true });
  const identity = constant(
    Array.from({ length: k }, (_, i) => Array.from({ length: k }, (_j, j) => Number(i === j))),
    [k, k],
    summarized.dtype,
  );
  const distance = (matrix: Tensor): Tensor => sum(square(sub(matrix, identity)), { axes: [0, 1] });
  const away = mul(add(distance(covariance), distance(products(inverse, inverse))), 0.5);
  const weight = div(mul(away, STRENGTH), add(away, exp(mul(neg(away), RATE))));
  return { logInformation: logDeterminant(information), penalty: mul(weight, away) };
}
