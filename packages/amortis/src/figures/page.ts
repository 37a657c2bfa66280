/**
 * Reports: HTML documents that stand alone, of words, tables and figures.
 */
const STYLE = `
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --quiet: #444; --line: #ddd; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --paper: #16181c; --quiet: #b4b4b4; --line: #3a3d44; } }
body { font: 16px/1.5 Helvetica, Arial, "DejaVu Sans", sans-serif; color: var(--ink); background: var(--paper); max-width: 1180px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; line-height: 1.2; } h2 { font-size: 1.25rem; margin-top: 2.2rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th:first-child, td:first-child, .words th, .words td { text-align: left; }
thead th { border-bottom: 2px solid var(--ink); }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; border-radius: 6px; } figcaption { font-size: .9rem; color: var(--quiet); }
.words td { min-width: 5rem; }
@media print { body { margin: 0; } figure, table { break-inside: avoid; } }`;

/** Text as HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * A table as HTML; the first row is its head.
 *
 * @param words whether cells are words, which stand to the left, and not numbers.
 */
export function htmlTable(rows: readonly (readonly string[])[], words = false): string {
  const [head = [], ...body] = rows;
  const cells = (row: readonly string[], tag: "td" | "th"): string =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return `<div class="wide"><table${words ? ' class="words"' : ""}><thead>${cells(head, "th")}</thead><tbody>${body.map((row) => cells(row, "td")).join("")}</tbody></table></div>`;
}

/** A figure, SVG, with a caption. */
export function htmlFigure(svg: string, caption: string): string {
  return `<figure>${svg}<figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

/**
 * A document.
 *
 * @param body HTML, after the title.
 * @example htmlPage("Scores", htmlTable([["task", "score"], ["two_moons", "0.52"]]))
 */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${body}
</body>
</html>
`;
}
