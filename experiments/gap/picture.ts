/**
 * The gap over simulations, and its parts, a panel for each task.
 */
import { curvesPanel, figure, palette, saveFigure, type Panel, type Style } from "amortis/figures";
import type { GapRow } from "./gap.js";
import { seriesOf } from "./rate.js";

const COLORS: Readonly<Record<string, string>> = { small: palette.orange, usual: palette.blue };

/** Panels side by side. */
const ACROSS = 3;

/** Least that is drawn, in nats. */
const LEAST = 1e-3;

/** Draws and writes it: of each task, networks that have several budgets. */
export async function drawGap(path: string, rows: readonly GapRow[]): Promise<void> {
  const series = [...seriesOf(rows).values()].filter((own) => own.length > 1);
  const tasks = [...new Set(series.flatMap((own) => own.map(({ task }) => task)))];
  const panels = tasks.map((task) => panelOf(task, series));
  const legend = ["small", "usual"].flatMap((size) => [
    { label: `${size} network`, style: styleOf(size, "total") },
    { label: "due to the density family", style: styleOf(size, "family") },
  ]);
  await saveFigure(
    path,
    figure({
      title: "How far amortized posteriors lie from exact ones",
      subtitle: "KL(p ‖ q) in nats, over the simulations that npe learned from",
      rows: Array.from({ length: Math.ceil(panels.length / ACROSS) }, (_, i) => ({
        ...(i === 0 && { legend }),
        panels: panels.slice(i * ACROSS, (i + 1) * ACROSS),
      })),
    }),
  );
}

function styleOf(size: string, part: "total" | "family"): Style {
  const color = COLORS[size] ?? palette.grey;
  return { color, width: 2, ...(part === "family" && { dash: "4,3" }) };
}

function panelOf(task: string, series: readonly (readonly GapRow[])[]): Panel {
  const own = series.filter(([first]) => first?.task === task);
  return curvesPanel({
    title: task,
    curves: own.flatMap((rows) =>
      (["total", "family"] as const).map((part) => ({
        x: rows.map(({ simulations }) => simulations),
        y: rows.map(({ kl }) => Math.max(kl[part][0], LEAST)),
        style: styleOf(rows[0]?.size ?? "", part),
      })),
    ),
    xLabel: "simulations",
    yLabel: "nats",
    xLog: true,
    yLog: true,
    xDomain: [100, 10_000],
    yDomain: [0.01, 10],
    width: 290,
    height: 240,
  });
}
