/**
 * What was measured, as a table and as a picture.
 */
import { curvesPanel, figure, palette, type FigureRow, type Panel } from "amortis/figures";

/** One estimator, asked about data sets with one fault. */
export interface Row {
  readonly task: string;
  readonly way: string;
  readonly fault: string;
  /** From 0 to 1. */
  readonly size: number;
  /** Share of data sets with a p-value below 0.05. */
  readonly power: number;
  /** Root mean square error of posterior means, in prior standard deviations. */
  readonly error: number;
  /** Share of 90 % intervals that hold the truth. */
  readonly coverage: number;
}

/** A table in Markdown: a row for each fault and size, three numbers for each way. */
export function misspecificationTable(rows: readonly Row[]): string {
  const ways = [...new Set(rows.map(({ way }) => way))];
  const keys = [...new Set(rows.map(({ task, fault, size }) => `${task}|${fault}|${size}`))];
  const lines = keys.map((key) => {
    const [task = "", fault = "", size = ""] = key.split("|");
    const own = (way: string) =>
      rows.find(
        (row) =>
          row.task === task && row.fault === fault && row.size === Number(size) && row.way === way,
      );
    const percent = (share = Number.NaN) => (100 * share).toFixed(0);
    const cells = [
      ...ways.map((way) => percent(own(way)?.power)),
      ...ways.map((way) => (own(way)?.error ?? Number.NaN).toFixed(2)),
      ...ways.map((way) => percent(own(way)?.coverage)),
    ];
    return `| ${task} | ${fault}${fault === "none" ? "" : ` ${size}`} | ${cells.join(" | ")} |`;
  });
  const head = ["seen, %", "error", "coverage, %"].flatMap((what) =>
    ways.map((way) => `${what}: ${way}`),
  );
  return [
    `| task | fault | ${head.join(" | ")} |`,
    `|---|---|${head.map(() => "---").join("|")}|`,
    ...lines,
  ].join("\n");
}

const COLORS = [palette.grey, palette.blue, palette.vermillion] as const;

/** Power and error by the size of each fault, a row for each task and number. */
export function misspecificationFigure(rows: readonly Row[]): string {
  const ways = [...new Set(rows.map(({ way }) => way))];
  const faults = [...new Set(rows.map(({ fault }) => fault))].filter((fault) => fault !== "none");
  const tasks = [...new Set(rows.map(({ task }) => task))];
  const styleOf = (way: string) => ({ color: COLORS[ways.indexOf(way)] ?? palette.grey, width: 2 });
  const panel = (task: string, fault: string, what: "power" | "error"): Panel =>
    curvesPanel({
      title: fault,
      width: 240,
      height: 200,
      curves: ways.map((way) => {
        const own = rows
          .filter(
            (row) => row.task === task && row.way === way && ["none", fault].includes(row.fault),
          )
          .toSorted((a, b) => a.size - b.size);
        return {
          x: own.map(({ size }) => size),
          y: own.map((row) => row[what]),
          style: styleOf(way),
        };
      }),
      xLabel: "size of the fault",
      yLabel: what === "power" ? "share seen at 5 %" : "error, prior sds",
      ...(what === "power" && { yDomain: [0, 1] as const }),
    });
  const figureRows: FigureRow[] = tasks.flatMap((task, t) =>
    (["power", "error"] as const).map((what) => ({
      title: `${task}: ${what === "power" ? "data that are seen to be none of the model's" : "error of posterior means"}`,
      ...(t === 0 &&
        what === "power" && {
          legend: ways.map((way) => ({ label: way, style: styleOf(way) })),
        }),
      panels: faults.map((fault) => panel(task, fault, what)),
    })),
  );
  return figure({
    title: "Data that the model does not describe",
    subtitle:
      "by the size of the fault: plain NPE, with a penalty on summaries, and trained on corrupted simulations",
    rows: figureRows,
  });
}
