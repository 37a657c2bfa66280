/**
 * What the golden files are of: every method, kind of answer, network, density and prior of files of version 1.
 */
import { mean, square, stack, sub } from "@amortis/graph";
import {
  affineCoupling,
  augmented,
  cnn,
  expertSummary,
  gaussian,
  gaussianMixture,
  joinTransforms,
  keepData,
  LikelihoodEstimator,
  load,
  mlp,
  mlpSummary,
  mutualInformationSummary,
  nbe,
  npe,
  nre,
  posteriorMomentsSummary,
  rawSummary,
  splineCoupling,
  SummaryEstimator,
  syntheticLikelihood,
  variational,
  type AnyModel,
  type TrainOptions,
} from "../../src/index.js";
import type { Method } from "../../src/extend.js";
import {
  line,
  own,
  patch,
  probit,
  probits,
  scalars,
  series,
  square6,
  steps,
  vectors,
} from "./models.js";

/** A golden file. */
export interface Case {
  readonly name: string;
  /** Where it takes others of these files, they are read from `folder`. */
  readonly method: (folder: string) => Method | Promise<Method>;
  readonly model: AnyModel;
  /** Its training; the rest is as in `TRAINING`. */
  readonly training?: TrainOptions;
  /** Whether a checkpoint after the first epoch lies beside it. */
  readonly checkpoint?: true;
  /** Whether some weights have no gradient but that of rounding errors, which Adam makes large: a bias before a batch normalisation. */
  readonly freeWeights?: true;
  /** Left out where the answer is known to have been wrong in version 1: posteriors by a likelihood or a ratio. */
  readonly withoutPosterior?: true;
}

/** How all are trained, but for what they say themselves. */
export const TRAINING: TrainOptions = {
  simulations: 256,
  epochs: 2,
  batch: 32,
  learningRate: 2e-3,
  seed: 7,
  workers: 0,
  threads: 1,
};

const small = mlpSummary({ hidden: [8], outputs: 4, activation: "silu" });
const narrow = { hidden: [8], activation: "silu" } as const;
const image = cnn({ filters: [2, 3], kernel: 3, dense: [4] });

const ends = expertSummary(line, "ends", 2, ({ y }) =>
  stack([mean(y, { axes: [1] }), mean(square(y), { axes: [1] })], 1),
);

/** A loss of one's own. */
const cubic = (estimate: Parameters<typeof sub>[0], parameters: Parameters<typeof sub>[1]) =>
  mean(square(square(sub(estimate, parameters))), { axes: [-1] });

async function learnedSummary(folder: string) {
  const fitted = await load(`${folder}/summary-jensen-shannon.amortis`);
  if (fitted instanceof SummaryEstimator) return fitted.transform();
  throw new TypeError("it is no summary");
}

async function learnedLikelihood(folder: string) {
  const fitted = await load(`${folder}/synthetic-likelihood-expert.amortis`);
  if (fitted instanceof LikelihoodEstimator) return fitted.graph({ transform: ends });
  throw new TypeError("it is no likelihood");
}

