/**
 * Neural synthetic likelihood: a Gaussian for a summary, whose mean and covariance are networks of the parameters.
 *
 *     p(S(Z) | θ) ≈ N(S(Z); μ_γ(θ), Σ_γ(θ)),    γ* = argmax E_{p(θ, Z)} log N(S(Z); μ_γ(θ), Σ_γ(θ))
 *
 * Wood (2010, Nature 466, 1102) and Price et al. (2018, "Bayesian synthetic likelihood") estimate μ and Σ by simulations at
 * each θ; here a network, the "binding functions", learns both for all θ by maximum likelihood over draws of the joint model
 * (Zammit-Mangion, Sainsbury-Dale & Huser 2025, arXiv 2404.12484). Whatever the summary's true distribution, μ and Σ go to its
 * mean and covariance given θ (Gouriéroux, Monfort & Trognon 1984). Any summary will do, an expert's or a learned one, given as a
 * transform; or the data themselves, where they are few.
 *
 * The network sees the parameters, and makes the summary, standardised; Σ = L Lᵀ with a positive diagonal. It begins at the linear trend of the one in the
 * other and the covariance about it: a spread that is narrow beside what the prior makes of the summary is no narrower there. Log-densities are in
 * the summary's own units. Entries over decades are Gaussian as networks see them, by their asinh, with the Jacobian: no Gaussian of a rate's own units could be
 * learned from simulations of all its decades. To have one all the same, give the summary's columns a scale of their own (`transformColumns`).
 */
