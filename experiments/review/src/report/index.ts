/**
 * Figures and report of the comparison.
 */
import { join } from "node:path";
import { writeBytes } from "amortis";
import { saveFigure } from "amortis/reports";
import type { ReviewResults } from "../results.js";
import { drawFigures } from "./figures.js";
import { reportHtml } from "./html.js";
import { toPng } from "./png.js";

/** Writes figures as SVG and PNG, and report.html, into a directory. */
export async function writeReport(results: ReviewResults, directory: string): Promise<void> {
  const figures = drawFigures(results);
  for (const { name, svg } of figures) {
    await saveFigure(join(directory, "figures", `${name}.svg`), svg);
    await writeBytes(join(directory, "figures", `${name}.png`), await toPng(svg));
  }
  const html = reportHtml(results, figures);
  await writeBytes(join(directory, "report.html"), new TextEncoder().encode(html));
}
