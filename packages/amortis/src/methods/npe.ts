/**
 * Neural posterior estimation: the forward Kullback-Leibler divergence.
 *
 * A conditional density q_γ(θ | S_γ(Z)) is fitted to draws of the joint model by maximum likelihood,
 *
 *     γ* = argmin E_{p(θ, Z)} [ -log q_γ(θ | S_γ(Z)) ] = argmin E_{p(Z)} KL( p(θ | Z) ‖ q_γ(θ | Z) ) + const,
 *
 * the summary network S_γ jointly with the density (Papamakarios & Murray 2016, arXiv 1605.06376; Greenberg et al. 2019,
 * arXiv 1905.07488; Radev et al. 2020, arXiv 2003.06281). The density lives in the unconstrained space of θ = g(u), standardised, with the
 * Jacobian of both maps, so that no mass leaves the support of the prior:
 *
 *     log q(θ | Z) = log q_u(v | S(Z)) - log |dθ/du| - Σ log sd_u,      v = (u - mean_u) / sd_u.
 *
 * Densities with a loss of their own, such as flow matching, are fitted by that to the same draws: neural posterior score and flow matching estimation are this method with another
 * density.
 */
import {
  add,
  expandDims,
  InvalidArgumentError,
  mul,
  neg,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { lessTrend, trendLogScale, withTrend } from "../data/linear-trend.js";
import { fromColumns, toColumns } from "../densities/columns.js";
import { densitySlot } from "../densities/density.js";
import { gaussianMmd } from "../losses/gaussian-mmd.js";
import type { Bijection } from "../distributions/bijection.js";
import { splineCoupling } from "../densities/spline-coupling.js";
import { requireUnread } from "../known-options.js";
import type { AnyModel } from "../model/index.js";
import { defaultSummary, transformedSpecs } from "../networks/index.js";
import { summarySlot, type SummaryNetwork } from "../networks/network.js";
import { transformSlot } from "../networks/transform.js";
import { Settings } from "../settings/settings.js";
import { emulatedModel } from "./emulated-model.js";
import { answeringOf } from "./ensemble.js";
import type {
  Budget,
  EmulationPlan,
  Ensemble,
  LearnedDensity,
  Method,
  TrainingContext,
} from "./method.js";
import { mixedBlocks, type Block } from "./mixed-blocks.js";
import { mixedPosterior } from "./mixed-posterior.js";
import { emulatorPlan, npePlan, type PlannedEmulation, type PlannedNetwork } from "./npe-plan.js";
import {
  locationIn,
  mixturePrograms,
  posteriorPrograms,
  summarizedWith,
} from "./posterior-programs.js";
import { densityTraining, trainedForLong } from "./usual-training.js";

const settings = new Settings(
  "method",
  "npe",
  z.strictObject({
    /** What is done to the data first: expert or learned summaries in their place, or beside them. */
    transform: transformSlot.optional(),
    /** S(Z). By default the data themselves where they are few numbers, and else what suits the arrays: see `defaultSummary`. */
    summary: summarySlot.optional(),
    /** q. By default rational-quadratic-spline coupling flows of sizes that suit the number of simulations. */
    density: densitySlot.optional(),
    /** Whether the density starts from the linear trend of the parameters in the data, so that the networks learn what is left. */
    trend: z.enum(["linear", "none"]).default("linear"),
    /**
     * Networks that are trained apart on the same simulations; their mixture answers, weighted by stacking. By default three or four that differ in how
     * strongly they are held back and in what they learn from, where neither summary nor density is given and the data are few numbers; else one.
     */
    members: z.int().min(1).max(16).optional(),
    /**
     * Simulations of emulators, densities of the data given the parameters that are learned first, which up to two of the networks learn from beside the
     * simulations: one of an emulator by normal distributions, one of an emulator by flows. 0 for none. By default several times the simulations, where neither
     * summary nor density is given, the data are up to 32 numbers, and the parameters are draws of the model's prior, none of which was left out as invalid.
     */
    emulations: z.int().min(0).max(10_000_000).optional(),
    /**
     * Weight of the discrepancy of learned summaries from the standard normal distribution in training, which sharpens the check of data against the model: see `losses/gaussian-mmd.ts`.
     * 0 for none; about 1 where it is wanted.
     */
    mmd: z.number().min(0).default(0),
  }),
  { about: "posteriors, by simulations", before: { trend: "none", mmd: 0 } },
);

/** Networks of neural posterior estimation. */
export type NpeOptions = z.input<typeof settings.schema>;

/**
 * Neural posterior estimation.
 *
 * Discrete parameters, and those that may be exactly zero, are learned one after another with the continuous ones between them: see `mixed-posterior.ts`.
 *
 * @throws InvalidArgumentError where several members or emulations are asked for beside discrete parameters; in training, where several members are to be trained
 *   on simulations made on the fly.
 * @example
 * const estimator = await train(npe(field, { summary: cnn(), density: splineCoupling() }), { simulations: 160_000 });
 */
export function npe<M extends AnyModel>(
  model: M,
  options: NpeOptions = {},
): Method<M, "posterior"> {
  const resolved = settings.resolve(options);
  const blocks = mixedBlocks(model.prior);
  if (blocks !== undefined) {
    requireUnread("npe", options, "parameters that are discrete, or may be exactly zero", ["mmd"]);
    const trend = options.trend === "linear" ? options : {};
    requireUnread("npe", trend, "parameters that are discrete, or may be exactly zero", ["trend"]);
    return mixed(model, resolved, blocks);
  }
  const start = build(model, resolved, npePlan(model, resolved, USUAL));
  return {
    ...start,
    description: settings.describe({
      transform: resolved.transform,
      summary: start.summary,
      density: resolved.density,
      trend: resolved.trend,
      members: resolved.members,
      emulations: resolved.emulations,
      mmd: resolved.mmd,
    }),
    sized: (budget) => build(model, resolved, npePlan(model, resolved, budget)),
  };
}
npe.settings = settings;

/** The method where some parameters are discrete, or may be exactly zero. */
function mixed<M extends AnyModel>(
  model: M,
  { transform, members = 1, emulations = 0, ...resolved }: z.output<typeof settings.schema>,
  blocks: readonly Block[],
): Method<M, "posterior"> {
  const { summary = defaultSummary(transformedSpecs(model.dataSpecs, transform)) } = resolved;
  const { density = splineCoupling({ hidden: [48, 48], activation: "silu" }) } = resolved;
  if (members > 1 || emulations > 0 || density.loss !== undefined) {
    throw new InvalidArgumentError(
      "npe: where parameters are discrete, or may be exactly zero, there is one network, learned from the simulations alone, with a density that is learned by its logarithm: leave out members and emulations, and give a flow or a mixture",
    );
  }
  const posterior = mixedPosterior(model, blocks, { summary, density });
  const specs = transformedSpecs(model.dataSpecs, transform);
  return trainedForLong(specs, densityTraining, (usual) => ({
    ...posterior,
    name: settings.kind,
    description: settings.describe({ transform, summary, density, trend: "none" }),
    ...(transform && { transform }),
    ...(usual && { usual }),
  }));
}

/** What is said of the method before it is known what simulations there are. */
const USUAL: Budget = { simulations: 20_000, onTheFly: false, fromPrior: true };

/** An emulator is learned as a posterior is, by networks of its own. */
function emulationPlan({ kind, simulations, only }: PlannedEmulation): EmulationPlan {
  const resolved = settings.resolve({});
  return {
    simulations,
    ...(only && { only }),
    // Flows learn kinks and edges better from the data themselves.
    smooth: kind === "normal",
    description: only === undefined ? kind : { kind, only },
    emulator: (numbers, parameters) => {
      const model = emulatedModel(numbers, parameters);
      const built = (budget: Budget): Method<AnyModel, "posterior"> => ({
        ...build(model, resolved, emulatorPlan(kind, model, budget)),
        trend: "weighted",
      });
      return { ...built(USUAL), sized: built };
    },
  };
}

/** The method of planned networks. */
function build<M extends AnyModel>(
  model: M,
  { transform, trend: start, mmd }: z.output<typeof settings.schema>,
  plan: readonly PlannedNetwork[],
): Method<M, "posterior"> & { readonly summary: SummaryNetwork } {
  const { bijection } = model.prior.centred;
  const [first] = plan;
  if (first === undefined) throw new TypeError("a plan has one network or more");
  if (mmd > 0) requireLearned(plan);
  const { summary, density } = first;
  const noiseOf = ({ density: q }: PlannedNetwork) => q.noise(bijection.unconstrainedSize);
  const single = plan.length === 1;
  const scopes = plan.map((network, k) => ({ ...network, scope: `member${k}` }));
  const answers = {
    kind: "posterior",
    noise: noiseOf(first),
    ...(density.withoutDensity === true && { withoutDensity: true }),
  } as const;
  return {
    name: settings.kind,
    model,
    summary,
    description: settings.describe({
      transform,
      summary,
      density,
      trend: start,
      mmd,
      ...(!single && { members: plan.length }),
    }),
    ...(transform && { transform }),
    trend: start === "linear",
    ...(density.limits !== undefined && { limits: density.limits }),
    usual: first.training,
    answers,
    losses: (training) =>
      lossesOf(training, single ? training.scope : training.scope.child("member0"), first, mmd),
    ...(single && learnable(first) && { density: densityIn(first, bijection, (scope) => scope) }),
    programs: (context) => {
      const { data, scope } = context;
      const own = single ? context : { ...context, scope: scope.child("member0") };
      return posteriorPrograms(own, model, data, summary, density);
    },
    ...(!single && {
      ensemble: {
        weighing: density.loss === undefined ? "stacking" : "equal",
        members: scopes.map((network) => ({
          description: { summary: network.summary.describe(), density: network.density.describe() },
          settings: network.training,
          ...(network.emulation && { emulation: emulationPlan(network.emulation) }),
          losses: (training) =>
            lossesOf(training, training.scope.child(network.scope), network, mmd),
          ...(learnable(network) && {
            density: densityIn(network, bijection, (scope) => scope.child(network.scope)),
          }),
        })),
        answers: (weights) => {
          const answering = answeringOf(scopes, weights);
          const [only, ...others] = answering.map(([network]) => network);
          if (only !== undefined && others.length === 0)
            return { ...answers, noise: noiseOf(only) };
          return {
            ...answers,
            members: answering.map(([network, weight]) => ({ weight, noise: noiseOf(network) })),
          };
        },
        programs: (context, weights) => {
          const answering = answeringOf(scopes, weights);
          const networks = answering.map(([network]) => network);
          const [only, ...others] = networks;
          if (only !== undefined && others.length === 0) {
            const own = { ...context, scope: context.scope.child(only.scope) };
            return posteriorPrograms(own, model, context.data, only.summary, only.density);
          }
          return mixturePrograms(
            context,
            model,
            networks,
            answering.map(([, weight]) => weight),
          );
        },
      } satisfies Ensemble<"posterior">,
    }),
  };
}

/** Whether a density is evaluated in few operations: those with a loss of their own solve an equation for it, or have none. */
function learnable({ density: { loss, withoutDensity } }: PlannedNetwork): boolean {
  return loss === undefined && withoutDensity !== true;
}

/** The density of a network whose weights are in a part of the scope; its constants are left out, as in the losses. */
function densityIn(
  { summary, density }: PlannedNetwork,
  { unconstrainedSize }: Bijection,
  scopeOf: (scope: Scope) => Scope,
): (training: TrainingContext) => LearnedDensity {
  return ({ scope, data, standardization: { trend } }) => {
    const own = scopeOf(scope);
    const context = summarizedWith(trend, summary.apply(own.child("summary"), data), data);
    const shared = expandDims(context, 1);
    const location = trend && locationIn(shared, trend);
    const place = own.child("density");
    return {
      noise: density.noise(unconstrainedSize),
      sample: (noise) => {
        const drawn = density.sample(place, noise, shared);
        if (trend === undefined || location === undefined) return drawn;
        const columns = toColumns(location, "a trend");
        return fromColumns(withTrend(toColumns(drawn, "a draw"), columns, trend));
      },
      logDensity: (v) =>
        density.logDensity(place, trend && location ? lessTrend(v, location, trend) : v, shared),
    };
  };
}

/** @throws InvalidArgumentError where a summary has nothing to learn, so that no penalty moves it. */
function requireLearned(plan: readonly PlannedNetwork[]): void {
  const given = plan.find(({ summary: { kind } }) => kind === "rawSummary");
  if (given === undefined) return;
  throw new InvalidArgumentError(
    "npe: mmd is a penalty on learned summaries, but the data are their own: give a summary network, such as mlpSummary()",
  );
}

/**
 * Minus the log-density of the standardised unconstrained parameters, [batch]; or the density's own loss. In training with the penalty, which validation leaves out: its losses stay what
 * they are.
 */
function lossesOf(
  training: TrainingContext,
  scope: Scope,
  { summary, density }: PlannedNetwork,
  mmd: number,
): Tensor {
  const { data, standardization } = training;
  const { trend } = standardization;
  const summaries = summary.apply(scope.child("summary"), data);
  const context = summarizedWith(trend, summaries, data);
  const place = scope.child("density");
  const v = training.unconstrained();
  const left = trend === undefined ? v : lessTrend(v, locationIn(context, trend), trend);
  const fit = density.loss?.(place, left, context) ?? neg(density.logDensity(place, left, context));
  const scaled =
    trend === undefined || density.loss !== undefined ? fit : add(fit, trendLogScale(trend));
  return mmd > 0 && scope.training ? add(scaled, mul(gaussianMmd(summaries), mmd)) : scaled;
}
