/**
 * Settings of the comparison, at each of its scales.
 *
 * All were chosen by validation losses; test fields choose nothing.
 */

/** How large the comparison is. "test" is for our own tests: it exercises everything, and its numbers mean nothing. */
export type Scale = "quick" | "paper" | "test";

/** Scales, smallest last. */
export const SCALES: readonly Scale[] = ["quick", "paper", "test"];

/** How a network is trained. */
export interface TrainingPlan {
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** Random-walk Metropolis. */
export interface ChainPlan {
  readonly iterations: number;
  readonly burnIn: number;
  readonly adaptEvery: number;
  readonly thin: number;
}

/** The first experiment. */
export interface GaussianSettings {
  readonly training: number;
  readonly validation: number;
  readonly test: number;
  /** Ranges of the fields that are looked at closely. */
  readonly close: readonly number[];
  /** Draws of each posterior. */
  readonly samples: number;
  readonly fkl: TrainingPlan;
  readonly fklSpline: TrainingPlan;
  readonly nbe: TrainingPlan;
  readonly nre: TrainingPlan;
  readonly rkl1: TrainingPlan;
  readonly rkl1Spline: TrainingPlan;
  /** The summary of rKL3. */
  readonly information: TrainingPlan;
  /** Binding functions of rKL2 and rKL3. */
  readonly binding: TrainingPlan;
  /** Variational networks of rKL2 and rKL3, which see the summary. */
  readonly variational: TrainingPlan;
  readonly mcmc: ChainPlan & {
    /** Test fields on which the likelihood itself is evaluated in each iteration, and timed. */
    readonly bruteForceFields: number;
  };
}

/** The second experiment. */
export interface MaxStableSettings {
  readonly training: number;
  readonly validation: number;
  readonly test: number;
  /** (range, smoothness) of the fields that are looked at closely. */
  readonly close: readonly (readonly [number, number])[];
  readonly samples: number;
  /** Largest distance of the pairs of the composite likelihood. */
  readonly pairDistance: number;
  readonly fkl: TrainingPlan;
}

/** The third experiment. */
export interface RatioSettings {
  readonly training: number;
  readonly validation: number;
  readonly hidden: readonly number[];
  readonly batch: number;
  readonly learningRate: number;
  /** Epochs after which the classifier is looked at. */
  readonly snapshots: readonly number[];
  /** Draws over which it is compared with the Bayes classifier. */
  readonly draws: number;
}

/** Cost accounting. */
export interface CostSettings {
  /** Sides of the grids. */
  readonly sides: readonly number[];
  /** Fields simulated to time the simulator, training steps and MCMC iterations timed, on each grid; the rest is by proportion. */
  readonly timedFields: number;
  readonly timedSteps: number;
  readonly timedIterations: number;
  /** Fields answered at once. */
  readonly answeredFields: number;
}

/** All settings. */
export interface ReviewSettings {
  readonly scale: Scale;
  readonly gaussian: GaussianSettings;
  readonly maxStable: MaxStableSettings;
  readonly ratio: RatioSettings;
  readonly cost: CostSettings;
}

const CLOSE_RANGES = [0.1, 0.3, 0.5];
const CLOSE_MAX_STABLE: MaxStableSettings["close"] = [
  [0.05, 1.5],
  [0.2, 1.4],
  [0.4, 2.2],
];
/** The review's chain. */
const CHAIN: ChainPlan = { iterations: 24_000, burnIn: 4_000, adaptEvery: 100, thin: 20 };

/** A network that sees fields. */
function network(epochs: number, weightDecay: number, batch = 32): TrainingPlan {
  return { epochs, batch, learningRate: 2e-3, weightDecay };
}

/** A small network of a short summary. */
function small(epochs: number, batch: number): TrainingPlan {
  return { epochs, batch, learningRate: 2e-3, weightDecay: 0.01 };
}

const PAPER: ReviewSettings = {
  scale: "paper",
  gaussian: {
    training: 160_000,
    validation: 20_000,
    test: 1_000,
    close: CLOSE_RANGES,
    samples: 1_000,
    fkl: network(8, 0.05),
    fklSpline: network(10, 0.05),
    nbe: network(10, 0.05),
    nre: network(12, 0.05),
    rkl1: network(8, 0.05),
    rkl1Spline: network(10, 0.05),
    information: network(8, 0.05),
    binding: small(10, 256),
    variational: small(10, 512),
    mcmc: { ...CHAIN, bruteForceFields: 50 },
  },
  maxStable: {
    training: 160_000,
    validation: 20_000,
    test: 1_000,
    close: CLOSE_MAX_STABLE,
    samples: 1_000,
    pairDistance: 0.2,
    fkl: network(8, 0.05),
  },
  ratio: {
    training: 102_400,
    validation: 10_240,
    hidden: [64, 64, 64],
    batch: 1_024,
    learningRate: 2e-3,
    snapshots: [1, 3, 10, 50],
    draws: 20_000,
  },
  cost: {
    sides: [8, 16, 32],
    timedFields: 640,
    timedSteps: 400,
    timedIterations: 400,
    answeredFields: 256,
  },
};

const QUICK: ReviewSettings = {
  scale: "quick",
  gaussian: {
    training: 20_000,
    validation: 2_000,
    test: 500,
    close: CLOSE_RANGES,
    samples: 1_000,
    fkl: network(6, 0.1),
    fklSpline: network(6, 0.1),
    nbe: network(6, 0.1),
    nre: network(6, 0.1),
    rkl1: network(5, 0.1),
    rkl1Spline: network(5, 0.1),
    information: network(5, 0.1),
    binding: small(20, 128),
    variational: small(20, 256),
    mcmc: { ...CHAIN, bruteForceFields: 4 },
  },
  maxStable: {
    training: 8_000,
    validation: 1_000,
    test: 200,
    close: CLOSE_MAX_STABLE,
    samples: 1_000,
    pairDistance: 0.2,
    fkl: network(8, 0.1),
  },
  ratio: { ...PAPER.ratio, training: 51_200, validation: 5_120, snapshots: [1, 3, 10, 30] },
  cost: {
    sides: [8, 16, 32],
    timedFields: 128,
    timedSteps: 80,
    timedIterations: 100,
    answeredFields: 256,
  },
};

const TEST: ReviewSettings = {
  scale: "test",
  gaussian: {
    training: 256,
    validation: 64,
    test: 24,
    close: CLOSE_RANGES,
    samples: 100,
    fkl: network(1, 0.1),
    fklSpline: network(1, 0.1),
    nbe: network(1, 0.1),
    nre: network(1, 0.1),
    rkl1: network(1, 0.1),
    rkl1Spline: network(1, 0.1),
    information: network(1, 0.1),
    binding: small(4, 64),
    variational: small(4, 64),
    mcmc: { iterations: 600, burnIn: 200, adaptEvery: 50, thin: 4, bruteForceFields: 2 },
  },
  maxStable: {
    training: 64,
    validation: 32,
    test: 6,
    close: CLOSE_MAX_STABLE,
    samples: 100,
    pairDistance: 0.2,
    fkl: network(1, 0.1),
  },
  ratio: {
    training: 2_048,
    validation: 512,
    hidden: [64, 64, 64],
    batch: 512,
    learningRate: 2e-3,
    snapshots: [1, 2],
    draws: 500,
  },
  cost: { sides: [8, 16], timedFields: 64, timedSteps: 4, timedIterations: 6, answeredFields: 8 },
};

/** Settings of a scale. */
export function settingsOf(scale: Scale): ReviewSettings {
  return { quick: QUICK, paper: PAPER, test: TEST }[scale];
}
