/**
 * The gap over simulations, and its parts by task.
 */
import { curvesPanel, figure, palette, saveFigure, type Style } from "amortis/figures";
import type { GapRow } from "./gap.js";
import { seriesOf } from "./rate.js";

const COLORS = [palette.blue, palette.orange, palette.green, palette.grey] as const;

/** Draws and writes it: one panel for each task that has several budgets. */
export async function drawGap(path: string, rows: readonly GapRow[]): Promise<void> {
  const series = [...seriesOf(rows)].filter(([, own]) => own.length > 1);
  const curves = series.flatMap(([name, own], i) => {
    const color = COLORS[i % COLORS.length] ?? palette.blue;
    const x = own.map(({ simulations }) => simulations);
    const of = (part: "total" | "family", dash?: string) => {
      const style: Style = { color, width: 2, ...(dash !== undefined && { dash }) };
      const y = own.map(({ kl }) => Math.max(kl[part][0], 1e-4));
      return { label: `${name}: ${part}`, style, curve: { x, y, style } };
    };
    return [of("total"), of("family", "4,3")];
  });
  await saveFigure(
    path,
    figure({
      title: "How far amortized posteriors lie from exact ones",
      subtitle:
        "KL(p ‖ q) in nats, over the simulations that npe learned from; dashed: what is due to the density family",
      rows: [
        {
          legend: curves.map(({ label, style }) => ({ label, style })),
          panels: [
            curvesPanel({
              title: "mean over data sets",
              curves: curves.map(({ curve }) => curve),
              xLabel: "simulations",
              yLabel: "nats",
              xLog: true,
              yLog: true,
              width: 620,
              height: 360,
            }),
          ],
        },
      ],
    }),
  );
}
