/**
 * What a training's losses say should be done otherwise.
 */
import type { HistoryRecord } from "../estimators/contents.js";
import type { TrainSettings } from "../settings/training.js";

/** Loss by which validation must have become worse since its best, and training better, to be called overfitting, in nats. */
const OVERFITTING = 0.5;

/** Epochs that a trend needs. */
const EPOCHS = 4;

/** Share of steps whose gradient exploded, from which on that is said. */
const EXPLODED = 0.5;

/**
 * Advice on a training that has ended, a line each: which option to change, and why.
 *
 * @param exploded share of the steps whose gradient was many times larger than `clipNorm`.
 */
export function adviceOn(
  history: readonly HistoryRecord[],
  bestEpoch: number,
  settings: Pick<TrainSettings, "clipNorm" | "learningRate" | "weightDecay">,
  exploded: number,
): readonly string[] {
  const [first, last] = [history[0], history.at(-1)];
  const best = history.find(({ epoch }) => epoch === bestEpoch);
  if (first === undefined || last === undefined || best === undefined) return [];
  return [
    ...overfitting(best, last, settings),
    ...standstill(history, best, settings),
    ...(exploded > EXPLODED
      ? [
          `the gradient was far larger than clipNorm (${settings.clipNorm}) in ${Math.round(100 * exploded)} % of the steps: extreme values in the data or parameters may be the cause; else lower learningRate, or raise clipNorm`,
        ]
      : []),
  ];
}

function overfitting(
  best: HistoryRecord,
  last: HistoryRecord,
  { weightDecay }: Pick<TrainSettings, "weightDecay">,
): readonly string[] {
  const worse = last.validationLoss - best.validationLoss > OVERFITTING;
  const learned = last.trainingLoss < best.trainingLoss;
  if (last.epoch - best.epoch < EPOCHS || !worse || !learned) return [];
  return [
    `overfitting: after epoch ${best.epoch} the validation loss rose from ${best.validationLoss.toPrecision(4)} to ${last.validationLoss.toPrecision(4)} while the training loss fell; the weights of epoch ${best.epoch} are kept. More simulations help most; else a smaller network, dropout, or a larger weightDecay (now ${Number(weightDecay.toPrecision(3))})`,
  ];
}

function standstill(
  history: readonly HistoryRecord[],
  best: HistoryRecord,
  { learningRate }: Pick<TrainSettings, "learningRate">,
): readonly string[] {
  const [first] = history;
  if (first === undefined || history.length < EPOCHS || best.epoch > 1) return [];
  const learned = first.trainingLoss - (history.at(-1)?.trainingLoss ?? 0) > OVERFITTING;
  if (learned) return [];
  return [
    `the validation loss never became better than after the first of ${history.length} epochs: either the data say little of the parameters, or learningRate (now ${Number(learningRate.toPrecision(3))}) does not suit; look at \`amortis diagnose\``,
  ];
}
