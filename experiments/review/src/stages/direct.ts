/**
 * Methods of the first experiment that learn from fields directly: forward and reverse KL, and the neural Bayes estimator.
 */
import {
  affineCoupling,
  augmented,
  cnn,
  gaussian,
  nbe,
  npe,
  splineCoupling,
  variational,
  type PointEstimator,
} from "amortis";
import type { Method, SummaryNetwork } from "amortis/extend";
import { gaussianField } from "@amortis/gaussian-field";
import { LEVEL, rounded, type Answers } from "../answers.js";
import { gaussianFields } from "../fields.js";
import { probitField } from "../probit-field.js";
import type { GaussianSettings } from "../settings.js";
import { trainingSeconds, within, type Stage, type StageContext } from "../stage.js";
import { trainOnce, type TrainingCost } from "../training.js";
import {
  answerFields,
  byEstimator,
  costOf,
  trainingNote,
  type GaussianRecord,
  type Range,
} from "./gaussian.js";

type Field = typeof gaussianField;
type PlanName = "fkl" | "fklSpline" | "nbe" | "rkl1" | "rkl1Spline";

/**
 * The summary network of all methods that see fields: the review's, but that it pools by means, and that training shows it each field
 * in any of the forms that are as likely: reflected, transposed, with the other sign.
 */
export const fieldNetwork = (): SummaryNetwork =>
  augmented(cnn({ pooling: "average" }), ["verticalFlip", "horizontalFlip", "transpose", "negate"]);

/** Seconds of a step at batch 32 on two cores. */
export const CNN_STEP_SECONDS = 0.005;

/** What of the settings a method's result depends on. */
export function ofGaussian(
  gaussian: GaussianSettings,
  ...keys: readonly (keyof GaussianSettings)[]
): unknown {
  const common = ["training", "validation", "test", "close", "samples"] as const;
  return Object.fromEntries([...common, ...keys].map((key) => [key, gaussian[key]]));
}

interface PosteriorStage {
  readonly name: string;
  readonly plan: PlanName;
  readonly title: string;
  readonly stepSeconds: number;
  readonly method: () => Method<Field, "posterior">;
}

function posteriorStage({ name, plan, title, stepSeconds, method }: PosteriorStage): Stage {
  return {
    name,
    title,
    settings: ({ gaussian }) => ofGaussian(gaussian, plan),
    seconds: ({ gaussian }) => trainingSeconds(gaussian[plan], gaussian.training, stepSeconds),
    run: async (context): Promise<GaussianRecord> => {
      const { fitted, cost } = await trainOnce(context, {
        name,
        method: method(),
        plan: context.settings.gaussian[plan],
        data: () => gaussianFields.training(context),
        report: within(context, 0, 0.97),
      });
      return answerFields(context, cost, byEstimator(fitted), { notes: [trainingNote(cost)] });
    },
  };
}

/** Forward KL with the review's flow: four affine couplings of u = Φ⁻¹(θ / 0.6). */
export const fklStage = posteriorStage({
  name: "fkl",
  plan: "fkl",
  title: "fKL",
  stepSeconds: CNN_STEP_SECONDS,
  method: () =>
    npe(probitField, { summary: fieldNetwork(), density: affineCoupling({ layers: 4 }) }),
});

/** Forward KL with a spline flow. */
export const fklSplineStage = posteriorStage({
  name: "fkl-spline",
  plan: "fklSpline",
  title: "fKL with a spline",
  stepSeconds: CNN_STEP_SECONDS,
  method: () =>
    npe(gaussianField, { summary: fieldNetwork(), density: splineCoupling({ layers: 1 }) }),
});

/** Reverse KL with the model's likelihood and a Gaussian, as published, but with the prior's Jacobian. */
export const rkl1Stage = posteriorStage({
  name: "rkl1",
  plan: "rkl1",
  title: "rKL1",
  stepSeconds: 0.006,
  method: () => variational(gaussianField, { summary: fieldNetwork(), density: gaussian() }),
});

/** Reverse KL with the model's likelihood and a spline flow. */
export const rkl1SplineStage = posteriorStage({
  name: "rkl1-spline",
  plan: "rkl1Spline",
  title: "rKL1 with a spline",
  stepSeconds: 0.0065,
  method: () =>
    variational(gaussianField, {
      summary: fieldNetwork(),
      density: splineCoupling({ layers: 1 }),
      draws: 4,
    }),
});

/** The neural Bayes estimator of mean and interval. */
export const nbeStage: Stage = {
  name: "nbe",
  title: "NBE",
  settings: ({ gaussian }) => ofGaussian(gaussian, "nbe"),
  seconds: ({ gaussian }) => trainingSeconds(gaussian.nbe, gaussian.training, CNN_STEP_SECONDS),
  run: async (context): Promise<GaussianRecord> => {
    const { fitted, cost } = await trainOnce(context, {
      name: "nbe",
      method: nbe(gaussianField, { summary: fieldNetwork(), interval: LEVEL }),
      plan: context.settings.gaussian.nbe,
      data: () => gaussianFields.training(context),
      report: within(context, 0, 0.98),
    });
    return answerPoints(context, fitted, cost);
  },
};

async function answerPoints(
  context: StageContext,
  fitted: PointEstimator<Range>,
  cost: TrainingCost,
): Promise<GaussianRecord> {
  const { data, size } = await gaussianFields.test(context);
  const answer = async (): Promise<Answers> => {
    const { range } = await fitted.estimateBatch({ z: data.z });
    const [lower, upper] = await fitted.quantilesBatch({ z: data.z });
    return {
      estimate: rounded(range),
      lower: rounded(lower?.range ?? []),
      upper: rounded(upper?.range ?? []),
    };
  };
  await answer();
  const started = performance.now();
  const answers = await answer();
  const seconds = (performance.now() - started) / 1000;
  return {
    answers,
    cost: costOf(cost, seconds / size),
    notes: [
      trainingNote(cost),
      "seconds a field: estimate and interval are asked for by a call each, and each is a pass of the network",
    ],
  };
}
