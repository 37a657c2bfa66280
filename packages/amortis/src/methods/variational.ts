/**
 * Amortized variational inference: the reverse Kullback-Leibler divergence.
 *
 * A conditional density q_γ(θ | S_γ(Z)) minimises the divergence from the posterior, on average over data sets,
 *
 *     γ* = argmin E_{p(Z)} KL( q_γ(θ | Z) ‖ p(θ | Z) )
 *        = argmin E_{p(Z)} E_{θ ~ q_γ(θ | Z)} [ log q_γ(θ | Z) - log p(Z | θ) - log p(θ) ] + const,
 *
 * by reparameterised draws (Kingma & Welling 2014, arXiv 1312.6114; Rezende et al. 2014, arXiv 1401.4082; for posteriors of models:
 * Ganguly, Jain & Watchareeruetai 2023, arXiv 2209.10888; Zammit-Mangion, Sainsbury-Dale & Huser 2025, arXiv 2404.12484). It needs a
 * likelihood that can be differentiated in θ: the model's own, one of a summary that was learned before, or one on the host.
 *
 * The density lives in unconstrained space, θ = g(u), u = mean_u + sd_u v, where the prior's density has a Jacobian:
 *
 *     loss = E [ log q_v(v | Z) - log p(Z | θ) - log p(θ) - log |dθ/du| ] - Σ log sd_u.
 *
 * Reverse KL seeks modes: where q is zero it pays nothing, whatever the posterior has there. A family with one mode settles on one of several, and is too narrow
 * where posteriors are skewed or bounded; no diagnostic of the loss shows it, since each mode by itself is a good fit (Bishop 2006, section 10.1.2). A Gaussian, the
 * default, is such a family, and training says so. Mixtures and splines can have several modes, but may miss one as well: hold answers against `diagnose`, or train `npe`,
 * whose forward divergence must cover them all.
 *
 * Code published with the review leaves the Jacobian out, and thereby aims at the posterior of a prior that is flat in u. The loss
 * is the negative evidence lower bound: where q is the posterior, it is -log p(Z).
 *
 * The gradient through the draws alone is taken, not through the weights in log q_v (Roeder, Wu & Duvenaud 2017, arXiv 1703.09194):
 * the latter has mean zero, and without it the gradient's variance vanishes as q becomes the posterior. A mixture's draws are not
 * differentiable in its weights: there the expectation is the weighted sum over draws from all components.
 */
