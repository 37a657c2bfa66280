/**
 * The second experiment: an inverted max-stable process, without a likelihood. Forward KL beside the maximum of the pairwise composite
 * likelihood.
 */
import {
  augmented,
  average,
  cnn,
  npe,
  rootMeanSquare,
  splineCoupling,
  type PosteriorBatch,
  type PosteriorEstimator,
  type SimulatedData,
} from "amortis";
import {
  logData,
  maximizeCompositeLikelihood,
  maxStable,
  RANGE,
  SMOOTHNESS,
} from "@amortis/max-stable";
import { answersOfDraws, LEVEL, rounded, type Answers } from "../answers.js";
import { maxStableFields } from "../fields.js";
import type { MaxStableAnswers, MaxStableMethod, MaxStableResults } from "../results.js";
import { trainingSeconds, within, type Stage, type StageContext } from "../stage.js";
import { trainOnce } from "../training.js";
import { CNN_STEP_SECONDS } from "./direct.js";
import { costOf, trainingNote } from "./gaussian.js";

/** Of an isotropic field on a square grid; it has no other sign. */
const SYMMETRIES = ["verticalFlip", "horizontalFlip", "transpose"] as const;

type Parameters = (typeof maxStable)["parameters"];

/** Cells of the densities of close looks, along each axis. */
const CELLS = 60;
/** An estimate lies on a bound where it is within this share of the prior's interval of it: λ > 0.588, ν > 2.95. */
const EDGE = 0.02;
/** Values of a field. */
const POINTS = 256;

const PARAMETERS = [
  { name: "range", bounds: RANGE },
  { name: "smoothness", bounds: SMOOTHNESS },
] as const;

/** Answers of the stage's kinds about parameter `which`, of the n × 2 true values. */
function judge(
  which: 0 | 1,
  truth: Float64Array,
  answers: Pick<Answers, "estimate"> & Partial<Answers>,
): MaxStableAnswers {
  const { estimate, lower, upper, crps } = answers;
  const [from, to] = PARAMETERS[which].bounds;
  const mine = Array.from(estimate, (_, i) => truth[2 * i + which] ?? Number.NaN);
  const margin = EDGE * (to - from);
  const rmse = rootMeanSquare(mine.map((value, i) => (estimate[i] ?? Number.NaN) - value));
  const covered = mine.map((value, i) =>
    Number(value >= (lower?.[i] ?? Number.NaN) && value <= (upper?.[i] ?? Number.NaN)),
  );
  return {
    rmse,
    ...(lower && upper && { coverage: average(covered), lower, upper }),
    ...(crps && { crps: average(crps) }),
    onBounds:
      estimate.filter((value) => value < from + margin || value > to - margin).length /
      estimate.length,
    estimate,
  };
}

async function byNetwork(
  estimator: PosteriorEstimator<Parameters>,
  test: SimulatedData,
  samples: number,
) {
  const x = test.data["x"] ?? new Float32Array();
  // The first answer compiles programs; the time is that of the second.
  await estimator.givenBatch({ x: x.subarray(0, POINTS) }, { samples });
  const started = performance.now();
  const { draws } = await estimator.givenBatch({ x }, { samples });
  const seconds = (performance.now() - started) / 1000 / test.size;
  const each = ([0, 1] as const).map((which) => {
    const truth = Array.from({ length: test.size }, (_, i) => test.parameters[2 * i + which] ?? 0);
    const answers = answersOfDraws(draws, truth, { parameters: 2, parameter: which });
    return judge(which, test.parameters, answers);
  });
  return { each, seconds };
}

function byComposite(context: StageContext, test: SimulatedData) {
  const x = test.data["x"] ?? new Float32Array();
  const { pairDistance: cutoff } = context.settings.maxStable;
  const started = performance.now();
  const found = Array.from({ length: test.size }, (_, i) =>
    maximizeCompositeLikelihood(x.subarray(POINTS * i, POINTS * (i + 1)), { cutoff }),
  );
  const seconds = (performance.now() - started) / 1000 / test.size;
  const each = ([0, 1] as const).map((which) =>
    judge(which, test.parameters, {
      estimate: rounded(found.map((estimate) => estimate[PARAMETERS[which].name])),
    }),
  );
  return { each, seconds, converged: found.filter(({ converged }) => converged).length };
}

