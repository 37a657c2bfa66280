/**
 * Golden files of posteriors by simulations.
 */
import {
  affineCoupling,
  augmented,
  cnn,
  gaussian,
  gaussianMixture,
  joinTransforms,
  keepData,
  mlpSummary,
  npe,
  rawSummary,
  splineCoupling,
} from "../../src/index.js";
import { line, own, probit, probits, scalars, series, square6, vectors } from "./models.js";
import { ends, image, learnedSummary, narrow, small, type Case } from "./case.js";

/** Densities, summaries and priors of posteriors by simulations. */
export const posteriors: readonly Case[] = [
  {
    name: "npe-spline",
    model: line,
    method: () =>
      // Version 0.1 had sharp knots and no location and scale before them, which is what its checkpoints go on with.
      npe(line, {
        trend: "none",
        summary: small,
        density: splineCoupling({
          layers: 2,
          bins: 4,
          knots: "sharp",
          locationScale: false,
          ...narrow,
        }),
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