/** Densities, summaries and priors of posteriors by simulations. */
const posteriors: readonly Case[] = [
  {
    name: "npe-spline",
    model: line,
    method: () =>
      // Version 0.1 had sharp knots, which is what its checkpoints go on with.
      npe(line, {
        trend: "none",
        summary: small,
        density: splineCoupling({ layers: 2, bins: 4, knots: "sharp", ...narrow }),
      }),
    checkpoint: true,
  },
  {
    name: "npe-affine",
    model: line,
    method: () =>
      npe(line, {
        trend: "none",
        summary: small,
        density: affineCoupling({ layers: 2, ...narrow }),
      }),
    training: { onTheFly: true, averaging: 0.9, schedule: "constant" },
    checkpoint: true,
  },
  {
    name: "npe-gaussian",
    model: line,
    method: () =>
      npe(line, { trend: "none", summary: rawSummary(), density: gaussian({ hidden: [8] }) }),
  },
  {
    name: "npe-mixture",
    model: line,
    method: () =>
      npe(line, {
        trend: "none",
        summary: rawSummary(),
        density: gaussianMixture({ components: 3, covariance: "diagonal", hidden: [8] }),
      }),
  },
  {
    name: "npe-mixture-full",
    model: line,
    method: () =>
      npe(line, {
        trend: "none",
        summary: rawSummary(),
        density: gaussianMixture({ components: 2, hidden: [8] }),
      }),
  },
  {
    name: "npe-perceptron",
    model: line,
    method: () =>
      npe(line, {
        trend: "none",
        summary: mlpSummary({
          hidden: [8, 8],
          outputs: 4,
          normalization: "batch",
          residual: true,
          dropout: 0.2,
          activation: "gelu",
        }),
        density: gaussian({ covariance: "diagonal", hidden: [8] }),
      }),
    checkpoint: true,
    freeWeights: true,
  },
  {
    name: "npe-image",
    model: square6,
    method: () =>
      npe(square6, { trend: "none", summary: image, density: gaussian({ hidden: [4] }) }),
  },
  {
    name: "npe-image-augmented",
    model: square6,
    method: () =>
      npe(square6, {
        trend: "none",
        summary: augmented(
          cnn({ filters: [2], kernel: 3, pooling: "average", globalAverage: true, dense: [4] }),
          ["verticalFlip", "horizontalFlip", "transpose"],
        ),
        density: affineCoupling({ layers: 1, hidden: [4] }),
      }),
    checkpoint: true,
  },
  {
    name: "npe-series",
    model: series,
    method: () =>
      npe(series, {
        trend: "none",
        summary: cnn({ filters: [3], kernel: 3, dense: [4], series: true }),
        density: gaussian({ hidden: [4] }),
      }),
  },
  {
    name: "npe-expert-and-data",
    model: line,
    method: () =>
      npe(line, {
        trend: "none",
        transform: joinTransforms(keepData(["y"]), ends),
        summary: small,
        density: gaussian({ hidden: [4] }),
      }),
    checkpoint: true,
  },
  {
    name: "npe-learned-summary",
    model: line,
    method: async (folder) =>
      npe(line, {
        trend: "none",
        transform: await learnedSummary(folder),
        summary: rawSummary(),
        density: gaussian({ hidden: [4] }),
      }),
  },
  {
    name: "npe-scalars",
    model: scalars,
    method: () =>
      npe(scalars, {
        trend: "none",
        summary: rawSummary(),
        density: affineCoupling({ layers: 2, hidden: [8] }),
      }),
  },
  {
    name: "npe-vectors",
    model: vectors,
    method: () =>
      npe(vectors, { trend: "none", summary: rawSummary(), density: gaussian({ hidden: [8] }) }),
    checkpoint: true,
  },
  {
    name: "npe-own-prior",
    model: own,
    method: () =>
      npe(own, { trend: "none", summary: rawSummary(), density: gaussian({ hidden: [4] }) }),
  },
  {
    name: "npe-probit",
    model: probit,
    method: () =>
      npe(probit, { trend: "none", summary: rawSummary(), density: gaussian({ hidden: [4] }) }),
    checkpoint: true,
  },
  {
    name: "npe-probits",
    model: probits,
    method: () =>
      npe(probits, { trend: "none", summary: rawSummary(), density: gaussian({ hidden: [4] }) }),
  },
];

/** Losses and levels of point estimates. */
const points: readonly Case[] = [
  {
    name: "nbe-squared",
    model: line,
    method: () => nbe(line, { trend: "none", summary: small, interval: 0.9, quantiles: [0.5] }),
    checkpoint: true,
  },
  {
    name: "nbe-absolute",
    model: patch,
    method: () =>
      nbe(patch, {
        trend: "none",
        summary: mlpSummary({ hidden: [8], outputs: 4, normalization: "layer" }),
        loss: "absolute",
        head: mlp({ hidden: [4], activation: "tanh" }),
      }),
  },
  {
    name: "nbe-mode",
    model: vectors,
    method: () =>
      nbe(vectors, {
        trend: "none",
        summary: rawSummary(),
        loss: "mode",
        modeWidth: 0.5,
        interval: 0.5,
      }),
  },
  {
    name: "nbe-own-loss",
    model: scalars,
    method: () =>
      nbe(scalars, { trend: "none", summary: rawSummary(), loss: cubic, interval: 0.8 }),
  },
  {
    name: "nbe-discrete",
    model: steps,
    method: () => nbe(steps, { trend: "none", summary: rawSummary() }),
    checkpoint: true,
  },
  {
    name: "nbe-image",
    model: square6,
    method: () => nbe(square6, { trend: "none", summary: image, quantiles: [0.1, 0.9] }),
  },
];

