/**
 * Pictures of methods whose answer is a number: estimates, summaries, ranks, groups.
 */
import {
  expertSummary,
  hierarchical,
  mutualInformationSummary,
  nbe,
  neuralEm,
  posteriorMomentsSummary,
  rankPosterior,
  simulate,
  syntheticLikelihood,
  train,
} from "amortis";
import { constant, div, log, mul, square, sub, sum } from "amortis/extend";
import { curvesPanel, palette, recoveryPanel, styles } from "amortis/figures";
import { line, mean } from "./models.js";
import { schools } from "./schools.js";
import { lineData, save, SIZE, TRAINING } from "./parts.js";

/** Simulations that no training saw. */
const FRESH = { simulations: 120, seed: 99 } as const;

export const dot = { color: palette.blue, width: 2 } as const;

export async function drawNbe(): Promise<void> {
  const estimator = await train(nbe(line, { interval: 0.9 }), {
    ...TRAINING,
    simulations: 10_000,
    epochs: 15,
  });
  const fresh = await simulate(line, FRESH);
  const points = await estimator.estimateBatch(fresh.data);
  const { lower, upper } = await estimator.intervalBatch(0.9, fresh.data);
  const panel = (name: "slope" | "noise", k: number) =>
    recoveryPanel({
      ...SIZE,
      truth: Array.from(points[name], (_, i) => fresh.parameters[2 * i + k] ?? Number.NaN),
      estimate: points[name],
      lower: lower[name],
      upper: upper[name],
      truthLabel: `true ${name}`,
      estimateLabel: "mean and 90 % interval",
    });
  await save("nbe", {
    title: "Means and intervals of 120 new data sets, 10,000 simulations",
    rows: [
      {
        legend: [
          { label: "the interval holds the truth", style: styles.hit, mark: "dot" },
          { label: "it misses it", style: styles.miss, mark: "diamond" },
        ],
        panels: [panel("slope", 0), panel("noise", 1)],
      },
    ],
  });
}

/** Where the line is seen, and the sum of their squares. */
const PLACES = Array.from({ length: 20 }, (_, i) => i / 20);
const SQUARES = PLACES.reduce((total, x) => total + x ** 2, 0);

/** Binding functions of the variance about the fitted line: their mean, and two standard deviations. */
export async function drawSyntheticLikelihood(): Promise<void> {
  const spread = expertSummary(line, "spread", 1, ({ y }) => {
    const x = constant(PLACES);
    const slope = div(sum(mul(y, x), { axes: [1], keepDims: true }), constant(SQUARES));
    const residual = sub(y, mul(slope, x));
    return mul(
      log(div(sum(square(residual), { axes: [1], keepDims: true }), constant(19))),
      constant(0.5),
    );
  });
  const fitted = await train(syntheticLikelihood(line, { transform: spread }), {
    ...TRAINING,
    simulations: 10_000,
    epochs: 12,
  });
  const noises = Float64Array.from({ length: 80 }, (_, i) => 0.05 + (1.95 * i) / 79);
  const theta = Float64Array.from({ length: 160 }, (_, i) =>
    i % 2 === 0 ? 0.5 : (noises[i >> 1] ?? 0),
  );
  const { mean: centre, covariance } = await fitted.bindingFunctions(theta);
  const away = (k: number): Float64Array =>
    centre.map((value, i) => value + k * Math.sqrt(covariance[i] ?? Number.NaN));
  const fresh = await simulate(line, { simulations: 400, seed: 99 });
  const y = fresh.data.y;
  await save("synthetic-likelihood", {
    title: "Learned mean and spread of a summary",
    rows: [
      {
        legend: [
          { label: "learned mean, ± 2 sd", style: styles.approximate },
          { label: "simulations", style: { color: palette.grey }, mark: "dot", alone: true },
        ],
        panels: [
          curvesPanel({
            width: 520,
            height: 320,
            xLabel: "noise",
            yLabel: "log of the sd about the fitted line",
            yDomain: [-4, 1.5],
            bands: [{ x: noises, lower: away(-2), upper: away(2), style: styles.approximate }],
            curves: [
              {
                x: Float64Array.from({ length: 400 }, (_, i) => fresh.parameters[2 * i + 1] ?? 0),
                y: Float64Array.from({ length: 400 }, (_, i) =>
                  Math.max(
                    -4,
                    logSpread(Array.from({ length: 20 }, (_unused, j) => y[20 * i + j] ?? 0)),
                  ),
                ),
                style: { color: palette.grey },
                points: true,
                opacity: 0.6,
              },
              { x: noises, y: centre, style: styles.approximate },
            ],
          }),
        ],
      },
    ],
  });
}

