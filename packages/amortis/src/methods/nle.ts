/**
 * Neural likelihood estimation: a conditional density of the data, or of summaries of them, given the parameters.
 *
 *     γ* = argmax E_{p(θ, Z)} log q_γ(Z | θ)
 *
 * The density is learned by maximum likelihood over draws of the joint model (Papamakarios, Sterratt & Murray 2019, arXiv 1805.07226). It begins at the linear
 * trend of the data in the parameters: the flow is one of ε = L⁻¹ (z - m(θ)), so that a likelihood that is narrow beside what the prior makes of the data is no
 * narrower there.
 *
 * **Replicates.** Where the elements of a data set are independent given the parameters, q is of one of them, and a data set of any number has
 *
 *     log q(Z | θ) = Σ_i log q(Z_i | θ).
 *
 * **Discrete numbers** come first, one after another, and the continuous ones given them (Boelts, Lueckmann, Gao & Macke 2022, "Flexible and efficient
 * simulation-based inference for models of decision-making", eLife 11:e77220, MNLE):
 *
 *     q(z | θ) = Π_j P(c_j | c_1 … c_{j-1}, θ) · q(x | c, θ).
 *
 * Of discrete numbers these are probabilities, of continuous ones densities in their own units. Arrays of whole numbers from 0 on that simulations share are taken for counts: a density of
 * such numbers, which have none, is too narrow.
 */
import {
  add,
  expandDims,
  greater,
  input,
  InvalidArgumentError,
  neg,
  reshape,
  slice,
  sub,
  sum,
  where,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import type { DataSets } from "../data/data-sets.js";
import { linearAt } from "../data/least-squares.js";
import { lessTrend, trendLogScale } from "../data/linear-trend.js";
import { describeRepeats, findRepeats, withAtoms } from "../data/repeats.js";
import type { Standardization } from "../data/standardization.js";
import { densitySlot } from "../densities/density.js";
import {
  discreteKind,
  discreteLogMass,
  discreteSeen,
  type DiscreteKind,
} from "../densities/discrete.js";
import { splineAutoregressive } from "../densities/spline-autoregressive.js";
import { requireUnread } from "../known-options.js";
import type { AnyModel } from "../model/index.js";
import { mlp, transformedSpecs } from "../networks/index.js";
import { networkSlot } from "../networks/network.js";
import { transformSlot } from "../networks/transform.js";
import { Settings } from "../settings/settings.js";
import type { TrainSettings } from "../settings/training.js";
import { beside } from "./beside.js";
import { ensembleOf, logMixture, membersSetting } from "./ensemble.js";
import type { Budget, InferenceContext, Method, Programs } from "./method.js";
import { parametersAsSeen, parametersInTraining } from "./parameters-seen.js";
import { trendOf } from "./trial-trend.js";
import {
  discreteMoments,
  packTrials,
  requireDiscrete,
  trialLayout,
  unpackTrials,
  type TrialLayout,
} from "./trials.js";
import { densityTraining } from "./usual-training.js";

const settings = new Settings(
  "method",
  "nle",
  z.strictObject({
    /** The summary. Without one the likelihood is of all data. */
    transform: transformSlot.optional(),
    /** Density of the continuous numbers. By default a spline autoregressive flow. */
    density: densitySlot.default(() => splineAutoregressive()),
    /** Networks of the discrete numbers, from the parameters and the numbers before. By default two hidden layers of 64, SiLU. */
    network: networkSlot.default(() => mlp({ hidden: [64, 64], activation: "silu" })),
    /** Arrays whose numbers are discrete: "counts", from 0 on, or the values there are; "continuous" ones are not, whatever their values. By default arrays whose simulated values are whole, not negative, and come again and again are counts. */
    discrete: z
      .record(z.string(), z.union([discreteKind, z.literal("continuous")]))
      .readonly()
      .default({}),
    /** Whether the elements of a data set, along the first axis of its arrays, are independent given the parameters. */
    replicates: z.boolean().default(false),
    /** Whether the density starts from the linear trend of the data in the parameters; with replicates it does not. */
    trend: z.enum(["linear", "none"]).default("linear"),
    /** Networks that are trained apart on the same simulations; their mixture answers, weighted by stacking. 1 by default. */
    members: membersSetting,
  }),
  { about: "posteriors, by a density of the data" },
);

/** Density and data of neural likelihood estimation. */
export type NleOptions = z.input<typeof settings.schema>;

/** Discrete numbers of one trial, each of which has a network of its own. */
const MOST_DISCRETE = 64;

/**
 * Neural likelihood estimation.
 *
 * @param options `density`, `replicates`, `discrete`, `transform`, `trend`, `network` of discrete numbers, `members`.
 * @throws InvalidArgumentError where a density has none (a consistency model), an array that is said to be discrete is not there, data sets differ in their number
 * of elements and these are not said to be independent, or values may be missing.
 * @example
 * const likelihood = await train(nle(decisions, { replicates: true, discrete: { choice: [0, 1] } }), { simulations: 100_000 });
 * const posterior = await likelihood.given({ time, choice });
 */
export function nle<M extends AnyModel>(
  model: M,
  options: NleOptions = {},
): Method<M, "likelihood"> {
  const resolved = settings.resolve(options);
  const { transform, replicates, discrete } = resolved;
  const specs = transformedSpecs(model.dataSpecs, transform);
  const layoutOf = (all: NleSettings["discrete"]): TrialLayout =>
    trialLayout(settings.kind, specs, onlyDiscrete(all), replicates);
  const layout = layoutOf(discrete);
  requireAllRead(options, layout, replicates);
  const counted = (budget: Budget): NleSettings["discrete"] => {
    const all = withCounts(discrete, budget);
    const { discrete: numbers, continuous } = layoutOf(all);
    // Options of a density that nothing would read, and more numbers than have networks of their own, are answered by a caution.
    const unread = continuous.length === 0 && (options.density ?? options.trend) !== undefined;
    return unread || numbers.length > MOST_DISCRETE ? discrete : all;
  };
  return {
    ...likelihoodOf(model, resolved, layout),
    sized: (budget) => {
      // Of what a transform makes of them, whoever wrote it says what numbers are.
      const all = transform === undefined ? counted(budget) : discrete;
      return likelihoodOf(model, { ...resolved, discrete: all }, layoutOf(all), budget);
    },
  };
}
nle.settings = settings;

/** All settings. */
type NleSettings = z.output<typeof settings.schema>;

/** Without what is said to be continuous. */
function onlyDiscrete(all: NleSettings["discrete"]): Readonly<Record<string, DiscreteKind>> {
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, kind]) => (kind === "continuous" ? [] : [[name, kind]])),
  );
}

