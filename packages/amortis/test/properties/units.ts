/**
 * Units change no answer: what methods say of data and parameters in other units, put back into the first ones.
 *
 * The model: a, b ~ N(0, 1); x_i = a + .5 e and y_i = b + .3 a + .5 e for i = 1, 2, 3, as the channels of a series, and w = a - b + .5 e beside. Other units are affine
 * maps of what is simulated, so that the numbers drawn are the same.
 */
import {
  abc,
  affineAutoregressive,
  anyToAny,
  defineModel,
  gaussian,
  mutualInformationSummary,
  nbe,
  nle,
  normal,
  npe,
  nre,
  distanceCorrelationSummary,
  fisherInformationSummary,
  posteriorMomentsSummary,
  rankPosterior,
  rawSummary,
  series,
  transformer,
  simulate,
  syntheticLikelihood,
  telescoping,
  train,
  variational,
  type Estimator,
  type TrainOptions,
} from "../../src/index.js";

/** value = offset + scale · value in the first units. */
export interface Unit {
  readonly offset: number;
  readonly scale: number;
}

/** Units of everything. */
export interface Units {
  readonly a: Unit;
  readonly b: Unit;
  readonly x: Unit;
  readonly y: Unit;
  readonly w: Unit;
}

const FIRST: Unit = { offset: 0, scale: 1 };
const SIGMA = 0.5;
const ROWS = 3;

/** What the model was first written in. */
export const first: Units = { a: FIRST, b: FIRST, x: FIRST, y: FIRST, w: FIRST };

const to = ({ offset, scale }: Unit, value: number): number => offset + scale * value;
const from = ({ offset, scale }: Unit, value: number): number => (value - offset) / scale;

/** The model in other units. */
export function modelIn(units: Units) {
  const { a: ofA, b: ofB } = units;
  /** The log-likelihood with its gradient. */
  const ofData = (
    theta: { readonly a: number; readonly b: number },
    { xy, w }: { readonly xy: ArrayLike<number>; readonly w: ArrayLike<number> },
  ) => {
    const [a, b] = [from(ofA, theta.a), from(ofB, theta.b)];
    let [value, slopeA, slopeB] = [0, 0, 0];
    const observe = (misfit: number, byA: number, byB: number): void => {
      value -= 0.5 * (misfit / SIGMA) ** 2;
      slopeA += (misfit / SIGMA ** 2) * byA;
      slopeB += (misfit / SIGMA ** 2) * byB;
    };
    for (let i = 0; i < ROWS; i++) {
      observe(from(units.x, xy[2 * i] ?? 0) - a, 1, 0);
      observe(from(units.y, xy[2 * i + 1] ?? 0) - b - 0.3 * a, 0.3, 1);
    }
    observe(from(units.w, w[0] ?? 0) - a + b, 1, -1);
    return { value, gradient: [slopeA / ofA.scale, slopeB / ofB.scale] };
  };
  return defineModel({
    name: "units",
    parameters: {
      a: normal(ofA.offset, Math.abs(ofA.scale)),
      b: normal(ofB.offset, Math.abs(ofB.scale)),
    },
    data: { xy: series(ROWS, { channels: 2 }), w: [] },
    simulate: (theta, random) => {
      const [a, b] = [from(ofA, theta.a), from(ofB, theta.b)];
      return {
        xy: Array.from({ length: ROWS }, () => [
          to(units.x, a + SIGMA * random.normal()),
          to(units.y, b + 0.3 * a + SIGMA * random.normal()),
        ]),
        w: to(units.w, a - b + SIGMA * random.normal()),
      };
    },
    logLikelihood: (theta, data) => ofData(theta, data).value,
    logLikelihoodGradient: ofData,
  });
}

type UnitsModel = ReturnType<typeof modelIn>;

/** All methods, with networks that train in a second. */
export const METHODS = {
  npe: (model: UnitsModel) => npe(model),
  "npe, a Gaussian": (model: UnitsModel) =>
    npe(model, { density: gaussian(), summary: rawSummary() }),
  "nbe, means and an interval": (model: UnitsModel) => nbe(model, { interval: 0.9 }),
  "nbe, medians": (model: UnitsModel) => nbe(model, { loss: "absolute" }),
  "nbe, modes": (model: UnitsModel) => nbe(model, { loss: "mode", modeWidth: 0.5 }),
  nre: (model: UnitsModel) => nre(model),
  nle: (model: UnitsModel) =>
    nle(model, { density: affineAutoregressive({ layers: 2, hidden: [16] }) }),
  telescoping: (model: UnitsModel) => telescoping(model),
  rankPosterior: (model: UnitsModel) => rankPosterior(model),
  // What units do to it does not depend on its size.
  anyToAny: (model: UnitsModel) =>
    anyToAny(model, { network: transformer({ width: 8, heads: 2, blocks: 1 }) }),
  syntheticLikelihood: (model: UnitsModel) => syntheticLikelihood(model),
  variational: (model: UnitsModel) => variational(model, { likelihood: "host" }),
  abc: (model: UnitsModel) => abc(model),
  mutualInformationSummary: (model: UnitsModel) => mutualInformationSummary(model),
  posteriorMomentsSummary: (model: UnitsModel) => posteriorMomentsSummary(model),
  fisherInformationSummary: (model: UnitsModel) => fisherInformationSummary(model),
  distanceCorrelationSummary: (model: UnitsModel) => distanceCorrelationSummary(model),
} as const;