import {
  add,
  cholesky,
  constant,
  diagonal,
  div,
  exp,
  expandDims,
  eye,
  input,
  InvalidArgumentError,
  log,
  matmul,
  mul,
  neg,
  reshape,
  softplus,
  split,
  square,
  squeeze,
  sub,
  sum,
  triangularSolve,
  type Named,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import type { AnyModel } from "../model/index.js";
import {
  mlp,
  transformedShapes,
  transformedSpecs,
  type DataTransform,
  type Network,
} from "../networks/index.js";
import { networkSlot } from "../networks/network.js";
import { flattenData } from "../networks/summary.js";
import { transformSlot } from "../networks/transform.js";
import { Settings } from "../settings/settings.js";
import type { DataSets } from "../data/data-sets.js";
import { describeRepeats, findRepeats } from "../data/repeats.js";
import { sizeOf } from "../data/shape.js";
import { spread, type Standardization } from "../data/standardization.js";
import { lessOffsets, logSlope, restoreSeen, standardize } from "../data/standardization-graph.js";
import type { GraphLikelihood } from "./likelihood-source.js";
import type { Json } from "../json.js";
import { linearAt } from "../data/least-squares.js";
import { joinedMoments } from "../data/joined-moments.js";
import type { Moments } from "../data/moments.js";
import { answeringOf, ensembleOf, logMixture, memberScope, membersSetting } from "./ensemble.js";
import type { InferenceContext, Method, Programs } from "./method.js";
import { densityTraining, trainedForLong } from "./usual-training.js";
import { logValidity } from "./validity.js";

const settings = new Settings(
  "method",
  "syntheticLikelihood",
  z.strictObject({
    /** The summary. Without one the likelihood is of all data, as one vector. */
    transform: transformSlot.optional(),
    /** Binding functions: from the parameters to mean and covariance. By default two hidden layers of 64, SiLU. */
    network: networkSlot.default(() => mlp({ hidden: [64, 64], activation: "silu" })),
    /** Whether mean and covariance start from the linear trend of the summary in the parameters, so that the network learns what is left. */
    trend: z.enum(["linear", "none"]).default("linear"),
    /** Networks that are trained apart on the same simulations; their mixture answers, weighted by stacking. 1 by default. */
    members: membersSetting,
  }),
  {
    before: { members: 1, trend: "none" },
    alias: "synthetic-likelihood",
    about: "posteriors, by a Gaussian of summaries",
    fromConfiguration: ({ binding: network, ...rest }) => ({
      ...(network !== undefined && { network }),
      ...rest,
    }),
  },
);

/** Summary and network of a synthetic likelihood. */
export type SyntheticLikelihoodOptions = z.input<typeof settings.schema>;

/** A Gaussian of a summary of size k: mean [..., k], lower Cholesky factor of the covariance [..., k, k]. */
export interface Binding {
  readonly mean: Tensor;
  readonly factor: Tensor;
}

/** Longest summary: a full covariance has k² / 2 outputs. */
const LARGEST = 128;

/** Least diagonal of L, in standard deviations of the summary under the prior. */
const FLOOR = 1e-4;

/**
 * A neural synthetic likelihood.
 *
 * @throws InvalidArgumentError where the summary is too long for a full covariance.
 * @example
 * const likelihood = await train(syntheticLikelihood(field, { transform: roughness }), { simulations: 160_000 });
 * const posterior = await likelihood.given({ z });
 * variational(field, { transform: roughness, likelihood: likelihood.graph({ transform: roughness }) });
 */
export function syntheticLikelihood<M extends AnyModel>(
  model: M,
  options: SyntheticLikelihoodOptions = {},
): Method<M, "likelihood"> {
  const { transform, network, members, trend: start } = settings.resolve(options);
  const specs = transformedSpecs(model.dataSpecs, transform);
  const shapes = transformedShapes(model.dataShapes, transform);
  const size = summarySize(shapes);
  if (size > LARGEST) {
    throw new InvalidArgumentError(
      `syntheticLikelihood: the summary has ${size} numbers (${Object.keys(shapes).join(", ")}), but a full covariance is learned for ${LARGEST} at most: give a shorter summary as \`transform\``,
    );
  }
  const method: Method<M, "likelihood"> = {
    name: settings.kind,
    model,
    description: settings.describe({ transform, network, trend: start, members, size }),
    ...(transform && { transform }),
    ...(start === "linear" && { trend: "data" }),
    answers: { kind: "likelihood" },
    cautions: cautionsOf,
    losses: ({ scope, transformed, parametersSeen: parameters, standardization }) => {
      const space = summaryMoments(shapes, standardization);
      const binding = bindingFunctions(scope, network, parameters, size, standardization);
      return neg(logDensity(flattenData(transformed), binding, space));
    },
    programs: (context) => together(context, [context.scope], [1]),
  };

  /** The mixture Σ_k w_k N_k of networks in these scopes. */
  function together(
    { inputs, transformed, standardization }: InferenceContext,
    scopes: readonly Scope[],
    weights: readonly number[],
  ): Programs {
    const space = summaryMoments(shapes, standardization);
    const bind = (theta: Tensor): readonly Binding[] => {
      const seen = standardize(theta, standardization.parameters);
      return scopes.map((scope) => bindingFunctions(scope, network, seen, size, standardization));
    };
    const summary = flattenData(transformed);
    const context = input("context", summary.shape);
    const theta = input("theta", ["batch", "draws", model.parameterSize]);
    const rows = input("theta", ["draws", model.parameterSize]);
    const observed = expandDims(context, 1);
    const { mean, factor } = inOwnUnits(momentsOfMixture(bind(rows), weights), space);
    return {
      context: { inputs, outputs: { context: summary } },
      logLikelihood: {
        inputs: { context, theta },
        outputs: {
          logLikelihood: logMixture(
            bind(theta).map((each) => logDensity(observed, each, space)),
            weights,
          ),
        },
      },
      binding: { inputs: { theta: rows }, outputs: { mean, factor } },
    };
  }

  return trainedForLong(specs, densityTraining, (usual) =>
    ensembleOf({ ...method, ...(usual && { usual }) }, members, {
      weighing: "stacking",
      programs: together,
    }),
  );
}
syntheticLikelihood.settings = settings;

/** Share of a number's values that are one and the same, from which on a Gaussian is no likelihood of it. */
const ONE_VALUE = 0.2;

/** Numbers of which so many values are one and the same that no Gaussian is like them. */
function cautionsOf(sets: DataSets): readonly string[] {
  const found = Object.values(findRepeats(sets)).flatMap(({ repeats }) =>
    repeats.filter(({ share }) => share > ONE_VALUE),
  );
  if (found.length === 0) return [];
  return [
    `syntheticLikelihood: ${describeRepeats(found)}, which a Gaussian is far from: posteriors may be off. Give summaries that are nearly Gaussian given the parameters, such as sums or means, as \`transform\`, or train nle with \`discrete\`, or npe`,
  ];
}

/**
 * A trained synthetic likelihood as part of another graph.
 *
 * @param scope holds its weights, frozen.
 * @param network as in training.
 * @param weights of the members of an ensemble; undefined where it is none.
 */
export function frozenSyntheticLikelihood(
  scope: Scope,
  network: Network,
  shapes: Readonly<Record<string, readonly number[]>>,
  standardization: Standardization,
  description: Json,
  transform: DataTransform | undefined,
  weights?: readonly number[],
): GraphLikelihood {
  const size = summarySize(shapes);
  const space = summaryMoments(shapes, standardization);
  const all = (weights ?? [1]).map((_, k) =>
    weights === undefined ? scope : memberScope(scope, k),
  );
  const answering = answeringOf(all, weights ?? [1]);
  return {
    description,
    ...(transform && { transform }),
    lessOffset: standardization.parameters.offset !== undefined,
    logLikelihood: (data: Named, theta: Tensor) => {
      const standardized = standardize(theta, standardization.parameters);
      // With a transform no offsets were taken off, and there are none.
      const summary = flattenData(lessOffsets(data, standardization));
      const each = answering.map(([member]) =>
        logDensity(
          expandDims(summary, 1),
          bindingFunctions(member, network, standardized, size, standardization),
          space,
        ),
      );
      const likelihood = logMixture(
        each,
        answering.map(([, weight]) => weight),
      );
      const { validity } = standardization;
      return validity === undefined
        ? likelihood
        : add(likelihood, logValidity(scope, theta, validity));
    },
  };
}

function summarySize(shapes: Readonly<Record<string, readonly number[]>>): number {
  return Object.values(shapes).reduce((n, shape) => n + sizeOf(shape), 0);
}

/** Moments of the summary, one array after another in alphabetical order, as `flattenData` has them. */
function summaryMoments(
  shapes: Readonly<Record<string, readonly number[]>>,
  standardization: Standardization,
): Moments {
  const arrays = Object.entries(shapes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const all = (pick: (moments: Moments) => readonly number[]): readonly number[] =>
    arrays.flatMap(([name, shape]) => {
      const moments = standardization.data[name] ?? { mean: [0], sd: [1] };
      return [...spread(pick(moments), shape, moments.shape)];
    });
  const isOverDecades = arrays.some(([name]) => standardization.data[name]?.tails !== undefined);
  return joinedMoments(all, isOverDecades);
}

/** Standardised parameters [..., p] to the Gaussian of the standardised summary. */
function bindingFunctions(
  scope: Scope,
  network: Network,
  theta: Tensor,
  k: number,
  { trend }: Standardization,
): Binding {
  if (trend === undefined) return learnedBinding(scope, network, theta, k, 0);
  const own = learnedBinding(scope, network, theta, k, UNIT);
  const spread = constant([...trend.factor], [k, k], theta.dtype);
  const left = matmul(own.mean, spread, { transposeB: true });
  return { mean: add(linearAt(theta, trend), left), factor: matmul(spread, own.factor) };
}

/** What `softplus` makes one of: a network whose outputs are small has the spread about the trend. */
const UNIT = Math.log(Math.expm1(1));

/** The same in units of the spread about the trend, where there is one. */
function learnedBinding(
  scope: Scope,
  network: Network,
  theta: Tensor,
  k: number,
  from: number,
): Binding {
  const below = (k * (k - 1)) / 2;
  const raw = network.apply(scope.child("binding"), theta, 2 * k + below);
  const sizes = below === 0 ? [k, k] : [k, k, below];
  const [mean = raw, free = raw, packed] = split(raw, sizes, -1);
  const scales = expandDims(add(softplus(add(free, from)), FLOOR), -1);
  if (packed === undefined) return { mean, factor: scales };
  const square = matmul(packed, constant(unpacking(k), [below, k * k], raw.dtype));
  const strict = reshape(square, [...raw.shape.slice(0, -1), k, k], raw);
  return { mean, factor: add(mul(scales, eye(k, raw.dtype)), strict) };
}

/** [k (k - 1) / 2, k k] that puts packed numbers below the diagonal of a square, row by row. */
function unpacking(k: number): Float64Array {
  const matrix = new Float64Array(((k * (k - 1)) / 2) * k * k);
  let next = 0;
  for (let row = 0; row < k; row++) {
    for (let column = 0; column < row; column++) matrix[next++ * k * k + row * k + column] = 1;
  }
  return matrix;
}

/** log N(summary; mean, L Lᵀ) with all in the summary's own units; leading axes broadcast. */
function logDensity(summary: Tensor, { mean, factor }: Binding, space: Moments): Tensor {
  const k = space.mean.length;
  const difference = sub(standardize(summary, space), mean);
  const white =
    k === 1
      ? div(difference, squeeze(factor, [-1]))
      : squeeze(triangularSolve(factor, expandDims(difference, -1)), [-1]);
  const norm = mul(sum(square(white), { axes: [-1] }), 0.5);
  const logRoot = sum(log(diagonal(factor)), { axes: [-1] });
  const slopes =
    space.tails === undefined
      ? -space.sd.reduce((total, sd) => total + Math.log(sd), 0)
      : sum(logSlope(summary, space), { axes: [-1] });
  return sub(slopes, add(add(norm, logRoot), (k / 2) * Math.log(2 * Math.PI)));
}

/** Mean and covariance of a mixture: the mean of the covariances, and the covariance of the means. */
function momentsOfMixture(each: readonly Binding[], weights: readonly number[]): Binding {
  const [first] = each;
  if (first === undefined) throw new TypeError("a mixture has one member or more");
  if (each.length === 1) return first;
  const weighted = (terms: readonly Tensor[]): Tensor =>
    terms.map((term, k) => mul(term, weights[k] ?? 0)).reduce((a, b) => add(a, b));
  const mean = weighted(each.map((one) => one.mean));
  const squares = each.map((one) => {
    const off = expandDims(sub(one.mean, mean), -1);
    return add(
      matmul(one.factor, one.factor, { transposeB: true }),
      matmul(off, off, { transposeB: true }),
    );
  });
  return { mean, factor: cholesky(weighted(squares)) };
}

/** In the summary's own units; of entries over decades the median and, by the slope there, about the spread. */
function inOwnUnits({ mean, factor }: Binding, space: Moments): Binding {
  const own = restoreSeen(mean, space);
  return { mean: own, factor: mul(factor, expandDims(exp(neg(logSlope(own, space))), -1)) };
}
