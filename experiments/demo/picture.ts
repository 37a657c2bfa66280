/**
 * The demo's picture: answers against truths, and three fields with their posteriors, beside the exact ones.
 */
import type { Posterior, PosteriorBatch } from "amortis";
import {
  densityPanel,
  figure,
  gridPanel,
  recoveryPanel,
  saveFigure,
  styles,
  type Panel,
} from "amortis/figures";
import type { ExactPosterior, gaussianField } from "@amortis/gaussian-field";
import type { ExactAnswers } from "./scores.js";

type Parameters = (typeof gaussianField)["parameters"];

/** What is drawn, one of each a field. */
export interface PictureOptions {
  /** [n, 16, 16] */
  readonly fields: Float32Array;
  readonly truth: Float32Array;
  readonly posteriors: PosteriorBatch<Parameters>;
  readonly exact: ExactAnswers;
  readonly curves: readonly ExactPosterior[];
}

/** Ranges close to which the three fields are chosen: those that the review looks at closely. */
const CLOSE_LOOKS = [0.1, 0.3, 0.5];
const SIDE = 16;

/** Draws and writes it. */
export async function drawPicture(path: string, options: PictureOptions): Promise<void> {
  const { truth, posteriors, exact } = options;
  const { lower, upper } = posteriors.interval(0.9);
  const axes = {
    truth,
    domain: [0, 0.6] as const,
    truthLabel: "true range (1 = side of the grid)",
    estimateLabel: "posterior mean and 90 % interval",
    width: 590,
    height: 420,
  };
  const chosen = CLOSE_LOOKS.map((range) => nearest(truth, range));
  const close = await Promise.all(chosen.map((i) => closeLook(i, options)));
  const svg = figure({
    title: `One network, ${truth.length} Gaussian fields it has never seen`,
    subtitle:
      "Range θ of the covariance exp(-d/θ), prior U(0, 0.6), from one field on a 16×16 grid; exact posteriors by quadrature",
    rows: [
      {
        legend: [
          { label: "interval holds the truth", style: styles.hit, mark: "dot" },
          { label: "interval misses it", style: styles.miss, mark: "diamond" },
          { label: "mean = truth", style: styles.truth },
        ],
        panels: [
          recoveryPanel({
            ...axes,
            title: "Neural posterior",
            estimate: posteriors.mean().range,
            lower: lower.range,
            upper: upper.range,
          }),
          recoveryPanel({
            ...axes,
            title: "Exact posterior",
            estimate: exact.mean,
            lower: exact.q05,
            upper: exact.q95,
          }),
        ],
      },
      {
        title: "Three of the fields, coloured from -3 (dark) to 3 (light)",
        legend: [
          { label: "neural posterior", style: styles.approximate },
          { label: "exact posterior", style: styles.exact },
          { label: "truth", style: styles.truth },
        ],
        panels: close.flat(),
      },
    ],
  });
  await saveFigure(path, svg);
}

/** A field, and its posteriors where they have their mass. */
async function closeLook(
  index: number,
  { fields, truth, posteriors, curves }: PictureOptions,
): Promise<readonly Panel[]> {
  const exact = curves[index];
  const range = truth[index];
  if (exact === undefined || range === undefined) throw new Error(`there is no field ${index}`);
  const posterior = posteriors.at(index);
  const [low, high] = [posterior.quantile(0.001).range, posterior.quantile(0.999).range];
  const margin = exact.sd / 2;
  const from = Math.max(0, Math.min(exact.quantile(0.001), low, range) - margin);
  const to = Math.min(0.6, Math.max(exact.quantile(0.999), high, range) + margin);
  const x = Float32Array.from({ length: 200 }, (_, i) => from + ((to - from) * (i + 0.5)) / 200);
  const size = SIDE * SIDE;
  return [
    gridPanel({
      title: `field ${index + 1}`,
      values: fields.subarray(index * size, (index + 1) * size),
      columns: SIDE,
      domain: [-3, 3],
      width: 130,
      height: 130,
    }),
    densityPanel({
      title: `true range ${range.toFixed(3)}`,
      curves: [
        { x, density: await densityOf(posterior, x), style: styles.approximate },
        { x, density: x.map((theta) => Math.exp(exact.logDensity(theta))), style: styles.exact },
      ],
      truth: range,
      label: "range",
      domain: [from, to],
      width: 246,
      height: 230,
    }),
  ];
}

async function densityOf(posterior: Posterior<Parameters>, x: Float32Array): Promise<Float64Array> {
  return (await posterior.logDensities(x)).map(Math.exp);
}

function nearest(values: Float32Array, wanted: number): number {
  const distances = values.map((value) => Math.abs(value - wanted));
  return distances.indexOf(distances.reduce((a, b) => Math.min(a, b)));
}