/** The same of one data set. */
function logSpread(y: ArrayLike<number>): number {
  const slope = PLACES.reduce((total, x, i) => total + x * (y[i] ?? 0), 0) / SQUARES;
  const square = PLACES.reduce((total, x, i) => total + ((y[i] ?? 0) - slope * x) ** 2, 0);
  return 0.5 * Math.log(square / 19);
}

/** A learned summary against what is known to be sufficient. */
export async function drawMutualInformation(): Promise<void> {
  const summary = await train(mutualInformationSummary(mean), {
    ...TRAINING,
    simulations: 10_000,
    epochs: 12,
  });
  const { means, learnedNumbers } = await ofMeans(summary);
  await save("mutual-information-summary", {
    title: "A learned summary, beside the mean",
    rows: [
      {
        panels: [
          curvesPanel({
            width: 460,
            height: 320,
            xLabel: "sample mean, which is sufficient",
            yLabel: "learned summary",
            curves: [{ x: means, y: learnedNumbers, style: dot, points: true, opacity: 0.6 }],
          }),
        ],
      },
    ],
  });
}

/** A learned posterior mean against the exact one: N(ȳ · 8/9, 1/9). */
export async function drawPosteriorMoments(): Promise<void> {
  const summary = await train(posteriorMomentsSummary(mean), {
    ...TRAINING,
    simulations: 10_000,
    epochs: 12,
  });
  const { means, learnedNumbers } = await ofMeans(summary);
  await save("posterior-moments-summary", {
    title: "Learned and exact posterior means",
    rows: [
      {
        panels: [
          recoveryPanel({
            width: 400,
            height: 340,
            truth: means.map((value) => (8 / 9) * value),
            estimate: learnedNumbers,
            truthLabel: "exact posterior mean",
            estimateLabel: "learned summary",
          }),
        ],
      },
    ],
  });
}

export async function ofMeans(summary: {
  summarize(data: { readonly y: ArrayLike<number> }): Promise<Float32Array>;
}): Promise<{ readonly means: Float64Array; readonly learnedNumbers: Float64Array }> {
  const fresh = await simulate(mean, { simulations: 250, seed: 99 });
  const y = fresh.data.y;
  const means = Float64Array.from({ length: 250 }, (_, i) => {
    let total = 0;
    for (let j = 0; j < 8; j++) total += y[8 * i + j] ?? 0;
    return total / 8;
  });
  return {
    means,
    learnedNumbers: Float64Array.from(await summary.summarize({ y: Float32Array.from(y) })),
  };
}

export async function drawRankPosterior(): Promise<void> {
  const estimator = await train(rankPosterior(line, { bins: 25 }), {
    ...TRAINING,
    simulations: 10_000,
    epochs: 12,
  });
  const { probabilities, bins } = await estimator.ranks(lineData);
  const panel = (name: string, k: number) =>
    curvesPanel({
      ...SIZE,
      xLabel: `rank of ${name} under its prior`,
      yLabel: "density",
      yDomain: [0, Math.max(...probabilities.slice(k * bins, (k + 1) * bins)) * bins * 1.1],
      bands: [stairs(probabilities.slice(k * bins, (k + 1) * bins))],
      curves: [{ x: [0, 1], y: [1, 1], style: styles.exact }],
    });
  await save("rank-posterior", {
    title: "Where in their priors slope and noise lie",
    rows: [
      {
        legend: [
          { label: "posterior of the rank", style: styles.approximate, mark: "area" },
          { label: "prior", style: styles.exact },
        ],
        panels: [panel("slope", 0), panel("noise", 1)],
      },
    ],
  });
}

