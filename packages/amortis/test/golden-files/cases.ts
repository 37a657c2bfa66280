/**
 * What the golden files are of: every method, kind of answer, network, density and prior of files of version 1.
 */
import {
  gaussian,
  gaussianMixture,
  mlp,
  mlpSummary,
  mutualInformationSummary,
  nbe,
  nre,
  posteriorMomentsSummary,
  rawSummary,
  splineCoupling,
  syntheticLikelihood,
  variational,
} from "../../src/index.js";
import { line, own, patch, scalars, square6, steps, vectors } from "./models.js";
import { cubic, ends, image, learnedLikelihood, narrow, small, type Case } from "./case.js";
import { posteriors } from "./posterior-cases.js";

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
