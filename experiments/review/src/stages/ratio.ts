/**
 * What a ratio estimator learns: the classifier beside the Bayes classifier, through training.
 *
 * With a constant learning rate and without warm-up, a training of few epochs is the beginning of a longer one with the same seed: snapshots
 * are trainings of their own, each with the weights of its best epoch.
 */
import { nre, rawSummary, simulate, stream, train, type RatioEstimator } from "amortis";
import { logRatioExact, scaledNormal, sigmoid } from "../bayes-classifier.js";
import { rounded } from "../answers.js";
import type { RatioResults } from "../results.js";
import type { Stage, StageContext } from "../stage.js";

const THETA_POINTS = 100;
const DATA_POINTS = 160;
/** Data are looked at between these. */
const [LOWEST, HIGHEST] = [-2, 4];
const STEP_SECONDS = 0.004;

const midpoints = (n: number, from: number, to: number): number[] =>
  Array.from({ length: n }, (_, i) => from + ((i + 0.5) / n) * (to - from));

type Estimator = RatioEstimator<(typeof scaledNormal)["parameters"]>;

async function tableOf(fitted: Estimator, theta: readonly number[], data: readonly number[]) {
  const z = Float32Array.from(data);
  const parameters = Float32Array.from(data.flatMap(() => theta));
  const logits = await fitted.logRatio({ z }, parameters);
  return data.map((_, row) =>
    rounded(logits.subarray(row * theta.length, (row + 1) * theta.length).map(sigmoid)),
  );
}

/** The third experiment. */
export const ratioStage: Stage = {
  name: "ratio",
  title: "what a ratio estimator learns",
  settings: ({ ratio: settings }) => settings,
  seconds: ({ ratio: { snapshots, training, batch } }) =>
    5 + (snapshots.reduce((a, b) => a + b, 0) * training * STEP_SECONDS) / batch,
  run: async (context: StageContext): Promise<RatioResults> => {
    const { seed, signal } = context;
    const settings = context.settings.ratio;
    const draw = (what: string, simulations: number) =>
      simulate(scaledNormal, { simulations, seed: `review/ratio/${what}/${seed}`, workers: 0 });
    const data = await draw("training", settings.training);
    const validation = await draw("validation", settings.validation);
    const fresh = await draw("test", settings.draws);
    const others = stream(`review/ratio/product/${seed}`);
    const pairs = {
      z: fresh.data.z,
      // A pair of the joint and one of the product for each draw.
      theta: Float32Array.from({ length: 2 * fresh.size }, (_, at) =>
        at % 2 === 0 ? (fresh.parameters[at / 2] ?? Number.NaN) : others.uniform(),
      ),
    };
    const bayesOfPairs = Float64Array.from(pairs.theta, (theta, at) =>
      sigmoid(logRatioExact(pairs.z[at >> 1] ?? Number.NaN, theta)),
    );
    const theta = midpoints(THETA_POINTS, 0, 1);
    const z = midpoints(DATA_POINTS, LOWEST, HIGHEST);
    const total = settings.snapshots.reduce((a, b) => a + b, 0);
    let before = 0;
    const snapshots = [];
    for (const epochs of settings.snapshots) {
      const fitted = await train(
        nre(scaledNormal, {
          summary: rawSummary(),
          hidden: settings.hidden,
          negatives: 1,
        }),
        {
          data,
          validation,
          seed,
          epochs,
          batch: settings.batch,
          learningRate: settings.learningRate,
          schedule: "constant",
          warmUp: 0,
          weightDecay: 0,
          patience: 1_000,
          signal,
          onProgress: (report) => {
            const share = report.steps > 0 ? report.step / report.steps : 0;
            context.report((before + share * epochs) / total, { kind: "training", report });
          },
        },
      );
      signal.throwIfAborted();
      before += epochs;
      const logits = await fitted.logRatio({ z: pairs.z }, pairs.theta);
      const differences = logits.map((x, i) => Math.abs(sigmoid(x) - (bayesOfPairs[i] ?? 0)));
      snapshots.push({
        steps: epochs * Math.floor(settings.training / settings.batch),
        classifier: await tableOf(fitted, theta, z),
        meanAbsoluteDifference: differences.reduce((sum, x) => sum + x, 0) / differences.length,
      });
      await fitted.release();
    }
    return {
      thetaGrid: rounded(theta),
      dataGrid: rounded(z),
      bayes: z.map((value) => rounded(theta.map((t) => sigmoid(logRatioExact(value, t))))),
      snapshots,
    };
  },
};
