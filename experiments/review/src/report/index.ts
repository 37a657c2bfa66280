/**
 * Figures and report of the comparison.
 */
import { join } from "node:path";
import { writeBytes } from "amortis/files";
import { saveFigure } from "amortis/figures";
import type { ReviewResults } from "../results.js";
import { drawFigures } from "./figures/index.js";
import { reportHtml } from "./html.js";
import { toPng } from "./png.js";

/**
 * Writes report.html and figures as SVG, and then figures as PNG, into a directory.
 *
 * @throws ReviewError where pictures cannot be drawn; report and SVG are then there.
 */
export async function writeReport(results: ReviewResults, directory: string): Promise<void> {
  const figures = drawFigures(results);
  const html = reportHtml(results, figures);
  await writeBytes(join(directory, "report.html"), new TextEncoder().encode(html));
  for (const { name, svg } of figures) {
    await saveFigure(join(directory, "figures", `${name}.svg`), svg);
  }
  // Last, as they alone need what a machine may not have.
  for (const { name, svg } of figures) {
    await writeBytes(join(directory, "figures", `${name}.png`), await toPng(svg));
  }
}
