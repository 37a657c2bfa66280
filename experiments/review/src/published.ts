/**
 * The review's table, and what its published draws give by proper scores. In θ's own unit; coverage is a share.
 *
 * Table: Zammit-Mangion, Sainsbury-Dale & Huser 2025, arXiv 2404.12484. Proper scores: recomputed from the draws published with it.
 */

/** Published numbers of one method. */
export interface PublishedScores {
  readonly reviewRmspe: number;
  readonly reviewMis90: number;
  /** A point estimator has none. */
  readonly reviewMcrps?: number;
  readonly reviewCov90: number;
  /** Mean CRPS of the published draws. */
  readonly crps?: number;
  /** Mean interval score of the published draws. */
  readonly intervalScore?: number;
}

/** By the ids of methods. */
export const PUBLISHED: Readonly<Record<string, PublishedScores>> = {
  mcmc: { reviewRmspe: 0.015, reviewMis90: 0.0955, reviewMcrps: 0.0141, reviewCov90: 0.896 },
  nbe: { reviewRmspe: 0.0156, reviewMis90: 0.1062, reviewCov90: 0.877, intervalScore: 0.1165 },
  fkl: { reviewRmspe: 0.015, reviewMis90: 0.0989, reviewMcrps: 0.0146, reviewCov90: 0.906 },
  rkl1: {
    reviewRmspe: 0.0164,
    reviewMis90: 0.098,
    reviewMcrps: 0.0136,
    reviewCov90: 0.777,
    crps: 0.0181,
    intervalScore: 0.1441,
  },
  rkl2: {
    reviewRmspe: 0.0188,
    reviewMis90: 0.1136,
    reviewMcrps: 0.0161,
    reviewCov90: 0.871,
    crps: 0.02,
    intervalScore: 0.1338,
  },
  rkl3: {
    reviewRmspe: 0.0178,
    reviewMis90: 0.0907,
    reviewMcrps: 0.0137,
    reviewCov90: 0.816,
    crps: 0.0185,
    intervalScore: 0.1336,
  },
  nre: {
    reviewRmspe: 0.017,
    reviewMis90: 0.1099,
    reviewMcrps: 0.0159,
    reviewCov90: 0.913,
    crps: 0.0166,
    intervalScore: 0.117,
  },
};

const coverage = (id: string): string =>
  `${(100 * (PUBLISHED[id]?.reviewCov90 ?? Number.NaN)).toFixed(1)} %`;

/** What the published reverse-KL intervals of 90 % cover, in words. */
export const REVERSE_KL_COVERAGE = `${coverage("rkl1")} (rKL1), ${coverage("rkl2")} (rKL2) and ${coverage("rkl3")} (rKL3)`;

/** Shares of composite-likelihood estimates on the upper bounds of the prior, beyond these thresholds. */
export const PUBLISHED_ON_BOUNDS = {
  range: { threshold: 0.59, share: 0.27 },
  smoothness: { threshold: 2.95, share: 0.24 },
} as const;