/** Those whose posteriors take longer than a test should: what they follow from, log-likelihoods or log ratios about the parameters that were drawn, are asked instead. */
const BY_LOGARITHMS: readonly (keyof typeof METHODS)[] = ["nle", "telescoping"];

/** Places about the parameters that were drawn, in the first units. */
const ABOUT = [
  [0, 0],
  [0.4, 0],
  [0, 0.4],
  [-0.4, 0.4],
  [-0.4, -0.4],
] as const;

/** Data sets that are asked about. */
const SETS = 5;

/**
 * Answers in the first units: means and standard deviations of posteriors, or of ranks, estimates and quantiles, or summaries, one list.
 */
export async function answersIn(
  units: Units,
  method: keyof typeof METHODS,
  options: TrainOptions,
): Promise<readonly number[]> {
  const model = modelIn(units);
  const fitted: Estimator = await train(METHODS[method](model), {
    onWarning: () => {},
    ...options,
  });
  const { data, parameters } = await simulate(model, {
    simulations: SETS,
    seed: "asked",
    workers: 0,
  });
  try {
    if (BY_LOGARITHMS.includes(method)) {
      const theta = Array.from({ length: SETS }, (_, i) =>
        ABOUT.flatMap((by) =>
          (["a", "b"] as const).map(
            (name, k) => (parameters[2 * i + k] ?? 0) + (by[k] ?? 0) * units[name].scale,
          ),
        ),
      ).flat();
      return differencesWithin(await logarithms(fitted, data, theta));
    }
    const back = (of: Readonly<Record<string, ArrayLike<number>>>, slope = false): number[] =>
      (["a", "b"] as const).flatMap((name) => {
        const { offset, scale } = units[name];
        return Array.from(of[name] ?? [], (value) =>
          slope ? value / Math.abs(scale) : (value - offset) / scale,
        );
      });
    if (fitted.kind === "summary") return Array.from(await fitted.summarize(data));
    // Ranks in the prior have no units.
    if (fitted.kind === "rank") {
      const ranks = await fitted.ranksBatch(data);
      const [mean, sd] = [ranks.mean(), ranks.sd()];
      return (["a", "b"] as const).flatMap((name) => [...(mean[name] ?? []), ...(sd[name] ?? [])]);
    }
    if (fitted.kind === "point") {
      const quantiles = fitted.levels.length > 0 ? await fitted.quantilesBatch(data) : [];
      return [await fitted.estimateBatch(data), ...quantiles].flatMap((values) => back(values));
    }
    const batch = await fitted.givenBatch(data, { samples: 1000 });
    return [...back(batch.mean()), ...back(batch.sd(), true)];
  } finally {
    await fitted.release();
  }
}

function logarithms(
  fitted: Estimator,
  data: Readonly<Record<string, Float32Array | Float64Array>>,
  theta: readonly number[],
): Promise<Float64Array> {
  if (fitted.kind === "likelihood") return fitted.logLikelihood(data, theta);
  if (fitted.kind === "ratio") return fitted.logRatio(data, theta);
  throw new TypeError(`a ${fitted.kind} has no logarithms`);
}

/** Of each data set, less their mean: a density has units, what it says of parameters has none. */
function differencesWithin(logs: Float64Array): readonly number[] {
  const size = ABOUT.length;
  return Array.from(logs, (log, i) => {
    const start = i - (i % size);
    const own = logs.subarray(start, start + size);
    return log - own.reduce((sum, one) => sum + one, 0) / size;
  });
}

/** Root mean square of the differences of two lists of answers. */
export function differenceOf(one: readonly number[], other: readonly number[]): number {
  const squares = one.map((value, i) => (value - (other[i] ?? Number.NaN)) ** 2);
  return Math.sqrt(squares.reduce((a, b) => a + b, 0) / one.length);
}

/** Other units, one change after another, and all of them at once. */
export const OTHERS: Readonly<Record<string, Units>> = {
  "data scaled": {
    ...first,
    x: { offset: 0, scale: 2e4 },
    y: { offset: 0, scale: 3e-5 },
    w: { offset: 0, scale: 7e3 },
  },
  "data on offsets": {
    ...first,
    x: { offset: 40, scale: 1 },
    y: { offset: -3e5, scale: 2 },
    w: { offset: 1e7, scale: 0.5 },
  },
  "parameters scaled": {
    ...first,
    a: { offset: 0, scale: 6e5 },
    b: { offset: 0, scale: 4e-6 },
  },
  "parameters on offsets": {
    ...first,
    a: { offset: 2_451_545, scale: 0.5 },
    b: { offset: -30, scale: 3 },
  },
};