/** Ratios, likelihoods, and posteriors that are made of them. */
const targets: readonly Case[] = [
  {
    name: "nre",
    model: line,
    method: () => nre(line, { trend: "none", summary: small, ...narrow }),
    checkpoint: true,
  },
  {
    name: "nre-balanced",
    model: own,
    method: () =>
      nre(own, {
        trend: "none",
        summary: rawSummary(),
        ...narrow,
        negatives: 3,
        balanced: true,
      }),
  },
  {
    name: "nre-discrete",
    model: steps,
    method: () => nre(steps, { trend: "none", summary: rawSummary(), ...narrow }),
    withoutPosterior: true,
  },
  {
    name: "synthetic-likelihood",
    model: line,
    method: () => syntheticLikelihood(line, { trend: "none", network: mlp(narrow) }),
    checkpoint: true,
  },
  {
    name: "synthetic-likelihood-expert",
    model: line,
    method: () =>
      syntheticLikelihood(line, { trend: "none", transform: ends, network: mlp(narrow) }),
  },
  {
    name: "synthetic-likelihood-discrete",
    model: steps,
    method: () => syntheticLikelihood(steps, { trend: "none", network: mlp(narrow) }),
    withoutPosterior: true,
  },
  {
    name: "variational-graph",
    model: line,
    method: () =>
      variational(line, { summary: small, density: gaussian({ hidden: [8] }), draws: 2 }),
    checkpoint: true,
  },
  {
    name: "variational-spline",
    model: line,
    method: () =>
      variational(line, {
        summary: rawSummary(),
        density: splineCoupling({ layers: 2, bins: 3, hidden: [4] }),
        pathGradient: false,
      }),
  },
  {
    name: "variational-mixture",
    model: line,
    method: () =>
      variational(line, {
        summary: rawSummary(),
        density: gaussianMixture({ components: 2, hidden: [4] }),
      }),
  },
  {
    name: "variational-host",
    model: line,
    method: () =>
      variational(line, {
        summary: rawSummary(),
        density: gaussian({ hidden: [4] }),
        likelihood: "host",
      }),
    checkpoint: true,
  },
  {
    name: "variational-learned",
    model: line,
    method: async (folder) =>
      variational(line, {
        transform: ends,
        summary: rawSummary(),
        density: gaussian({ hidden: [4] }),
        likelihood: await learnedLikelihood(folder),
      }),
    checkpoint: true,
  },
];

/** Learned summaries. Those that others take come before them. */
const summaries: readonly Case[] = [
  {
    name: "summary-jensen-shannon",
    model: line,
    method: () =>
      mutualInformationSummary(line, { network: small, critic: mlp(narrow), negatives: 5 }),
    checkpoint: true,
  },
  {
    name: "summary-infonce",
    model: square6,
    method: () =>
      mutualInformationSummary(square6, {
        network: image,
        size: 2,
        bound: "infonce",
        critic: mlp(narrow),
        negatives: 4,
      }),
  },
  {
    name: "summary-donsker-varadhan",
    model: steps,
    method: () =>
      mutualInformationSummary(steps, {
        network: rawSummary(),
        bound: "donsker-varadhan",
        critic: mlp(narrow),
        negatives: 4,
      }),
  },
  {
    name: "posterior-moments",
    model: line,
    method: () => posteriorMomentsSummary(line, { network: small }),
  },
  {
    name: "posterior-moments-squares",
    model: patch,
    method: () => posteriorMomentsSummary(patch, { network: small, moments: 2 }),
  },
];

/** All golden files, in an order in which none comes before one that it takes. */
export const CASES: readonly Case[] = [...summaries, ...targets, ...posteriors, ...points];
