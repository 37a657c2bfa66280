/**
 * What the comparison finds, as data: everything that its table, figures and report are made of.
 */

/** A number estimated from test fields. */
export interface Estimated {
  readonly value: number;
  readonly standardError: number;
}

/** A score over the test fields: its value, and its standard error. In θ's own unit (the review's table has them × 100); coverage is a share. */
export interface Score {
  readonly value: number;
  /** Of a mean from the fields' spread, of a median by the bootstrap. Absent where there is one field only. */
  readonly standardError?: number;
  /** The score divided by the exact posterior's over the same fields. */
  readonly relative?: Estimated;
  /** The score less the exact posterior's over the same fields, where a ratio would mean nothing. */
  readonly difference?: Estimated;
  /** Fields left out of value and difference: their log score is infinite, as the answer has no density at their truth. */
  readonly excluded?: number;
  /** As published, in the same unit; "crps" and "intervalScore" recomputed from the published draws. */
  readonly published?: number;
  /**
   * How much worse than published, in standard errors: zero or less where at least as good. Of a coverage, how much further from 90 %.
   * The published number is of other fields, and has an error of its own that is not published.
   */
  readonly againstPublished?: number;
}

/** Scores of one method; those that it has no answer for are absent. */
export interface MethodScores {
  /** Proper scores, by which we judge. */
  readonly rmse?: Score;
  readonly crps?: Score;
  readonly intervalScore?: Score;
  readonly coverage?: Score;
  /** Absent where there is no density. */
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
  /** Per field, answered in one batch; of MCMC, of one chain on one core. */
  readonly inferenceSecondsPerField: number;
  /** Peak resident memory of the process that trained it and answered, in MiB. */
  readonly peakMemoryMiB: number;
}

/** Two answers to the same fields: scores of the second less those of the first, and how far their means are apart. */
export interface AnswerDifference {
  readonly fields: number;
  readonly crps: Estimated;
  readonly coverage: Estimated;
  readonly meanAbsoluteDifferenceOfMeans: number;
}

/** How far chains are to be trusted. */
export interface ChainDiagnostics {
  readonly kind: "chains";
  /** Draws kept of each chain; one chain a field. */
  readonly draws: number;
  readonly acceptanceMedian: number;
  /** Rank-normalised split R-hat, over fields. */
  readonly rHatMedian: number;
  readonly rHatWorst: number;
  /** Effective sample sizes, the smallest and the median over fields. */
  readonly bulkEssSmallest: number;
  readonly bulkEssMedian: number;
  readonly tailEssSmallest: number;
  readonly tailEssMedian: number;
  /** Largest error of the tabulated log-likelihood where it was measured. */
  readonly tabulationError: number;
  /** Factor by which that may change a normalised density, at most. */
  readonly densityFactor: number;
  /** Chains with the likelihood itself in each iteration, and what the table changes of their answers. */
  readonly bruteForce: {
    readonly fields: number;
    readonly secondsPerField: number;
    readonly rHatWorst: number;
    readonly bulkEssSmallest: number;
    readonly tailEssSmallest: number;
    readonly tabulatedLessBruteForce: AnswerDifference;
  };
}

/** How far weighted draws are to be trusted. */
export interface WeightDiagnostics {
  readonly kind: "weights";
  /** Draws of the prior that are weighted, a field. */
  readonly proposals: number;
  /** What they are worth, (Σ w)² / Σ w², by the same weights on a fine grid of the prior. */
  readonly essMedian: number;
  readonly essSmallest: number;
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
  /** As numbers, of methods that sample. */
  readonly diagnostics?: ChainDiagnostics | WeightDiagnostics;
  /** What is to be said beside it. */
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
  /** Of both parameters together, each divided by the width of its prior: the prior itself has an energy score of 0.2607 and a log score of 0. */
  readonly joint?: {
    readonly energyScore: Score;
    readonly logScore: Score;
  };
  readonly cost: Cost;
  readonly notes: readonly string[];
}

/** Estimates on a bound of the prior. */
export interface BoundShare {
  /** An estimate beyond it counts as on the bound. */
  readonly threshold: number;
  readonly share: number;
  readonly published?: number;
}

/** Whether the ranks of truths among draws are uniform, as those of a calibrated posterior are. */
export interface Calibration {
  /** Of central intervals. */
  readonly coverage: readonly (Estimated & { readonly level: number })[];
  /** Share of the draws that are below the truth, by test field. */
  readonly pit: readonly number[];
  /** How many are in each of 20 equal cells of (0, 1). */
  readonly histogram: readonly number[];
  /** Their distribution function, and a band that holds all of that of a calibrated posterior with probability 95 %. */
  readonly ecdf: {
    readonly at: readonly number[];
    readonly share: readonly number[];
    readonly lower: readonly number[];
    readonly upper: readonly number[];
  };
}

/** Answers about one parameter. */
export interface MaxStableAnswers {
  readonly rmse: Score;
  readonly coverage?: Score;
  readonly crps?: Score;
  /** Absent of a point estimator. */
  readonly calibration?: Calibration;
  readonly onBounds: { readonly lower: BoundShare; readonly upper: BoundShare };
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

/** Costs on a grid of n points, in seconds with all processors of the machine at work: chains of many data sets run beside one another. */
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