function method(
  facts: Pick<MaxStableMethod, "id" | "label" | "cost" | "notes">,
  [range, smoothness]: readonly MaxStableAnswers[],
): MaxStableMethod {
  if (range === undefined || smoothness === undefined) {
    throw new TypeError("there are answers about two parameters");
  }
  return { ...facts, range, smoothness };
}

const midpoints = ([from, to]: readonly [number, number]): readonly number[] =>
  rounded(Array.from({ length: CELLS }, (_, i) => from + ((i + 0.5) / CELLS) * (to - from)));

async function closeLooks(
  context: StageContext,
  estimator: PosteriorEstimator<Parameters>,
): Promise<MaxStableResults["closeLooks"]> {
  const close = await maxStableFields.close(context);
  const { pairDistance: cutoff } = context.settings.maxStable;
  const posteriors: PosteriorBatch<Parameters> = await estimator.givenBatch(close.data);
  const [rangeGrid, smoothnessGrid] = [midpoints(RANGE), midpoints(SMOOTHNESS)];
  const cells = Float32Array.from(
    smoothnessGrid.flatMap((smoothness) => rangeGrid.flatMap((range) => [range, smoothness])),
  );
  return Promise.all(
    Array.from({ length: close.size }, async (_, i) => {
      const field = close.data.x.subarray(POINTS * i, POINTS * (i + 1));
      const density = (await posteriors.at(i).logDensities(cells)).map(Math.exp);
      const { range, smoothness } = maximizeCompositeLikelihood(field, { cutoff });
      return {
        truth: {
          range: close.parameters[2 * i] ?? Number.NaN,
          smoothness: close.parameters[2 * i + 1] ?? Number.NaN,
        },
        field: rounded(field),
        rangeGrid,
        smoothnessGrid,
        density: smoothnessGrid.map((__, row) =>
          rounded(density.subarray(row * CELLS, (row + 1) * CELLS)),
        ),
        compositeLikelihood: { range, smoothness },
      };
    }),
  );
}

/** Forward KL and composite likelihood. */
export const maxStableStage: Stage = {
  name: "max-stable",
  title: "inverted max-stable process",
  settings: ({ maxStable: settings }) => settings,
  seconds: ({ maxStable: { fkl, training, test } }) =>
    5 + 0.01 * test + trainingSeconds(fkl, training, 1.1 * CNN_STEP_SECONDS),
  run: async (context): Promise<MaxStableResults> => {
    const { fkl, samples } = context.settings.maxStable;
    const { fitted, cost } = await trainOnce(context, {
      name: "max-stable-fkl",
      method: npe(maxStable, {
        transform: logData,
        summary: augmented(cnn({ pooling: "average" }), SYMMETRIES),
        density: splineCoupling(),
      }),
      plan: fkl,
      data: () => maxStableFields.training(context),
      report: within(context, 0, 0.9),
    });
    const test = await maxStableFields.test(context);
    const network = await byNetwork(fitted, test, samples);
    const composite = byComposite(context, test);
    const parameters = (which: 0 | 1) => rounded(test.parameters.filter((_, i) => i % 2 === which));
    return {
      truth: { range: parameters(0), smoothness: parameters(1) },
      methods: [
        method(
          {
            id: "fkl",
            label: "fKL",
            cost: costOf(cost, network.seconds),
            notes: [
              trainingNote(cost),
              `posterior means, and central intervals of ${100 * LEVEL} %`,
            ],
          },
          network.each,
        ),
        method(
          {
            id: "composite",
            label: "pairwise composite likelihood",
            cost: costOf(undefined, composite.seconds),
            notes: [`${composite.converged} of ${test.size} searches converged`],
          },
          composite.each,
        ),
      ],
      closeLooks: await closeLooks(context, fitted),
    };
  },
};
