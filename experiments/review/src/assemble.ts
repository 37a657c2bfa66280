/**
 * The document, from what the stages left.
 */
import { valueOf } from "./files.js";
import { differences } from "./differences.js";
import type { BindingFunctions, GaussianResults, MethodResult, ReviewResults } from "./results.js";
import { intervalScores, scoresOf } from "./scoring.js";
import type { ReviewSettings } from "./settings.js";
import type { ExactRecord } from "./stages/exact.js";
import { CLOSE_GRID, type GaussianRecord } from "./stages/gaussian.js";
import type { SyntheticRecord } from "./stages/synthetic.js";

/** What the document says of the run itself. */
export type RunFacts = Pick<
  ReviewResults,
  "seed" | "seconds" | "createdAt" | "version" | "machine"
>;

/** Puts all together. */
export async function assemble(
  directory: string,
  settings: ReviewSettings,
  facts: RunFacts,
): Promise<ReviewResults> {
  return {
    scale: settings.scale,
    ...facts,
    settings: differences(settings),
    gaussian: await gaussianResults(directory),
    maxStable: await valueOf(directory, "max-stable"),
    ratio: await valueOf(directory, "ratio"),
    cost: await valueOf(directory, "cost"),
  };
}

interface Described {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly inReview: boolean;
  readonly record: GaussianRecord;
}

async function gaussianResults(directory: string): Promise<GaussianResults> {
  const exact = await valueOf<ExactRecord>(directory, "exact");
  const described = await gaussianMethods(directory, exact);
  const { truth } = exact;
  return {
    truth,
    methods: described.map(({ record, ...rest }): MethodResult => ({
      ...rest,
      scores: scoresOf(rest.id, record.answers, exact.answers, truth),
      cost: record.cost,
      fields: {
        estimate: record.answers.estimate,
        lower: record.answers.lower,
        upper: record.answers.upper,
        ...(record.answers.crps && { crps: record.answers.crps }),
        intervalScore: intervalScores(record.answers, truth),
      },
      ...(record.closeDensities && { closeDensities: record.closeDensities }),
      ...(record.diagnostics && { diagnostics: record.diagnostics }),
      notes: record.notes,
    })),
    closeLooks: {
      truth: exact.closeTruth,
      fields: exact.closeFields,
      grid: CLOSE_GRID,
      exactDensities: exact.closeDensities ?? [],
    },
    bindings: await bindings(directory),
  };
}

async function bindings(directory: string): Promise<readonly BindingFunctions[]> {
  const rkl2 = await valueOf<SyntheticRecord>(directory, "rkl2");
  const rkl3 = await valueOf<SyntheticRecord>(directory, "rkl3");
  return [
    { ...rkl2.binding, label: "rKL2: 100 × mean squared difference of neighbours" },
    { ...rkl3.binding, label: "rKL3: summary learned by mutual information" },
  ];
}

async function gaussianMethods(
  directory: string,
  exact: ExactRecord,
): Promise<readonly Described[]> {
  const record = (name: string) => valueOf<GaussianRecord>(directory, name);
  const mcmc = await valueOf<{ readonly tabulated: GaussianRecord }>(directory, "mcmc");
  const rkl2 = await valueOf<SyntheticRecord>(directory, "rkl2");
  const rkl3 = await valueOf<SyntheticRecord>(directory, "rkl3");
  const nre = await valueOf<{
    readonly grid: GaussianRecord;
    readonly importance: GaussianRecord;
  }>(directory, "nre");
  return [
    {
      id: "exact",
      label: "Exact",
      description: "The exact posterior, by quadrature: nothing can do better on average.",
      inReview: false,
      record: exact,
    },
    {
      id: "mcmc",
      label: "MCMC",
      description: "Random-walk Metropolis with the exact likelihood.",
      inReview: true,
      record: mcmc.tabulated,
    },
    {
      id: "nbe",
      label: "NBE",
      description: "Neural Bayes estimator of the posterior mean and of the 5 and 95 % quantiles.",
      inReview: true,
      record: await record("nbe"),
    },
    {
      id: "fkl",
      label: "fKL",
      description: "Forward KL with four affine couplings, as in the review.",
      inReview: true,
      record: await record("fkl"),
    },
    {
      id: "rkl1",
      label: "rKL1",
      description: "Reverse KL with the model's likelihood, a Gaussian in logit θ.",
      inReview: true,
      record: await record("rkl1"),
    },
    {
      id: "rkl2",
      label: "rKL2",
      description:
        "Reverse KL with a synthetic likelihood of an expert summary, the mean squared difference of neighbours.",
      inReview: true,
      record: rkl2.variational,
    },
    {
      id: "rkl3",
      label: "rKL3",
      description:
        "Reverse KL with a synthetic likelihood of one summary that was learned by mutual information.",
      inReview: true,
      record: rkl3.variational,
    },
    {
      id: "nre",
      label: "NRE",
      description: "Neural ratio estimation, answered on a grid.",
      inReview: true,
      record: nre.grid,
    },
    {
      id: "fklSpline",
      label: "fKL, spline",
      description: "Forward KL with a rational-quadratic-spline flow.",
      inReview: false,
      record: await record("fkl-spline"),
    },
    {
      id: "rkl1Spline",
      label: "rKL1, spline",
      description: "Reverse KL with the model's likelihood and a rational-quadratic-spline flow.",
      inReview: false,
      record: await record("rkl1-spline"),
    },
    {
      id: "nreImportance",
      label: "NRE, importance",
      description: "The same ratio, answered by importance resampling from the prior.",
      inReview: false,
      record: nre.importance,
    },
    {
      id: "rkl2Grid",
      label: "rKL2, grid",
      description:
        "The posterior under rKL2's synthetic likelihood, without a variational network.",
      inReview: false,
      record: rkl2.grid,
    },
    {
      id: "rkl2Summary",
      label: "rKL2, summary",
      description: "What rKL2's summary knows: its own exact posterior, from simulations.",
      inReview: false,
      record: rkl2.summary,
    },
    {
      id: "rkl3Grid",
      label: "rKL3, grid",
      description:
        "The posterior under rKL3's synthetic likelihood, without a variational network.",
      inReview: false,
      record: rkl3.grid,
    },
    {
      id: "rkl3Summary",
      label: "rKL3, summary",
      description: "What rKL3's summary knows: its own exact posterior, from simulations.",
      inReview: false,
      record: rkl3.summary,
    },
  ];
}
