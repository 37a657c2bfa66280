/**
 * What the comparison finds, as data: everything that its table, figures and report are made of.
 */

/** A score over the test fields: its value, and its standard error. In θ's own unit (the review's table has them × 100); coverage is a share. */
export interface Score {
  readonly value: number;
  /** Absent where it is a median, whose error the review does not give either. */
  readonly standardError?: number;
  /** The score divided by the exact posterior's over the same fields. */
  readonly relative?: { readonly value: number; readonly standardError: number };
  /** As the review's table has it, in the same unit. */
  readonly published?: number;
}

/** Scores of one method; those that it has no answer for are absent. */
export interface MethodScores {
  /** Proper scores, by which we judge. */
  readonly rmse?: Score;
  readonly crps?: Score;
  readonly intervalScore?: Score;
  readonly coverage?: Score;
  /** Absent where there is no density; its ratio to the exact one would mean nothing. */
  readonly logScore?: Score;
  /** The review's own definitions, to compare with its table. */
  readonly reviewRmspe?: Score;
  readonly reviewMis90?: Score;
  readonly reviewMcrps?: Score;
  readonly reviewCov90?: Score;
}

/** What a method cost. */
export interface Cost {
  readonly simulations: number;
  readonly trainingSeconds: number;
  /** Per field, answered in one batch. */
  readonly inferenceSecondsPerField: number;
  /** Peak resident memory of the process that trained it, in MiB. */
  readonly peakMemoryMiB: number;
}

/** One method's answers on the test fields of the Gaussian process. */
export interface MethodResult {
  /** "exact", "mcmc", "nbe", "fkl", "rkl1", "rkl2", "rkl3", "nre"; "fklSpline", "rkl1Spline", "nreImportance", "rkl2Grid", "rkl2Summary", "rkl3Grid", "rkl3Summary". */
  readonly id: string;
  /** As the report calls it. */
  readonly label: string;
  /** One sentence of what it is. */
  readonly description: string;
  /** Whether the review has it; the others go beyond. */
  readonly inReview: boolean;
  readonly scores: MethodScores;
  readonly cost: Cost;
  /** By test field. */
  readonly fields: {
    readonly estimate: readonly number[];
    readonly lower: readonly number[];
    readonly upper: readonly number[];
    /** Absent where there are no draws. */
    readonly crps?: readonly number[];
    readonly intervalScore: readonly number[];
  };
  /** Densities of the close-look fields on `closeLooks.grid`; of a point estimator none. */
  readonly closeDensities?: readonly (readonly number[])[];
  /** Diagnostics to be said beside it: acceptance, worst R-hat, effective sample sizes, error bounds. */
  readonly notes: readonly string[];
}

/** A summary statistic against θ, and the binding functions learned of it. */
export interface BindingFunctions {
  readonly label: string;
  /** Draws of θ and of the summary. */
  readonly theta: readonly number[];
  readonly summary: readonly number[];
  readonly grid: readonly number[];
  readonly mean: readonly number[];
  readonly sd: readonly number[];
}

/** The Gaussian process. */
export interface GaussianResults {
  readonly truth: readonly number[];
  readonly methods: readonly MethodResult[];
  readonly closeLooks: {
    readonly truth: readonly number[];
    /** [3][256], row-major. */
    readonly fields: readonly (readonly number[])[];
    readonly grid: readonly number[];
    readonly exactDensities: readonly (readonly number[])[];
  };
  readonly bindings: readonly BindingFunctions[];
}

/** Answers on the max-stable test fields, by parameter. */
export interface MaxStableMethod {
  readonly id: string;
  readonly label: string;
  readonly range: MaxStableAnswers;
  readonly smoothness: MaxStableAnswers;
  readonly cost: Cost;
  readonly notes: readonly string[];
}

/** Answers about one parameter. */
export interface MaxStableAnswers {
  readonly rmse: Score;
  readonly coverage?: Score;
  readonly crps?: Score;
  /** Share of estimates on the bounds of the prior. */
  readonly onBounds: number;
  readonly estimate: readonly number[];
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
}

/** The inverted max-stable process. */
export interface MaxStableResults {
  readonly truth: { readonly range: readonly number[]; readonly smoothness: readonly number[] };
  readonly methods: readonly MaxStableMethod[];
  readonly closeLooks: readonly {
    readonly truth: { readonly range: number; readonly smoothness: number };
    /** [256], row-major. */
    readonly field: readonly number[];
    /** Posterior density of fKL: rows by smoothness, columns by range. */
    readonly rangeGrid: readonly number[];
    readonly smoothnessGrid: readonly number[];
    readonly density: readonly (readonly number[])[];
    readonly compositeLikelihood: { readonly range: number; readonly smoothness: number };
  }[];
}

/** What a ratio estimator learns: Z | θ ~ N(θ, θ²). */
export interface RatioResults {
  readonly thetaGrid: readonly number[];
  readonly dataGrid: readonly number[];
  /** Probability of "joint" by the Bayes classifier: rows by data, columns by θ. */
  readonly bayes: readonly (readonly number[])[];
  readonly snapshots: readonly {
    readonly steps: number;
    readonly classifier: readonly (readonly number[])[];
    /** Mean absolute difference from the Bayes classifier, over draws of the joint and of the product together. */
    readonly meanAbsoluteDifference: number;
  }[];
}

/** Costs on a grid of n points. */
export interface CostRow {
  readonly points: number;
  readonly method: "npe" | "nbe" | "mcmc";
  readonly simulationSeconds: number;
  readonly trainingSeconds: number;
  readonly inferenceSecondsPerField: number;
  /** Data sets from which on it is cheaper than MCMC. */
  readonly breakEven?: number;
}

/** All of it. */
export interface ReviewResults {
  readonly scale: string;
  readonly seed: number;
  readonly createdAt: string;
  readonly version: string;
  readonly machine: string;
  readonly seconds: number;
  /** Settings by name, and where they differ from the published code, why. */
  readonly settings: readonly {
    readonly name: string;
    readonly published: string;
    readonly ours: string;
    readonly reason: string;
  }[];
  readonly gaussian: GaussianResults;
  readonly maxStable: MaxStableResults;
  readonly ratio: RatioResults;
  readonly cost: readonly CostRow[];
}