/** With arrays beside that are counts by what was simulated. */
function withCounts(
  discrete: NleSettings["discrete"],
  { repeats }: Budget,
): NleSettings["discrete"] {
  const found = Object.entries(repeats?.() ?? {}).flatMap(([name, { counts }]) =>
    counts && discrete[name] === undefined ? [[name, "counts"] as const] : [],
  );
  return { ...discrete, ...Object.fromEntries(found) };
}

/** The method with all that is known of its data. */
function likelihoodOf<M extends AnyModel>(
  model: M,
  resolved: NleSettings,
  layout: TrialLayout,
  budget?: Budget,
): Method<M, "likelihood"> {
  const { transform, density, network, discrete, replicates, trend, members } = resolved;
  requireDensity(layout, density.withoutDensity === true);
  const { description, ...rest } = described();

  /** Σ over trials of log q; packed trials [..., trials, width], parameters as seen [..., q], to [...]. */
  function logLikelihood(
    scope: Scope,
    packed: Tensor,
    theta: Tensor,
    standardization: Standardization,
  ): Tensor {
    const { continuous, discrete: values, logSlope, there } = unpackTrials(packed, layout);
    let context = expandDims(theta, -2);
    const terms: Tensor[] = [logSlope];
    for (const [j, { discrete: kind, ...number }] of layout.discrete.entries()) {
      if (values === undefined) break;
      const line = discreteMoments(layout, standardization, number);
      const value = slice(values, -1, j, j + 1);
      const place = scope.child(`discrete${j}`);
      terms.push(discreteLogMass(place, network, kind, line, value, context));
      context = beside(context, discreteSeen(value, kind, line));
    }
    if (continuous !== undefined) {
      const start = trendOf(layout, standardization);
      const p = model.parameterSize;
      const seen = expandDims(slice(theta, -1, 0, p), -2);
      const u =
        start === undefined ? continuous : lessTrend(continuous, linearAt(seen, start), start);
      const log = density.logDensity(scope.child("density"), u, context);
      terms.push(expandDims(start === undefined ? log : sub(log, trendLogScale(start)), -1));
    }
    const total = terms.reduce((a, b) => add(a, b));
    // Of a trial that is not there numbers are zero, which a discrete one may not be: its mass is then none.
    const each = there === undefined ? total : where(greater(there, 0.5), total, 0);
    return sum(each, { axes: [-2, -1] });
  }

  const method: Method<M, "likelihood"> = {
    name: settings.kind,
    model,
    description,
    ...rest,
    answers: { kind: "likelihood" },
    requireData: (sets) => {
      requireDiscrete(settings.kind, layout, sets);
    },
    cautions: (sets) => cautionsOf(layout, discrete, sets),
    losses: (training) => {
      const { scope, transformed, standardization } = training;
      const packed = packTrials(transformed, layout, standardization);
      const theta = parametersInTraining(training);
      return neg(logLikelihood(scope, packed, theta, standardization));
    },
    programs: (context) => together(context, [context.scope], [1]),
  };

  /** The mixture Σ_k w_k q_k of networks in these scopes. */
  function together(
    { inputs, transformed, standardization }: InferenceContext,
    scopes: readonly Scope[],
    weights: readonly number[],
  ): Programs {
    const packed = packTrials(transformed, layout, standardization);
    const [batch = "batch"] = packed.shape;
    const all = reshape(packed, [batch, -1]);
    // Where the number of trials varies, so does the length of the context.
    const context = input("context", all.shape);
    const theta = input("theta", ["batch", "draws", model.parameterSize]);
    const observed = expandDims(reshape(context, packed.shape), 1);
    const seen = parametersAsSeen(model, theta, standardization);
    return {
      context: { inputs, outputs: { context: all } },
      logLikelihood: {
        inputs: { context, theta },
        outputs: {
          logLikelihood: logMixture(
            scopes.map((scope) => logLikelihood(scope, observed, seen, standardization)),
            weights,
          ),
        },
      },
    };
  }

  function described(): Pick<Method<M, "likelihood">, "description" | "transform" | "trend"> {
    return {
      description: settings.describe(resolved),
      ...(transform && { transform }),
      ...(trend === "linear" && !replicates && layout.continuous.length > 0 && { trend: "data" }),
    };
  }

  const usual = budget === undefined || replicates ? undefined : usualTraining(budget);
  const ensemble = ensembleOf({ ...method, ...(usual && { usual }) }, members, {
    weighing: "stacking",
    programs: together,
  });
  return budget === undefined ? ensemble : (ensemble.sized?.(budget) ?? ensemble);
}

