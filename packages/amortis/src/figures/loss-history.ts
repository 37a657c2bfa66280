/**
 * Losses over a training.
 */
import type { HistoryRecord } from "../estimators/contents.js";
import { curvesPanel } from "./curves.js";
import { figure } from "./figure.js";
import { styles } from "./palette.js";

/**
 * Training and validation losses by epoch. Where validation rises while training falls, the networks learn the simulations by heart; where both still fall at the end, training ended early.
 *
 * @returns SVG, for Node and pages alike.
 * @example await saveFigure("loss.svg", lossFigure(estimator.history, estimator.details.training.bestEpoch))
 */
export function lossFigure(history: readonly HistoryRecord[], bestEpoch?: number): string {
  const of = (loss: (record: HistoryRecord) => number) => {
    const records = history.filter((record) => Number.isFinite(loss(record)));
    return { x: records.map((_, i) => i + 1), y: records.map(loss) };
  };
  const best = history.findIndex(({ epoch }) => epoch === bestEpoch);
  const at = history[best];
  return figure({
    title: "losses",
    ...(at && {
      subtitle: `kept: the weights of epoch ${at.epoch}, with a validation loss of ${at.validationLoss.toPrecision(4)}`,
    }),
    rows: [
      {
        legend: [
          { label: "training", style: styles.exact },
          { label: "validation", style: styles.approximate },
        ],
        panels: [
          curvesPanel({
            width: 620,
            height: 260,
            curves: [
              { ...of(({ trainingLoss }) => trainingLoss), style: styles.exact },
              { ...of(({ validationLoss }) => validationLoss), style: styles.approximate },
            ],
            ...(at && {
              points: [
                {
                  x: best + 1,
                  y: at.validationLoss,
                  style: styles.approximate,
                  symbol: "circle" as const,
                },
              ],
            }),
            xLabel: "epoch",
            yLabel: "loss",
          }),
        ],
      },
    ],
  });
}