import {
  add,
  clip,
  exp,
  InvalidArgumentError,
  expandDims,
  mean,
  mul,
  reshape,
  square,
  stopGradient,
  sub,
  sum,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { densitySlot } from "../densities/density.js";
import { gaussian } from "../densities/index.js";
import { lossNoise } from "../densities/loss-noise.js";
import type { AnyModel } from "../model/index.js";
import { defaultSummary, transformedSpecs } from "../networks/index.js";
import { summarySlot } from "../networks/network.js";
import { transformSlot } from "../networks/transform.js";
import { whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import { unconstrainedMoments } from "../data/standardization.js";
import { restore } from "../data/standardization-graph.js";
import {
  likelihoodSlot,
  likelihoodSource,
  type VariationalLikelihood,
} from "./likelihood-source.js";
import { ensembleOf, memberName, membersSetting } from "./ensemble.js";
import type { Method, TrainingContext } from "./method.js";
import { logScale, mixturePrograms, posteriorPrograms } from "./posterior-programs.js";
import { longTraining, trainedForLong } from "./usual-training.js";

const settings = new Settings(
  "method",
  "variational",
  z.strictObject({
    /** What is done to the data before the networks see them; the likelihood is of the data as they are. */
    transform: transformSlot.optional(),
    /** S(Z). By default what suits the arrays: see `defaultSummary`. */
    summary: summarySlot.optional(),
    /** q: any family. By default a Gaussian, which has one mode: of several it keeps one. */
    density: densitySlot.default(() => gaussian()),
    /** Draws of θ for each data set and step; of each component, for a mixture. 1 by default. */
    draws: whole.default(1),
    likelihood: likelihoodSlot.optional(),
    /** Networks that are trained apart on the same simulations; their mixture answers, in equal shares: they may have found different modes. 1 by default. */
    members: membersSetting,
    /** Whether to leave the weights in log q_v out of the gradient; true by default. */
    pathGradient: z.boolean().default(true),
  }),
  { before: { members: 1 }, about: "posteriors, by the model's likelihood" },
);

/** Networks and likelihood of amortized variational inference. */
export interface VariationalOptions<M extends AnyModel = AnyModel> extends Omit<
  z.input<typeof settings.schema>,
  "likelihood"
> {
  /**
   * log p(Z | θ): "graph", the model's `graphLogLikelihood`; "host", its `logLikelihoodGradient`, which is far slower; a function
   * of your own; or a trained likelihood, `fitted.graph(...)`. By default the first of these that the model has.
   */
  readonly likelihood?: VariationalLikelihood<M>;
}

/** What is said in training of a density with one mode. */
const ONE_MODE =
  "variational with a Gaussian: reverse KL keeps one mode of a posterior that has several, and looks sure of it; where that may be, give density: gaussianMixture() or splineCoupling(), or train npe, and look at `amortis diagnose`";

/** Draws for each data set in a validation, whose base noise is always the same. */
const VALIDATION_DRAWS = 4;

/** Standard deviations of the prior, in unconstrained space, beyond which no likelihood is evaluated. */
const REACH = 10;

/**
 * Amortized variational inference by the reverse Kullback-Leibler divergence.
 *
 * Its divergence drops modes: with a Gaussian, the default, a posterior of several modes is answered by one of them, however sure. Give a `gaussianMixture()` or
 * `splineCoupling()` where that may be, and hold the answers against `diagnose`.
 *
 * A few data sets whose likelihood is far sharper than others' dominate a step's gradient: flows train more steadily with
 * `clipNorm: 1` among the training's options.
 *
 * @throws UnsupportedError where a prior has no unconstrained space (discrete parameters), or the model lacks the likelihood.
 * @example
 * const estimator = await train(variational(field, { density: splineCoupling() }), { simulations: 160_000, clipNorm: 1 });
 */
export function variational<M extends AnyModel>(
  model: M,
  options: VariationalOptions<M> = {},
): Method<M, "posterior"> {
  const { transform, density, draws, pathGradient, members, ...resolved } =
    settings.resolve(options);
  if (density.loss !== undefined) {
    throw new InvalidArgumentError(
      `variational: ${density.kind} is learned by regression on draws of the joint model, not by the reverse divergence: give gaussianMixture() or splineCoupling(), or train npe with it`,
    );
  }
  const { summary = defaultSummary(transformedSpecs(model.dataSpecs, transform)) } = resolved;
  const prior = model.prior.centred;
  const { bijection } = prior;
  const source = likelihoodSource<M>(model, transform, options.likelihood);

  /** Draws [batch, n, d], log q of them [batch, n], and for a mixture the shares of its components, [batch, 1, K]. */
  function drawn(
    { scope }: TrainingContext,
    context: Tensor,
  ): { readonly v: Tensor; readonly logDensity: Tensor; readonly weights?: Tensor } {
    const d = bijection.unconstrainedSize;
    const batch = Number(context.shape[0]);
    const each = scope.training ? draws : Math.max(draws, VALIDATION_DRAWS);
    const shared = expandDims(context, 1);
    const networks = scope.child("density");
    const evaluate = (v: Tensor): Tensor =>
      pathGradient
        ? density.logDensity(networks.stopGradients(), v, stopGradient(shared))
        : density.logDensity(networks, v, shared);
    if (density.strata !== undefined) {
      const { components } = density.strata;
      const normal = baseNoise(scope, [batch, each, components, d], "normal");
      const strata = density.strata.draw(networks, normal, shared);
      const v = reshape(strata.draws, [batch, each * components, d]);
      return { v, logDensity: evaluate(v), weights: exp(strata.logWeights) };
    }
    const { normal, uniform } = density.noise(d);
    const v = density.sample(
      networks,
      {
        ...(normal > 0 && { normal: baseNoise(scope, [batch, each, normal], "normal") }),
        ...(uniform > 0 && { uniform: baseNoise(scope, [batch, each, uniform], "uniform") }),
      },
      shared,
    );
    return { v, logDensity: evaluate(v) };
  }

  const noiseOfDraws = density.noise(bijection.unconstrainedSize);
  const method: Method<M, "posterior"> = {
    name: settings.kind,
    model,
    description: settings.describe({
      transform,
      summary,
      density,
      draws,
      likelihood: source.description,
      members,
      pathGradient,
    }),
    ...(source.transform && { transform: source.transform }),
    ...(source.wholeParameters === true && { wholeParameters: true }),
    ...(density.kind === "gaussian" && { limits: ONE_MODE }),
    answers: { kind: "posterior", noise: noiseOfDraws },
    losses: (training) => {
      const { scope, standardization } = training;
      const context = summary.apply(scope.child("summary"), source.seen(training.data));
      const { v, logDensity, weights } = drawn(training, context);
      const space = unconstrainedMoments(standardization);
      // Far out a likelihood may overflow, and one NaN ends a training: draws are held within reach, and drawn back.
      const held = clip(v, -REACH, REACH);
      const pull = sum(square(sub(v, held)), { axes: [-1] });
      const u = restore(held, space);
      const theta = bijection.graph.forward(u);
      const logPrior = add(prior.graph.logDensity(theta), bijection.graph.logJacobian(u));
      const logJoint = add(source.logLikelihood(training, theta), logPrior);
      const terms = add(sub(logDensity, logJoint), pull);
      return sub(expectation(terms, weights), logScale(space));
    },
    programs: (inference) =>
      posteriorPrograms(inference, model, source.seen(inference.data), summary, density),
  };
  return trainedForLong(transformedSpecs(model.dataSpecs, transform), longTraining, (usual) =>
    ensembleOf({ ...method, ...(usual && { usual }) }, members, {
      weighing: "equal",
      answers: (weights) => ({
        kind: "posterior",
        noise: noiseOfDraws,
        members: weights.map((weight) => ({ weight, noise: noiseOfDraws })),
      }),
      programs: (context, scopes, weights) => {
        const [first = context.scope, ...others] = scopes;
        const seen = { ...context, data: source.seen(context.data) };
        if (others.length === 0) return method.programs({ ...context, scope: first });
        const networks = weights.map((_, k) => ({ scope: memberName(k), summary, density }));
        return mixturePrograms(seen, model, networks, weights);
      },
    }),
  );
}

variational.settings = settings;

/** The mean over draws, [batch, n] to [batch]. A mixture's are of one component after another, and weighted by its share. */
function expectation(terms: Tensor, weights: Tensor | undefined): Tensor {
  if (weights === undefined) return mean(terms, { axes: [1] });
  const components = Number(weights.shape.at(-1));
  const byComponent = reshape(terms, [Number(terms.shape[0]), -1, components]);
  return mul(sum(mul(byComponent, weights), { axes: [1, 2] }), components / Number(terms.shape[1]));
}

/** Base noise: fresh in training, the same at every validation. */
function baseNoise(scope: Scope, shape: readonly number[], kind: "normal" | "uniform"): Tensor {
  return lossNoise(scope, shape, kind, "validation of variational inference");
}