/** What comes again and again in numbers that are taken for continuous, unless it is said that they are. */
function cautionsOf(
  { continuous }: TrialLayout,
  discrete: NleSettings["discrete"],
  sets: DataSets,
): readonly string[] {
  const names = new Set(continuous.map(({ array }) => array));
  return Object.entries(findRepeats(sets)).flatMap(([name, { repeats, counts }]) => {
    const atoms = withAtoms(repeats);
    if (atoms.length === 0 || !names.has(name) || discrete[name] === "continuous") return [];
    const remedy = counts
      ? `say discrete: { ${name}: "counts" } where they are counts`
      : `say which values there are, discrete: { ${name}: [...] }, in an array of their own where others beside them are continuous; or train npe or nre, which learn no density of data`;
    return [
      `nle: ${describeRepeats(atoms)}, which a density of continuous numbers cannot be: posteriors may be too narrow by far. ${remedy[0]?.toUpperCase()}${remedy.slice(1)}. \`discrete: { ${name}: "continuous" }\` says that they are continuous all the same`,
    ];
  });
}

/** Settings of training, where the user says nothing else: of data sets that are not of many trials, and are not made for every step. */
function usualTraining({
  simulations,
  onTheFly,
  refreshed,
}: Budget): Partial<TrainSettings> | undefined {
  return onTheFly || refreshed === true ? undefined : densityTraining(simulations);
}

/** @throws InvalidArgumentError where an option has nothing to say of such data. */
function requireAllRead(options: NleOptions, layout: TrialLayout, replicates: boolean): void {
  const only = (kind: string): string => `data of ${kind} numbers alone`;
  const none = layout.continuous.length === 0;
  if (none) requireUnread("nle", options, only("discrete"), ["density"]);
  if (layout.discrete.length === 0) {
    requireUnread("nle", options, only("continuous"), ["network"]);
  }
  const trend = options.trend === "linear" ? options : {};
  if (none) requireUnread("nle", trend, only("discrete"), ["trend"]);
  if (replicates) requireUnread("nle", trend, "replicates", ["trend"]);
}

function requireDensity({ continuous, discrete }: TrialLayout, without: boolean): void {
  if (without && continuous.length > 0) {
    throw new InvalidArgumentError(
      "nle: a consistency model makes draws and has no density: give a flow, such as splineAutoregressive()",
    );
  }
  if (discrete.length > MOST_DISCRETE) {
    throw new InvalidArgumentError(
      `nle: a trial has ${discrete.length} discrete numbers, each of which takes a network, but ${MOST_DISCRETE} are the most: give \`replicates: true\` where they are independent given the parameters, or a summary as transform`,
    );
  }
}
