/**
 * Figures: panels in rows, with titles and legends, as one SVG document that stands alone.
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import { UnsupportedError } from "@amortis/graph";
import { writeBytes } from "../files/bytes.js";
import type { Style } from "./palette.js";
import type { Panel } from "./panel.js";

/** One line of a legend. */
export interface LegendEntry {
  readonly label: string;
  readonly style: Style;
  /** What is drawn beside the label; a line unless said. */
  readonly mark?: "line" | "dot" | "circle" | "diamond" | "cross" | "area";
  /** The mark without a line through it. */
  readonly alone?: boolean;
}

/** Panels side by side. */
export interface FigureRow {
  readonly title?: string;
  readonly legend?: readonly LegendEntry[];
  readonly panels: readonly Panel[];
}

/** What a figure is made of. */
export interface FigureOptions {
  readonly title: string;
  /** A line of smaller text under the title. */
  readonly subtitle?: string;
  readonly rows: readonly FigureRow[];
}

const KNOWN: KnownOptions<FigureOptions> = { title: true, subtitle: true, rows: true };

const MARGIN = 20;
const GAP = 16;
/** Between a row of panels and the titles of the next. */
const ROW_GAP = 10;
const FONTS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";
/** Mean width of a letter, in parts of the font's size: there is nothing here to measure text with. */
const LETTER = 0.52;

/**
 * Puts panels together.
 *
 * @returns an SVG document.
 * @example await saveFigure("out/recovery.svg", figure({ title: "Recovery", rows: [{ panels: [recoveryPanel(answers)] }] }));
 */
export function figure(options: FigureOptions): string {
  requireKnown("figure", options, KNOWN);
  const { title, subtitle, rows } = options;
  const parts: string[] = [];
  let y = MARGIN + 16;
  parts.push(text(MARGIN, y, title, 'font-size="18" font-weight="bold"'));
  if (subtitle !== undefined) {
    y += 20;
    parts.push(text(MARGIN, y, subtitle, 'font-size="13" fill="#444444"'));
  }
  y += 4;
  let width = 0;
  for (const [i, row] of rows.entries()) {
    if (i > 0) y += ROW_GAP;
    const drawn = drawRow(row, y);
    parts.push(drawn.content);
    y += drawn.height;
    width = Math.max(width, drawn.width);
  }
  const [w, h] = [Math.ceil(width + MARGIN), Math.ceil(y + MARGIN / 2)];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img" ` +
    `font-family="${FONTS}" color="#1a1a1a" fill="currentColor">\n` +
    `<title>${escape(title)}</title>\n<rect width="${w}" height="${h}" fill="white"/>\n${parts.join("\n")}\n</svg>\n`
  );
}

interface Drawn {
  readonly content: string;
  readonly width: number;
  readonly height: number;
}

function drawRow({ title, legend = [], panels }: FigureRow, top: number): Drawn {
  const parts: string[] = [];
  let y = top;
  let right = 0;
  if (title !== undefined || legend.length > 0) {
    y += 26;
    let x = MARGIN;
    if (title !== undefined) {
      parts.push(text(x, y, title, 'font-size="14" font-weight="bold"'));
      x += title.length * 14 * LETTER + 1.5 * GAP;
    }
    const drawn = drawLegend(legend, x, y);
    parts.push(drawn.content);
    right = x + drawn.width;
    y += 10;
  }
  if (panels.some((panel) => panel.title !== undefined)) y += 18;
  let x = MARGIN;
  for (const { title, width, content } of panels) {
    if (title !== undefined) parts.push(text(x, y - 4, title, 'font-size="13"'));
    parts.push(`<g transform="translate(${x},${y})">${content}</g>`);
    x += width + GAP;
  }
  const height = y - top + Math.max(0, ...panels.map((panel) => panel.height));
  return { content: parts.join("\n"), width: Math.max(right, x - GAP), height };
}

function drawLegend(entries: readonly LegendEntry[], left: number, baseline: number): Drawn {
  const parts: string[] = [];
  let x = left;
  for (const { label, style, mark = "line", alone = false } of entries) {
    const y = baseline - 4.5;
    const stroke = `stroke="${style.color}" stroke-width="${style.width ?? 1.5}"`;
    const dash = style.dash === undefined ? "" : ` stroke-dasharray="${style.dash}"`;
    if (!alone && mark !== "area") {
      parts.push(`<path d="M${x},${y}h28" fill="none" ${stroke}${dash}/>`);
    }
    parts.push(drawMark(mark, x + 14, y, style.color, stroke));
    parts.push(text(x + 34, baseline, label, 'font-size="13"'));
    x += 34 + label.length * 13 * LETTER + 1.5 * GAP;
  }
  return { content: parts.join("\n"), width: x - left, height: 20 };
}

function drawMark(
  mark: NonNullable<LegendEntry["mark"]>,
  x: number,
  y: number,
  color: string,
  stroke: string,
): string {
  return {
    line: "",
    dot: `<circle cx="${x}" cy="${y}" r="3.5" fill="${color}"/>`,
    circle: `<circle cx="${x}" cy="${y}" r="4" fill="white" ${stroke}/>`,
    diamond: `<path d="M${x},${y - 5}l5,5l-5,5l-5,-5z" fill="white" ${stroke}/>`,
    cross: `<path d="M${x - 4},${y - 4}l8,8m0,-8l-8,8" fill="none" ${stroke}/>`,
    area: `<rect x="${x - 14}" y="${y - 5}" width="28" height="10" fill="${color}" fill-opacity="0.25"/>`,
  }[mark];
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escape(content)}</text>`;
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * Writes a figure, whole or not at all.
 *
 * @param path ends in .svg.
 * @throws UnsupportedError where the name asks for another format; FileError where it cannot be written.
 */
export async function saveFigure(path: string, svg: string): Promise<void> {
  if (!path.toLowerCase().endsWith(".svg")) {
    throw new UnsupportedError(`figures are written as SVG, so name ${path} with .svg at its end`);
  }
  await writeBytes(path, new TextEncoder().encode(svg));
}