function stairs(probabilities: Float32Array) {
  const bins = probabilities.length;
  const x = Float64Array.from({ length: 2 * bins }, (_, i) => ((i + 1) >> 1) / bins);
  const upper = Float64Array.from(
    { length: 2 * bins },
    (_, i) => (probabilities[i >> 1] ?? 0) * bins,
  );
  return { x, lower: x.map(() => 0), upper, style: styles.approximate };
}

/** Rubin's eight schools (1981): effects and their standard errors. */
const EFFECTS = [28, 8, -3, 7, -1, 1, 18, 12] as const;
const ERRORS = [15, 10, 16, 11, 9, 11, 10, 18] as const;

export async function drawHierarchical(): Promise<void> {
  const estimator = await train(hierarchical(schools), {
    ...TRAINING,
    simulations: 10_000,
    epochs: 15,
  });
  const posterior = await estimator.given({ y: EFFECTS, sigma: ERRORS });
  const means = posterior.mean().groups.school.theta;
  const intervals = posterior.interval(0.9).groups.school.theta;
  const band = (
    of: (i: number) => readonly [number, number],
    shift: number,
    style: typeof styles.approximate | typeof styles.exact,
  ) =>
    EFFECTS.map((_, i) => {
      const [lower, upper] = of(i);
      return { x: [i + 1 + shift, i + 1 + shift], y: [lower, upper], style };
    });
  const own = (i: number): readonly [number, number] => [
    (EFFECTS[i] ?? 0) - 1.645 * (ERRORS[i] ?? 0),
    (EFFECTS[i] ?? 0) + 1.645 * (ERRORS[i] ?? 0),
  ];
  const pooled = (i: number): readonly [number, number] => {
    const [lower, upper] = [intervals[i]?.[0] ?? Number.NaN, intervals[i]?.[1] ?? Number.NaN];
    return [lower, upper];
  };
  await save("hierarchical", {
    title: "Eight schools: each by itself, and together",
    rows: [
      {
        legend: [
          { label: "effect and 90 % interval of the school alone", style: styles.exact },
          { label: "posterior mean and 90 % interval, of all together", style: styles.approximate },
        ],
        panels: [
          curvesPanel({
            width: 620,
            height: 320,
            xLabel: "school",
            yLabel: "effect of coaching",
            xDomain: [0.4, 8.6],
            curves: [
              ...band(own, -0.12, styles.exact),
              ...band(pooled, 0.12, styles.approximate),
              { x: EFFECTS.map((_, i) => i + 0.88), y: EFFECTS, style: styles.exact, points: true },
              {
                x: EFFECTS.map((_, i) => i + 1.12),
                y: Array.from(EFFECTS, (_, i) => means[i] ?? Number.NaN),
                style: styles.approximate,
                points: true,
              },
            ],
          }),
        ],
      },
    ],
  });
}

/** A mean of eight numbers of which four are missing: the path of neural EM. */
export async function drawNeuralEm(): Promise<void> {
  const estimator = await train(nbe(mean, { loss: "mode" }), {
    ...TRAINING,
    simulations: 10_000,
    epochs: 12,
  });
  const there = [1.4, 0.2, 1.9, 0.9];
  const { path, estimate } = await neuralEm(estimator, {
    start: { mu: -1 },
    complete: ({ mu }, random) => ({
      y: [...there, ...Array.from({ length: 4 }, () => mu + random.normal())],
    }),
    iterations: 100,
  });
  const at = Array.from(path, (_, i) => i + 1);
  const exactMode = there.reduce((a, b) => a + b, 0) / (there.length + 1);
  await save("neural-em", {
    title: "Half of the data are missing: the path of the estimate",
    subtitle: `mean after the burn-in ${estimate.mu.toFixed(2)}, exact mode ${exactMode.toFixed(2)}`,
    rows: [
      {
        legend: [
          { label: "estimate of each iteration", style: styles.approximate },
          { label: "mode given the numbers that are there", style: styles.exact },
        ],
        panels: [
          curvesPanel({
            width: 560,
            height: 280,
            xLabel: "iteration",
            yLabel: "μ",
            curves: [
              {
                x: at,
                y: path.map((flat) => flat[0] ?? Number.NaN),
                style: { ...styles.approximate, width: 1.3 },
              },
              { x: [1, 100], y: [exactMode, exactMode], style: styles.exact },
            ],
          }),
        ],
      },
    ],
  });
}
