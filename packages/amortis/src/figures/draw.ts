/**
 * How panels are drawn: by Observable Plot, in a document that needs no browser, or in the page's.
 *
 * Apart from what panels are: Plot's types are of the DOM, which users of figures need not have.
 */
import { drawingDocument } from "#document";
import * as Plot from "@observablehq/plot";
import { FONT_SIZE, type Panel, type PanelOptions } from "./panel.js";

/** Draws a panel. */
export function drawPanel(
  { title, width = 480, height = 360 }: PanelOptions,
  options: Plot.PlotOptions,
): Panel {
  const svg = Plot.plot({ ...options, width, height, document: drawingDocument() });
  // Plot's style sheet is for a plot that stands alone in a page; in a figure it would override sizes.
  for (const style of svg.querySelectorAll("style")) style.remove();
  // Not every drawing program knows lengths in em.
  const drawn = svg.innerHTML.replaceAll(
    /\b(d?[xy])="(-?[\d.]+)em"/g,
    (_, name: string, length: string) => `${name}="${Number(length) * FONT_SIZE}"`,
  );
  const content = `<g text-anchor="middle" font-size="${FONT_SIZE}" fill="currentColor">${drawn}</g>`;
  return { ...(title !== undefined && { title }), width, height, content };
}

/** A scale whose label stands in the middle of its axis, without arrows. */
export function labelled(label: string, options: Plot.ScaleOptions = {}): Plot.ScaleOptions {
  return { label, labelAnchor: "center", labelArrow: "none", ...options };
}
