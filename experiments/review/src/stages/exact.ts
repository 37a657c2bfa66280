/**
 * The exact posterior, by quadrature: what no method can do better than.
 */
import { exactPosteriors } from "@amortis/gaussian-field";
import { answersOfDraws, finiteOrNull, LEVEL, rounded } from "../answers.js";
import { gaussianFields } from "../fields.js";
import type { Stage } from "../stage.js";
import { ofGaussian } from "./direct.js";
import { CLOSE_GRID, costOf, type GaussianRecord } from "./gaussian.js";

/** Quantiles that stand for draws where the review's own scores need some. */
const DRAWS = 1_000;

/** What this stage leaves. */
export interface ExactRecord extends GaussianRecord {
  readonly truth: readonly number[];
  readonly closeTruth: readonly number[];
  readonly closeFields: readonly (readonly number[])[];
}

/** Exact posteriors of the test fields and the close looks. */
export const exactStage: Stage = {
  name: "exact",
  title: "exact posterior",
  settings: ({ gaussian }) => ofGaussian(gaussian),
  seconds: ({ gaussian }) => 1 + 0.02 * gaussian.test,
  run: async (context): Promise<ExactRecord> => {
    const test = await gaussianFields.test(context);
    const close = await gaussianFields.close(context);
    const started = performance.now();
    const posteriors = exactPosteriors(test.data.z);
    const seconds = (performance.now() - started) / 1000;
    const draws = Float64Array.from({ length: test.size * DRAWS }, (_, at) => {
      const level = ((at % DRAWS) + 0.5) / DRAWS;
      return posteriors[Math.floor(at / DRAWS)]?.quantile(level) ?? Number.NaN;
    });
    const truths = [...test.parameters];
    const { halfDistance } = answersOfDraws(draws, truths);
    const looked = exactPosteriors(close.data.z);
    return {
      truth: rounded(truths),
      closeTruth: rounded(close.parameters),
      closeFields: looked.map((_, i) => rounded(close.data.z.subarray(256 * i, 256 * (i + 1)))),
      answers: {
        estimate: rounded(posteriors.map(({ mean }) => mean)),
        median: rounded(posteriors.map((posterior) => posterior.quantile(0.5))),
        lower: rounded(posteriors.map((posterior) => posterior.quantile((1 - LEVEL) / 2))),
        upper: rounded(posteriors.map((posterior) => posterior.quantile((1 + LEVEL) / 2))),
        crps: rounded(posteriors.map((posterior, i) => posterior.crps(truths[i] ?? Number.NaN))),
        ...(halfDistance && { halfDistance }),
        logDensity: finiteOrNull(
          posteriors.map((posterior, i) => posterior.logDensity(truths[i] ?? Number.NaN)),
        ),
      },
      closeDensities: looked.map((posterior) =>
        rounded(CLOSE_GRID.map((theta) => Math.exp(posterior.logDensity(theta)))),
      ),
      cost: costOf(undefined, seconds / test.size),
      notes: ["quadrature at 1,200 values of θ, whose factors all fields share"],
    };
  },
};
