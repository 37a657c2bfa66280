/** The card of the estimator. */
import * as Plot from "@observablehq/plot";
import { useMemo } from "preact/hooks";
import { Chart } from "../draw/chart.js";
import { POSTERIOR, PRIOR } from "../draw/colours.js";
import { bytes, count, duration, short } from "../draw/format.js";
import { card as opened } from "../state/store.js";

export function About() {
  const { value: card } = opened;
  const losses = useMemo((): Plot.PlotOptions => {
    const rows = (card?.losses ?? []).map((one, i) => ({ ...one, epoch: i + 1 }));
    return {
      marginLeft: 46,
      x: { label: "epoch", ticks: 6 },
      y: { label: "loss", ticks: 4 },
      marks: [
        Plot.line(rows, { x: "epoch", y: "training", stroke: PRIOR, strokeDasharray: "4,3" }),
        Plot.line(rows, { x: "epoch", y: "validation", stroke: POSTERIOR, strokeWidth: 2 }),
      ],
    };
  }, [card]);
  if (card === undefined) return null;
  const rows: readonly (readonly [string, string])[] = [
    ["model", card.model],
    ["method", `${card.method}, which answers with ${card.answers}`],
    ...card.parameters.map(({ name, words }) => ["parameter", `${name} ~ ${words}`] as const),
    ...card.arrays.map(({ name, words }) => ["data", `${name} ${words}`] as const),
    [
      "trained on",
      `${count(card.simulations)} simulations, ${card.epochs} epochs, ${duration(card.seconds)}`,
    ],
    ["validation loss", short(card.validationLoss)],
    ["weights", count(card.weights)],
    ["file", `${card.title}, ${bytes(card.bytes)}, by ${card.createdBy}`],
  ];
  return (
    <div class="about">
      <dl data-card={card.model}>
        {rows.map(([key, value], i) => (
          <div key={i}>
            <dt>{key}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div>
        <h3>Losses while it was trained</h3>
        <Chart label="training and validation loss by epoch" height={200} options={losses} />
        <p class="note">Solid: validation. Dashed: training.</p>
      </div>
    </div>
  );
}
