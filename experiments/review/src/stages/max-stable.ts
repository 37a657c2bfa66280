/**
 * The second experiment: an inverted max-stable process, without a likelihood. Forward KL beside the maximum of the pairwise composite
 * likelihood.
 */
import {
  augmented,
  cnn,
  npe,
  splineCoupling,
  type PosteriorBatch,
  type PosteriorEstimator,
  type SimulatedData,
} from "amortis";
import { average, energyScores, rootMeanSquare } from "amortis/diagnostics";
import {
  logData,
  maximizeCompositeLikelihood,
  maxStable,
  RANGE,
  SMOOTHNESS,
} from "@amortis/max-stable";
import {
  answersOfDraws,
  finiteOrNull,
  LEVEL,
  rounded,
  sortedDraws,
  type Answers,
} from "../answers.js";
import { calibrationOf } from "../calibration.js";
import { maxStableFields } from "../fields.js";
import { PUBLISHED_ON_BOUNDS } from "../published.js";
import type {
  BoundShare,
  Calibration,
  MaxStableAnswers,
  MaxStableMethod,
  MaxStableResults,
  Score,
} from "../results.js";
import { trainingSeconds, within, type Stage, type StageContext } from "../stage.js";
import { trainOnce } from "../training.js";
import { CNN_STEP_SECONDS } from "./direct.js";
import { costOf, trainingNote } from "./gaussian.js";

/** Of an isotropic field on a square grid; it has no other sign. */
const SYMMETRIES = ["verticalFlip", "horizontalFlip", "transpose"] as const;

type Parameters = (typeof maxStable)["parameters"];

/** Cells of the densities of close looks, along each axis. */
const CELLS = 60;
/** Values of a field. */
const POINTS = 256;

const PARAMETERS = [
  { name: "range", bounds: RANGE },
  { name: "smoothness", bounds: SMOOTHNESS },
] as const;

/** Shares of estimates on the bounds: beyond the review's thresholds at the upper ones, and as close to the lower ones. */
function onBounds(
  which: 0 | 1,
  estimate: readonly number[],
  published: boolean,
): MaxStableAnswers["onBounds"] {
  const { name, bounds } = PARAMETERS[which];
  const { threshold, share } = PUBLISHED_ON_BOUNDS[name];
  const low = Number((bounds[0] + bounds[1] - threshold).toPrecision(7));
  const shareOf = (on: (value: number) => boolean): number =>
    estimate.filter(on).length / estimate.length;
  const upper: BoundShare = { threshold, share: shareOf((value) => value > threshold) };
  return {
    lower: { threshold: low, share: shareOf((value) => value < low) },
    upper: published ? { ...upper, published: share } : upper,
  };
}

/** What there is beside point estimates. */
interface Posterior extends Answers {
  readonly calibration: Calibration;
}

/** Answers about parameter `which`, of the n × 2 true values; points are the composite likelihood's, which the review has too. */
function judge(
  which: 0 | 1,
  truth: Float64Array,
  answers: Posterior | { readonly estimate: readonly number[] },
): MaxStableAnswers {
  const { estimate } = answers;
  const mine = Array.from(estimate, (_, i) => truth[2 * i + which] ?? Number.NaN);
  const score = ({ value, standardError }: Score): Score => ({
    value,
    ...(standardError !== undefined && Number.isFinite(standardError) && { standardError }),
  });
  const rmse = score(rootMeanSquare(mine.map((value, i) => (estimate[i] ?? Number.NaN) - value)));
  if (!("calibration" in answers)) {
    return { rmse, onBounds: onBounds(which, estimate, true), estimate };
  }
  const { lower, upper, crps = [], calibration } = answers;
  const covered = mine.map((value, i) =>
    Number(value >= (lower[i] ?? Number.NaN) && value <= (upper[i] ?? Number.NaN)),
  );
  return {
    rmse,
    coverage: score(average(covered)),
    crps: score(average(crps)),
    calibration,
    onBounds: onBounds(which, estimate, false),
    estimate,
    lower,
    upper,
  };
}

/** Energy and log scores of both parameters, each in units of its prior's width: one of the two would hardly count otherwise. */
function jointScores(
  draws: Float32Array,
  truth: Float64Array,
  logDensities: ArrayLike<number>,
): NonNullable<MaxStableMethod["joint"]> {
  const widths = PARAMETERS.map(({ bounds: [from, to] }) => to - from);
  const scaled = (values: ArrayLike<number>): Float64Array =>
    Float64Array.from(values, (value, i) => value / (widths[i % 2] ?? 1));
  const names = PARAMETERS.map(({ name }) => name);
  const energy = energyScores({ draws: scaled(draws), truth: scaled(truth), names });
  const logVolume = widths.reduce((total, width) => total + Math.log(width), 0);
  const finite = finiteOrNull(logDensities).flatMap((value) =>
    value === null ? [] : [-value - logVolume],
  );
  const log = finite.length > 0 ? average(finite) : { value: 0, standardError: 0 };
  return {
    energyScore: { value: energy.value, standardError: energy.standardError },
    logScore: {
      value: log.value,
      standardError: log.standardError,
      excluded: logDensities.length - finite.length,
    },
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
  const posteriors = await estimator.givenBatch({ x }, { samples });
  const seconds = (performance.now() - started) / 1000 / test.size;
  const draws = Float32Array.from(posteriors.draws);
  const each = ([0, 1] as const).map((which) => {
    const truth = Array.from({ length: test.size }, (_, i) => test.parameters[2 * i + which] ?? 0);
    const layout = { parameters: 2, parameter: which };
    return judge(which, test.parameters, {
      ...answersOfDraws(draws, truth, layout),
      calibration: calibrationOf(sortedDraws(draws, test.size, layout), truth),
    });
  });
  const logDensities = await posteriors.logDensity(Float32Array.from(test.parameters));
  return { each, joint: jointScores(draws, test.parameters, logDensities), seconds };
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
  facts: Omit<MaxStableMethod, "range" | "smoothness">,
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
            joint: network.joint,
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
            notes: [
              `${composite.converged} of ${test.size.toLocaleString("en-US")} searches converged`,
            ],
          },
          composite.each,
        ),
      ],
      closeLooks: await closeLooks(context, fitted),
    };
  },
};
