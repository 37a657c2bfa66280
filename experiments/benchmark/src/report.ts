/**
 * The report: score against budget, a panel a task, beside what was published; and all results as a table.
 */
import { join } from "node:path";
import { VERSION } from "amortis";
import { writeBytes } from "amortis/files";
import {
  curvesPanel,
  figure,
  htmlFigure,
  htmlPage,
  htmlTable,
  palette,
  saveFigure,
  type Curve,
  type FigureRow,
  type LegendEntry,
  type Style,
} from "amortis/figures";
import { TASKS } from "@amortis/sbibm";
import { PUBLISHED } from "./published-scores.js";
import type { TaskResult } from "./results.js";
import { CLASSIFIERS, type ClassifierName } from "./scores.js";
import { meanC2st, ourCurve, publishedCurve } from "./summary.js";
import { benchmarkTable } from "./table.js";

const COLUMNS = 5;
const DASHES = ["", "6,3", "2,2", "8,2,2,2", "1,3"] as const;
const COLORS = [
  palette.blue,
  palette.vermillion,
  palette.green,
  palette.purple,
  palette.orange,
  palette.sky,
] as const;

const NAMES: Readonly<Record<ClassifierName, string>> = {
  mlp: "perceptron of sbibm",
  forest: "random forest of sbi",
};

/** Thin and grey, told apart by their dashes. */
function publishedStyle(i: number): Style {
  const dash = DASHES[i % DASHES.length];
  return { color: palette.grey, width: 1, ...(dash && { dash }) };
}

function ourStyle(i: number): Style {
  return { color: COLORS[i % COLORS.length] ?? palette.black, width: 2.6 };
}

/** The figure of one classifier's scores, as SVG; undefined where it has scored nothing. */
export function drawScores(
  results: readonly TaskResult[],
  classifier: ClassifierName,
): string | undefined {
  const scored = results.filter((one) => meanC2st(one, classifier) !== undefined);
  if (scored.length === 0) return undefined;
  const methods = [...new Set(scored.map(({ method }) => method))];
  const published = PUBLISHED.filter((one) => one.classifier === classifier);
  const legend: LegendEntry[] = [
    ...methods.map((method, i) => ({ label: method, style: ourStyle(i), mark: "dot" as const })),
    ...published.map(({ method, source }, i) => ({
      label: `${method} (${source})`,
      style: publishedStyle(i),
    })),
  ];
  const panels = TASKS.map((task) => {
    const ours = methods.map((method) => ourCurve(scored, method, task, classifier));
    const curves: Curve[] = [
      ...published.map((one, i) => {
        const { budgets, scores } = publishedCurve(one, task);
        return { x: budgets, y: scores, style: publishedStyle(i) };
      }),
      ...ours.map(({ budgets, scores }, i) => ({ x: budgets, y: scores, style: ourStyle(i) })),
    ];
    return curvesPanel({
      title: task,
      curves,
      points: ours.flatMap(({ budgets, scores }, i) =>
        budgets.map((x, at) => ({
          x,
          y: scores[at] ?? Number.NaN,
          style: ourStyle(i),
          symbol: "circle" as const,
        })),
      ),
      xLabel: "simulations",
      yLabel: "C2ST",
      xLog: true,
      xDomain: [700, 150_000],
      yDomain: [0.48, 1],
      width: 250,
      height: 220,
    });
  });
  const rows: FigureRow[] = [
    // Legends have one line each: ours and what was published need not fit into one.
    { legend: legend.slice(0, methods.length), panels: [] },
    { legend: legend.slice(methods.length), panels: [] },
  ];
  for (let at = 0; at < panels.length; at += COLUMNS) {
    rows.push({ panels: panels.slice(at, at + COLUMNS) });
  }
  return figure({
    title: "sbibm: how well posteriors can be told from the exact ones",
    subtitle: `C2ST by the ${NAMES[classifier]}, mean over observations and seeds; 0.5 is perfect`,
    rows,
  });
}

/**
 * Writes report.html and a figure for each classifier, scores-<classifier>.svg.
 *
 * @param results all that there are.
 */
export async function writeReport(
  results: readonly TaskResult[],
  directory: string,
): Promise<void> {
  const drawn: string[] = [];
  for (const classifier of CLASSIFIERS) {
    const svg = drawScores(results, classifier);
    if (svg === undefined) continue;
    await saveFigure(join(directory, `scores-${classifier}.svg`), svg);
    const caption = `C2ST by the ${NAMES[classifier]}. Thin lines: published, means over ten observations. Scores of the two classifiers are not to be compared.`;
    drawn.push(htmlFigure(svg, caption));
  }
  const body = `<p>The benchmark of Lueckmann, Boelts, Greenberg, Goncalves and Macke, “Benchmarking Simulation-Based Inference” (arXiv 2101.04653), run by Amortis ${VERSION}.
C2ST is the accuracy of a classifier that tells 10,000 draws from as many of the exact posterior, 0.5 where it cannot: means over observations, with their standard errors.
The published NPE is of the same observations; the best published is the least of NPE, NLE and NRE over ten. Errors of means and of log standard
deviations are root mean squares over parameters, in standard deviations of the exact posterior. The log density is that of true parameters over fresh simulations,
which needs no reference: higher is better.</p>
${drawn.join("\n")}
<h2>Results</h2>
${htmlTable(benchmarkTable(results))}`;
  const html = htmlPage("The benchmark sbibm", body);
  await writeBytes(join(directory, "report.html"), new TextEncoder().encode(html));
}
